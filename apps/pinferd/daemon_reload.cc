// SPDX-License-Identifier: Apache-2.0
// Configurations become pipelines, at the start and while frames go on.
#include <algorithm>

#include "apps/pinferd/daemon_loop.h"
#include "apps/pinferd/notify.h"
#include "drivers/camera/address.h"
#include "drivers/camera/device_memory.h"

namespace pinfer {
namespace {

// Pictures of this size are assumed until the first one comes.
constexpr FrameGeometry kUsualPicture{640, 480, PixelFormat::bgr8};

std::vector<LineSpec> specs_of(const Config& config) {
  std::vector<LineSpec> specs;
  for (const OutputConfig& output : config.outputs) specs.push_back(output.spec);
  return specs;
}

// A slow camera is not a lost one: three pictures may stay out.
CaptureOptions patience_for(const CameraConfig& camera) {
  CaptureOptions options;
  if (camera.fps > 0.0)
    options.silence = std::max(
        options.silence,
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(3.0 / camera.fps)));
  return options;
}

}  // namespace

ConfigLoad Daemon::read_config() const {
  ConfigOptions options;
  options.boards_dir = options_.boards_dir;
  return load_config(options_.config_path, options);
}

void Daemon::complain(const std::vector<Diagnostic>& diagnostics) const {
  for (const Diagnostic& diagnostic : diagnostics) {
    const bool error = diagnostic.severity == Severity::error;
    log_.plain(error ? LogLevel::error : LogLevel::warning, render_text(diagnostic));
  }
}

Result<void> Daemon::load_first_config() {
  const ConfigLoad load = read_config();
  complain(load.diagnostics);
  if (!load) {
    note_cause(Cause::bad_config);
    return fail(ErrorCode::config, "{}: cannot be used", options_.config_path);
  }
  config_ = *load.config;
  if (options_.format) config_.log.format = *options_.format;
  log_.configure(config_.log);
  const bool sized = config_.camera.width > 0 && config_.camera.height > 0;
  geometry_ = sized ? FrameGeometry{config_.camera.width, config_.camera.height, PixelFormat::bgr8}
                    : kUsualPicture;
  open_journal();
  log_.info("{}: {} outputs, {} rules, model {}, camera {}", options_.config_path,
            config_.outputs.size(), config_.rules.size(), config_.model.path,
            without_credentials(config_.camera.source));
  // The camera opens on its own thread while the model is read here.
  PINFER_TRY(capture_, Capture::start(opener(config_.camera), patience_for(config_.camera)));
  PINFER_CHECK(watch(capture_->changed_fd(), Wake::camera));
  const auto model = models_.get(config_.model.path);
  if (!model) {
    note_cause(Cause::no_valid_model);
    return tl::unexpected(model.error());
  }
  auto labels = check_model_labels(load, **model);
  if (!labels) note_cause(Cause::bad_config);
  return labels;
}

// The outputs are at their safe level for a reason that no frame knows of.
void Daemon::note_cause(Cause cause) {
  Event event;
  event.kind = EventKind::withheld;
  event.cause = cause;
  event.has_frame = false;
  event.at = MonotonicTime::now();
  emit(event);
}

// Rules that name a label which the model's own list does not have.
Result<void> Daemon::check_model_labels(const ConfigLoad& load, const Model& model) {
  if (!load.config->model.labels.empty()) return {};
  for (const OutputMetadata& output : model.metadata.outputs) {
    if (output.labels.empty()) continue;
    const std::vector<Diagnostic> unknown = check_labels(load, output.labels);
    if (has_errors(unknown)) return fail(ErrorCode::config, "{}", render_text(unknown));
    return {};
  }
  return {};
}

// A file that cannot be used changes nothing: the old pipeline goes on.
void Daemon::reload(std::string_view why) {
  if (ready_) notify_reloading();
  const bool reloaded = try_reload(why);
  if (ready_) notify_ready((reloaded ? "" : "reload refused; ") + status_line());
}

bool Daemon::try_reload(std::string_view why) {
  const ConfigLoad load = read_config();
  complain(load.diagnostics);
  if (!load) {
    log_.error("{}: not reloaded ({}); the configuration from before goes on", options_.config_path,
               why);
    return false;
  }
  Config next = *load.config;
  if (options_.format) next.log.format = *options_.format;
  if (next == config_ && !models_.is_stale(next.model.path)) {
    log_.info("{}: reloaded ({}), nothing has changed", options_.config_path, why);
    return true;
  }
  if (const auto applied = apply(next, load); !applied) {
    log_.plain(LogLevel::error, applied.error().message);
    log_.error("{}: not reloaded ({}); the configuration from before goes on", options_.config_path,
               why);
    return false;
  }
  log_.info("{}: reloaded ({})", options_.config_path, why);
  return true;
}

