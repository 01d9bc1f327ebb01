// SPDX-License-Identifier: Apache-2.0
// FrameLoop: the frame thread. Takes frames, runs the pipeline, never allocates, formats or waits
// for anything but the next frame.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "apps/pinferd/picture_shelf.h"
#include "apps/pipeline/events.h"
#include "apps/pipeline/pipeline_slot.h"
#include "drivers/camera/capture.h"
#include "runtime/core/aligned_buffer.h"

namespace pinfer {

// What the control thread may ask of the newest frame: copied when wanted, in at most one frame.
struct FrameCopy {
  AlignedBuffer pixels;  // large enough, or no picture is copied
  Frame frame;           // data points into `pixels`, or is null
  FixedVector<EventScore, kEventScores> scores;
  FrameTimings timings;
};

struct FrameCounts {
  std::uint64_t decided = 0;
  std::uint64_t withheld = 0;  // too old, or the model failed
  std::uint64_t skipped = 0;   // no pipeline for pictures of that size yet
  Duration since_last{};       // since the last frame that came
};

class FrameLoop final {
 public:
  struct Options {
    bool replay = false;            // no clock, nothing is skipped
    int notify_fd = -1;             // eventfd: events, a wanted geometry or the end are waiting
    PictureShelf* shelf = nullptr;  // keeps the pictures that change something
  };

  FrameLoop(Capture& capture, PipelineSlot& slot, EventRing& events, const Options& options)
      : capture_(capture), slot_(slot), events_(events), options_(options) {}
  FrameLoop(const FrameLoop&) = delete;
  FrameLoop& operator=(const FrameLoop&) = delete;

  // The body of the thread: until stop() or the end of the source. Leaves every output safe.
  void run() noexcept;

  // The rest is for the control thread.
  void stop() noexcept { stopping_.store(true, std::memory_order_release); }
  [[nodiscard]] bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }
  // Counts up at least ten times a second while the thread is well.
  [[nodiscard]] std::uint64_t heartbeat() const noexcept {
    return heartbeat_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] FrameCounts counts() const noexcept;
  // Pictures of this kind come, and no pipeline fits them.
  std::optional<FrameGeometry> wanted_geometry() noexcept;
  // There will be no pipeline for the frame that a replay waits with.
  void refuse_geometry() noexcept { refused_.store(true, std::memory_order_release); }

  // Asks for a copy of the next frame.
  void want_copy() noexcept { copy_wanted_.store(true, std::memory_order_release); }
  // Calls `use` with the latest copy while nobody changes it.
  template <class Use>
  void with_copy(Use&& use) {
    const std::lock_guard lock(copy_mutex_);
    use(copy_);
  }

 private:
  void on_frame(const Frame& frame) noexcept;
  void on_silence(Pipeline& pipeline) noexcept;
  Pipeline* find_pipeline(const Frame& frame) noexcept;
  void copy_frame(const Frame& frame, const Pipeline& pipeline) noexcept;
  void notify() noexcept;
  [[nodiscard]] MonotonicTime deadline(const Pipeline* pipeline) const noexcept;
  [[nodiscard]] bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }

  Capture& capture_;
  PipelineSlot& slot_;
  EventRing& events_;
  Options options_;
  std::atomic<bool> stopping_{false}, ended_{false}, refused_{false}, copy_wanted_{false};
  std::atomic<std::uint64_t> heartbeat_{0}, decided_{0}, withheld_{0}, skipped_{0};
  std::atomic<std::int64_t> last_frame_{0};  // CLOCK_MONOTONIC in ns
  std::uint64_t notified_events_ = 0;

  std::mutex geometry_mutex_;  // taken only when a picture of another size comes
  std::optional<FrameGeometry> wanted_geometry_;

  std::mutex copy_mutex_;  // the frame thread only tries
  FrameCopy copy_;
};

}  // namespace pinfer
