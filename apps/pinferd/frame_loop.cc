// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/frame_loop.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "apps/pipeline/labels.h"

namespace pinfer {
namespace {

// The longest sleep: a new pipeline is taken and the heart beats at least this often.
constexpr Duration kStep = std::chrono::milliseconds(100);

}  // namespace

void FrameLoop::run() noexcept {
  ::pthread_setname_np(::pthread_self(), "pinfer-frame");
  Status status = Status::ok;
  while (!stopping()) {
    heartbeat_.fetch_add(1, std::memory_order_relaxed);
    Pipeline* pipeline = slot_.at_frame_boundary();
    Frame frame;
    status = capture_.next(frame, deadline(pipeline));
    if (status == Status::ok) {
      on_frame(frame);
    } else if (status == Status::timeout) {
      if (pipeline != nullptr) on_silence(*pipeline);
    } else {
      break;
    }
    if (events_.pushed() != notified_events_) notify();
  }
  if (Pipeline* pipeline = slot_.at_frame_boundary(); pipeline != nullptr)
    pipeline->withhold(Cause::service_stop, MonotonicTime::now());
  ended_.store(true, std::memory_order_release);
  notify();
}

MonotonicTime FrameLoop::deadline(const Pipeline* pipeline) const noexcept {
  const MonotonicTime step = MonotonicTime::now() + kStep;
  if (options_.replay || pipeline == nullptr) return step;
  const auto tick = pipeline->next_tick();
  return tick ? std::min(*tick, step) : step;
}

void FrameLoop::on_frame(const Frame& frame) noexcept {
  last_frame_.store(MonotonicTime::now().since_boot.count(), std::memory_order_relaxed);
  Pipeline* pipeline = find_pipeline(frame);
  if (pipeline == nullptr) {
    skipped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const std::uint64_t turns = pipeline->turns();
  const Status status = pipeline->process(frame);
  if (options_.shelf != nullptr && pipeline->turns() != turns) options_.shelf->keep(frame);
  (status == Status::ok ? decided_ : withheld_).fetch_add(1, std::memory_order_relaxed);
  if (copy_wanted_.load(std::memory_order_acquire)) copy_frame(frame, *pipeline);
}

void FrameLoop::on_silence(Pipeline& pipeline) noexcept {
  if (options_.replay) return;
  const MonotonicTime now = MonotonicTime::now();
  if (capture_.state() == CaptureState::lost)
    pipeline.withhold(Cause::camera_lost, now);
  else
    pipeline.tick(now);
}

// The pipeline for this frame. Asks the control thread for one when none fits; a replay waits for
// it.
Pipeline* FrameLoop::find_pipeline(const Frame& frame) noexcept {
  bool asked = false;
  while (!stopping()) {
    Pipeline* pipeline = slot_.at_frame_boundary();
    if (pipeline != nullptr && pipeline->frame_geometry() == geometry_of(frame)) return pipeline;
    if (!asked) {
      {
        const std::lock_guard lock(geometry_mutex_);
        wanted_geometry_ = geometry_of(frame);
      }
      notify();
      asked = true;
    }
    if (!options_.replay) {
      if (pipeline != nullptr) pipeline->tick(MonotonicTime::now());
      return nullptr;
    }
    if (refused_.load(std::memory_order_acquire)) return nullptr;
    heartbeat_.fetch_add(1, std::memory_order_relaxed);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return nullptr;
}

std::optional<FrameGeometry> FrameLoop::wanted_geometry() noexcept {
  const std::lock_guard lock(geometry_mutex_);
  return std::exchange(wanted_geometry_, std::nullopt);
}

void FrameLoop::copy_frame(const Frame& frame, const Pipeline& pipeline) noexcept {
  const std::unique_lock lock(copy_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  copy_wanted_.store(false, std::memory_order_relaxed);
  copy_.timings = pipeline.timings();
  copy_.scores.clear();
  for (const Prediction& prediction : pipeline.predictions()) {
    EventScore score{prediction.class_id, prediction.score, {}};
    assign_cut(score.label, label_of(pipeline.labels(), prediction.class_id));
    if (!copy_.scores.push_back(score)) break;
  }
  copy_.frame = frame;
  const std::size_t bytes = frame.stride * static_cast<std::size_t>(frame.height);
  const bool fits = bytes <= copy_.pixels.size();
  copy_.frame.data = fits ? reinterpret_cast<const std::uint8_t*>(copy_.pixels.data()) : nullptr;
  if (fits) std::memcpy(copy_.pixels.data(), frame.data, bytes);
}

FrameCounts FrameLoop::counts() const noexcept {
  const MonotonicTime last{Duration(last_frame_.load(std::memory_order_relaxed))};
  return {decided_.load(std::memory_order_relaxed), withheld_.load(std::memory_order_relaxed),
          skipped_.load(std::memory_order_relaxed), MonotonicTime::now() - last};
}

void FrameLoop::notify() noexcept {
  notified_events_ = events_.pushed();
  constexpr std::uint64_t kOne = 1;
  static_cast<void>(!::write(options_.notify_fd, &kOne, sizeof(kOne)));
}

}  // namespace pinfer