Result<void> Daemon::apply(const Config& next, const ConfigLoad& load) {
  PINFER_TRY(std::shared_ptr<const Model> model, models_.get(next.model.path));
  PINFER_CHECK(check_model_labels(load, *model));
  PINFER_TRY(std::unique_ptr<Pipeline> pipeline, build(next, std::move(model)));
  // From here on nothing can fail but the guard, and that before anything has changed.
  if (specs_of(next) != specs_of(config_) || next.guard.estop != config_.guard.estop) {
    PINFER_TRY(handles_, configure_lines(next));
  }
  const CameraConfig before = config_.camera;
  const bool another_journal = next.journal != config_.journal;
  if (next.guard.socket != config_.guard.socket)
    log_.warn("guard.socket: a new socket counts from the next start on");
  config_ = next;
  log_.configure(config_.log);
  if (another_journal) open_journal();
  edges_.set_outputs(config_.outputs);
  post(std::move(pipeline));
  if (config_.camera != before) capture_->reopen(opener(config_.camera));
  return {};
}

Result<std::unique_ptr<Pipeline>> Daemon::build_as(const Config& config,
                                                   const std::shared_ptr<const Model>& model) {
  PipelineOptions options{.frame = geometry_, .replay = is_replay(config.camera)};
  assign_cut(options.model_version, models_.version());
  PINFER_TRY(std::unique_ptr<Pipeline> pipeline, Pipeline::create(config, model, options));
  if (const Status status = pipeline->warm_up(); status != Status::ok)
    return fail(ErrorCode::invalid_model, "{}: the model fails on a black picture: {}",
                config.model.path, to_string(status));
  warn_of_short_leases(config, pipeline->timings().inference);
  return pipeline;
}

// A lease that ends before the next decision makes the line flicker. The first inference is the
// slowest, so this asks for about twice what the later ones take.
void Daemon::warn_of_short_leases(const Config& config, Duration inference) const {
  for (const OutputConfig& output : config.outputs)
    if (output.ttl < inference)
      log_.warn(
          "outputs.{}.ttl: {:.0f} ms is short for an inference of {:.0f} ms; at least {:.0f} ms "
          "would outlast a late frame",
          output.name, to_ms(output.ttl), to_ms(inference), 3.0 * to_ms(inference));
}

Result<LineHandles> Daemon::configure_lines(const Config& config) {
  if (guard_ == nullptr) return LineHandles{};
  return guard_->configure(specs_of(config), config.guard.estop);
}

void Daemon::post(std::unique_ptr<Pipeline> pipeline) {
  pipeline->connect(guard_ != nullptr ? guard_->client() : nullptr, handles_);
  pipeline->report_to(&events_);
  slot_.collect();  // the frame thread takes nothing while the last one waits here
  slot_.post(std::move(pipeline));
  has_pipeline_ = true;
  if (ready_) return;
  ready_ = true;
  notify_ready(status_line());
  log_.info("ready after {:.2f} s", to_ms(MonotonicTime::now() - started_) / 1000.0);
}

// The same configuration for another guard connection or another picture size.
void Daemon::rebuild(std::string_view why) {
  auto model = models_.get(config_.model.path);
  auto pipeline = model ? build(config_, *model) : tl::unexpected(model.error());
  if (pipeline) return post(std::move(*pipeline));
  frames_->refuse_geometry();
  if (!has_pipeline_ || is_replay(config_.camera)) {
    if (!has_pipeline_) note_cause(Cause::no_valid_model);
    return finish(pipeline.error());
  }
  log_.error("{}: {}", why, pipeline.error().message);
}

void Daemon::note_geometry() {
  if (frames_ == nullptr) return;
  const auto wanted = frames_->wanted_geometry();
  // A pipeline for these pictures is on its way, or has been refused.
  if (!wanted || (has_pipeline_ && *wanted == geometry_)) return;
  geometry_ = *wanted;
  prepare_shelf();
  rebuild(fmt::format("pictures of {}x{}", geometry_.width, geometry_.height));
}

// Without a camera everything else must still be proved: the model, the lines, the rules.
void Daemon::build_first_pipeline() {
  constexpr Duration kPatience = std::chrono::seconds(2);
  if (has_pipeline_ || frames_ == nullptr) return;
  const bool waiting =
      camera_state_ != CaptureState::lost && MonotonicTime::now() - started_ < kPatience;
  if (!waiting) rebuild("no picture yet");
}

bool Daemon::is_replay(const CameraConfig& camera) const {
  if (options_.realtime) return false;
  const auto address = parse_source(camera.source);
  return address && (address->kind == SourceKind::pattern ||
                     address->kind == SourceKind::pictures || address->kind == SourceKind::clip);
}

SourceOpener Daemon::opener(const CameraConfig& camera) const {
  SourceSpec spec;
  spec.uri = camera.source;
  spec.width = camera.width;
  spec.height = camera.height;
  spec.fps = camera.fps;
  spec.loop = camera.loop;
  spec.realtime = options_.realtime;
  return remembering_opener(std::move(spec), options_.open_source);
}

}  // namespace pinfer
