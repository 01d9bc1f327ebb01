// SPDX-License-Identifier: Apache-2.0
// Which backend runs the model: `auto` starts on the cpu, has the others measured by a process of
// its own, and changes between two frames; and what takes over from a backend that fails.
#include "apps/pinferd/daemon_loop.h"

namespace pinfer {

// What a choice is for.
std::string Daemon::tuned_thing(const Config& config) const {
  return fmt::format("{} {} {}", models_.version(), config.model.threads, config.model.isa);
}

// Whether what has been measured decides for this configuration.
bool Daemon::is_choice(const Config& config) const {
  return config.model.backend == "auto" && choice_ && tuned_thing(config) == choice_for_ &&
         models_.version() != failed_on_;
}

// The configuration with the backend and the threads that it comes to now.
Config Daemon::settled(const Config& config) const {
  Config settled = config;
  if (models_.version() == failed_on_) settled.model.backend = "cpu";
  if (is_choice(config)) {
    settled.model.backend = choice_->backend;
    settled.model.threads = choice_->threads;
  }
  return settled;
}

void Daemon::tune_where_asked() {
  if (tuner_ != nullptr || !ready_ || options_.tuner.empty() || config_.model.backend != "auto" ||
      is_replay(config_.camera) || tuned_thing(config_) == choice_for_ ||
      MonotonicTime::now() - started_ < options_.tune_after)
    return;
  choice_.reset();
  choice_for_ = tuned_thing(config_);
  auto tuner = TunerProcess::start({options_.tuner, "--choose-backend", "--config",
                                    options_.config_path, "--boards", options_.boards_dir});
  if (!tuner) return log_.warn("model.backend: auto stays on the cpu: {}", tuner.error().message);
  if (const auto watched = watch((*tuner)->fd(), Wake::tuner); watched) tuner_ = std::move(*tuner);
}

void Daemon::on_tuner() {
  if (tuner_ == nullptr || !tuner_->read()) return;
  const std::string text = tuner_->text();
  tuner_.reset();
  if (tuned_thing(config_) != choice_for_) return;  // changed meanwhile: on_timer asks again
  choice_ = parse_choice(text);
  if (!choice_) return log_.warn("model.backend: auto stays on the cpu: the tuning failed");
  log_.info("model.backend: auto is {}", choice_->why);
  rebuild("another backend");
}

// A choice that does not run any more falls back to the cpu. A backend that the file names does
// not: whoever named it must learn why it cannot be had.
Result<std::unique_ptr<Pipeline>> Daemon::build(const Config& config,
                                                std::shared_ptr<const Model> model) {
  const Config settled_config = settled(config);
  const std::string& backend = settled_config.model.backend;
  auto pipeline = build_as(settled_config, model);
  if (pipeline || backend == "cpu" || backend == "auto") return pipeline;
  if (is_choice(config)) {
    log_.error("model.backend: auto falls back to the cpu: {}", pipeline.error().message);
    failed_on_ = models_.version();
    return build_as(settled(config), model);
  }
  PINFER_TRY(const SessionOptions options, session_options(settled_config.model));
  const auto session = Session::create(std::move(model), options);
  if (session) return pipeline;  // another part of the chain is wrong
  return fail(ErrorCode::config,
              "{}: model.backend: {} cannot run the model here: {}; `backend: auto` takes the "
              "fastest of those that can, `backend: cpu` runs every model",
              options_.config_path, backend, session.error().message);
}

// A driver that has gone takes every inference with it. The cpu needs none.
void Daemon::on_model_fault() {
  const std::string backend = settled(config_).model.backend;
  if (backend == "cpu" || backend == "auto") return;
  log_.error("model.backend: {} fails; the cpu takes over until the model or the daemon is new",
             backend);
  failed_on_ = models_.version();
  rebuild("the backend fails");
}

}  // namespace pinfer
