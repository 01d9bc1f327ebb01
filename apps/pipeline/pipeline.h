// SPDX-License-Identifier: Apache-2.0
// Pipeline: one configured chain from frame to lease.
//
//   preprocess -> Session::run -> decode -> rules -> leases
//
// Built and destroyed by the control thread, used by the frame thread in between. After
// warm_up() process() and tick() allocate nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/guard/client.h"
#include "apps/pipeline/config.h"
#include "apps/pipeline/decoders/decoder.h"
#include "apps/pipeline/events.h"
#include "apps/pipeline/image_health.h"
#include "apps/pipeline/preprocess.h"
#include "apps/pipeline/rules.h"
#include "drivers/camera/frame_source.h"
#include "runtime/session/session.h"

namespace pinfer {

struct PipelineOptions {
  FrameGeometry frame;  // of the frames to come
  // Time comes from the frames: none is ever too old, and nothing reads the clock.
  bool replay = false;
  ModelVersion model_version{};  // for events; empty: not told
};

// How long the parts of the latest frame took.
struct FrameTimings {
  Duration preprocess{};
  Duration inference{};
  Duration decision{};  // decoder, rules, leases
};

// How the `model:` section wants its session: `auto` stands for the cpu, 0 threads for all cores;
// PINFER_ISA caps the instruction sets. Error invalid_argument: an unknown instruction set.
Result<SessionOptions> session_options(const ModelConfig& config);

class Pipeline final {
 public:
  // Errors name the part: no picture input, no decoder, an unknown label, a bad backend.
  static Result<std::unique_ptr<Pipeline>> create(const Config& config,
                                                  const std::shared_ptr<const Model>& model,
                                                  const PipelineOptions& options);

  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Where leases go: `handles` in the order of Config::outputs. Without a client the rules run and
  // nothing is driven. The client outlives the pipeline.
  void connect(GuardClient* client, const LineHandles& handles) noexcept;
  // Where events go; may be null. Outlives the pipeline.
  void report_to(EventRing* events) noexcept { events_ = events; }
  // One inference on a black picture, so that the first frame pays for nothing. Decides nothing;
  // timings() tell how long it took.
  Status warm_up() noexcept;

  // One frame. ok: decided. timeout: the frame is, or became, older than frame_max_age. cancelled:
  // the picture is black, overexposed or frozen. Anything else: the model failed. Unless ok, every
  // output goes to its safe level, with the cause.
  Status process(const Frame& frame) noexcept;
  // Time without a frame: pulses end, delays run out, old frames lose their say. Live only.
  void tick(MonotonicTime now) noexcept;
  // Every output to its safe level until a fresh frame decides again.
  void withhold(Cause cause, MonotonicTime now) noexcept;
  // When tick() has something to do next.
  [[nodiscard]] std::optional<MonotonicTime> next_tick() const noexcept;

  // After a reload: unchanged rules go on where `old` was, unchanged lines keep their leases.
  void adopt_state_from(const Pipeline& old) noexcept;

  [[nodiscard]] const FrameGeometry& frame_geometry() const noexcept {
    return preprocess_.frame_geometry();
  }
  [[nodiscard]] const Predictions& predictions() const noexcept { return predictions_; }
  [[nodiscard]] const FrameTimings& timings() const noexcept { return timings_; }
  // How often an output has changed its mind or all have been withheld: when it grows, the frame
  // just processed is the reason.
  [[nodiscard]] std::uint64_t turns() const noexcept { return turns_; }
  [[nodiscard]] const ImageHealth& image_health() const noexcept { return image_; }
  [[nodiscard]] const std::vector<std::string>& labels() const noexcept { return labels_; }
  // The level that the rules ask for, by index into Config::outputs.
  [[nodiscard]] bool wanted(std::size_t output) const noexcept { return lines_[output].wanted; }
  [[nodiscard]] const RuleSet& rules() const noexcept { return rules_; }

 private:
  struct OutputLine {
    OutputName name;
    LineHandle handle = LineHandle::none;
    std::optional<std::size_t> rule;  // index into rules_; none: always safe
    bool safe_active = false;
    Duration ttl{};
    bool wanted = false;  // what the rule asked for last
    bool leased = false;  // away from the safe level, or a release has not got through yet
  };

  Pipeline(Session session, Preprocess preprocess)
      : session_(std::move(session)),
        preprocess_(std::move(preprocess)),
        meter_(preprocess_.frame_geometry()) {}
  std::optional<Cause> judge_picture(const Frame& frame) noexcept;
  void note_view(MonotonicTime at) noexcept;
  [[nodiscard]] Duration lease_time(const OutputLine& line) const noexcept;
  Status infer(const Frame& frame) noexcept;
  void play_until(MonotonicTime time) noexcept;
  void drive(MonotonicTime at, bool timed) noexcept;
  void renew(OutputLine& line) noexcept;
  void release(OutputLine& line, Cause cause) noexcept;
  void note_prediction(MonotonicTime at) noexcept;
  Event make_event(EventKind kind, MonotonicTime at) const noexcept;
  [[nodiscard]] MonotonicTime now(const Frame& frame) const noexcept;

  Session session_;
  Preprocess preprocess_;
  const Decoder* decoder_ = nullptr;
  DecodeOptions decode_options_;
  std::vector<Tensor> outputs_;
  std::vector<std::string> labels_;
  RuleSet rules_;
  std::vector<OutputLine> lines_;
  Duration frame_max_age_{};
  Duration stale_after_{};  // a moment less
  bool replay_ = false;

  GuardClient* guard_ = nullptr;
  EventRing* events_ = nullptr;

  Predictions predictions_;
  FrameTimings timings_;
  ImageMeter meter_;
  HealthJudge judge_;
  ImageHealth image_;   // of the newest frame
  bool moved_ = false;  // what the last view event said
  std::uint64_t turns_ = 0;
  ModelVersion model_version_;
  std::uint64_t sequence_ = 0;          // of the newest frame
  MonotonicTime captured_at_;           // of the newest frame
  bool saw_frame_ = false;              // there has been one
  bool has_frame_ = false;              // a frame has decided
  std::optional<Cause> withheld_;       // why outputs are safe now; none: frames decide
  std::int32_t best_class_ = kNoClass;  // of the last prediction event
  static constexpr std::int32_t kNoClass = -1;
};

}  // namespace pinfer
