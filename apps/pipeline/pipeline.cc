// SPDX-License-Identifier: Apache-2.0
// Set-up of Pipeline; pipeline_run.cc has the hot half.
#include "apps/pipeline/pipeline.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "drivers/camera/picture.h"

namespace pinfer {
namespace {

Result<IsaBits> isa_of(const ModelConfig& config) {
  PINFER_TRY(IsaBits isa, cap_isa(detect_isa(), config.isa));
  if (const char* cap = std::getenv("PINFER_ISA"); cap != nullptr) {
    PINFER_TRY(isa, cap_isa(isa, cap));
  }
  return isa;
}

Result<Preprocess> make_preprocess(const ModelConfig& config, const Session& session,
                                   const FrameGeometry& frame) {
  if (session.input_count() != 1)
    return fail(ErrorCode::unsupported,
                "{}: the model has {} inputs; a pipeline feeds one picture to a model with one",
                session.model().path, session.input_count());
  static const InputMetadata kNone;
  const auto& inputs = session.model().metadata.inputs;
  const Normalisation& own = inputs.empty() ? kNone.normalisation : inputs[0].normalisation;
  const TensorInfo& input = *session.input(0).info;
  const PreprocessConfig merged =
      preprocess_config(config.input, input.dtype, own.mean, own.stddev);
  PINFER_TRY(const IsaBits isa, isa_of(config));
  auto preprocess = Preprocess::create(merged, frame, input, isa);
  if (!preprocess)
    return fail(preprocess.error().code, "{}: {}", session.model().path,
                preprocess.error().message);
  return preprocess;
}

// The view that the pictures are compared with, or none yet.
Result<View> reference_view(const HealthConfig& config) {
  if (config.reference.empty()) return View{};
  PINFER_TRY(const Picture picture, load_picture(config.reference));
  const Frame frame = picture.view();
  ImageMeter meter(geometry_of(frame));
  static_cast<void>(meter.measure(frame));
  return meter.view();
}

std::vector<std::string> find_labels(const ModelConfig& config, const Model& model) {
  if (!config.labels.empty()) return config.labels;
  for (const OutputMetadata& output : model.metadata.outputs)
    if (!output.labels.empty()) return output.labels;
  return {};
}

}  // namespace

Result<SessionOptions> session_options(const ModelConfig& config) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  SessionOptions options;
  options.threads =
      std::clamp(config.threads > 0 ? config.threads : cores, 1, ThreadPool::kMaxThreads);
  options.backend = config.backend == "auto" ? "cpu" : config.backend;
  options.armnn = {.devices = config.armnn.devices,
                   .fast_math = config.armnn.fast_math,
                   .fp16 = config.armnn.fp16};
  // systemd names the folder (CacheDirectory=); without one the GPU's shaders are compiled anew.
  if (const char* folder = std::getenv("CACHE_DIRECTORY"); folder != nullptr)
    options.cache_folder = folder;
  PINFER_TRY(options.isa, isa_of(config));
  return options;
}

Result<std::unique_ptr<Pipeline>> Pipeline::create(const Config& config,
                                                   const std::shared_ptr<const Model>& model,
                                                   const PipelineOptions& options) {
  PINFER_TRY(const SessionOptions how, session_options(config.model));
  PINFER_TRY(Session session, Session::create(model, how));
  PINFER_TRY(Preprocess preprocess, make_preprocess(config.model, session, options.frame));
  std::unique_ptr<Pipeline> pipeline(new Pipeline(std::move(session), std::move(preprocess)));
  for (std::size_t i = 0; i < pipeline->session_.output_count(); ++i)
    pipeline->outputs_.push_back(pipeline->session_.output(i));
  auto decoder = choose_decoder(config.decoder.type, pipeline->outputs_);
  if (!decoder)
    return fail(decoder.error().code, "{}: {}", config.model.path, decoder.error().message);
  pipeline->decoder_ = *decoder;
  const auto top_k = static_cast<std::size_t>(std::max(config.decoder.top_k, 0));
  pipeline->decode_options_ = {
      .top_k = top_k == 0 ? kMaxPredictions : std::min(top_k, kMaxPredictions),
      .min_score = config.decoder.min_score,
      .softmax = config.decoder.softmax,
      .geometry = pipeline->preprocess_.geometry()};
  pipeline->labels_ = find_labels(config.model, *model);
  PINFER_TRY(pipeline->rules_, RuleSet::create(config.rules, config.zones, pipeline->labels_));
  for (const OutputConfig& output : config.outputs) {
    OutputLine line;
    line.name = output.spec.name;
    line.safe_active = output.spec.safe_active;
    line.wanted = output.spec.safe_active;
    line.ttl = output.ttl;
    for (std::size_t i = 0; i < config.rules.size(); ++i)
      if (config.rules[i].output == output.name) line.rule = i;
    pipeline->lines_.push_back(line);
  }
  PINFER_TRY(const View reference, reference_view(config.health));
  pipeline->judge_ = HealthJudge(config.health, reference);
  pipeline->frame_max_age_ = config.frame_max_age;
  // Leases end at frame_max_age by themselves. The release comes a moment before: it has the cause.
  constexpr Duration kMoment = std::chrono::milliseconds(10);
  pipeline->stale_after_ = config.frame_max_age - std::min(kMoment, config.frame_max_age / 10);
  pipeline->replay_ = options.replay;
  pipeline->model_version_ = options.model_version;
  return pipeline;
}

void Pipeline::connect(GuardClient* client, const LineHandles& handles) noexcept {
  guard_ = client;
  for (std::size_t i = 0; i < lines_.size(); ++i)
    lines_[i].handle = i < handles.size() ? handles[i] : LineHandle::none;
}

Status Pipeline::warm_up() noexcept {
  const Tensor input = session_.input(0);
  std::fill_n(input.data, input.bytes(), std::byte{0});
  const MonotonicTime start = MonotonicTime::now();
  if (const Status status = session_.run(); status != Status::ok) return status;
  timings_.inference = MonotonicTime::now() - start;
  const Status status = decoder_->decode(outputs_, decode_options_, predictions_);
  predictions_.clear();
  // A network on zeros may well give no number; frames are judged one by one.
  static_cast<void>(status);
  return session_.reset_state();
}

void Pipeline::adopt_state_from(const Pipeline& old) noexcept {
  rules_.adopt_state_from(old.rules_);
  for (OutputLine& line : lines_) {
    const auto same =
        std::find_if(old.lines_.begin(), old.lines_.end(),
                     [&](const OutputLine& other) { return other.name == line.name; });
    // A line with another handle has been claimed anew, at its safe level.
    if (same == old.lines_.end() || same->handle != line.handle) continue;
    line.wanted = same->wanted;
    line.leased = same->leased;
  }
  sequence_ = old.sequence_;
  captured_at_ = old.captured_at_;
  saw_frame_ = old.saw_frame_;
  has_frame_ = old.has_frame_;
  image_ = old.image_;
  judge_.adopt_state_from(old.judge_);
  moved_ = old.moved_;
  turns_ = old.turns_;
  withheld_ = old.withheld_;
  // The classes of another model are other things.
  if (labels_ == old.labels_) best_class_ = old.best_class_;
}

}  // namespace pinfer
