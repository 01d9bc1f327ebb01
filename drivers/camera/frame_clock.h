// SPDX-License-Identifier: Apache-2.0
// FrameClock: when frame n of a clip, folder or pattern is due, and what time it carries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>

#include "runtime/core/clock.h"
#include "runtime/core/status.h"

namespace pinfer {

// Replay: frame n carries n / fps, nothing waits. Real time: the first frame is due when it is
// asked for, the others follow at the frame rate, and each carries the moment it was due.
class FrameClock final {
 public:
  FrameClock() = default;
  FrameClock(double fps, bool realtime) noexcept : fps_(fps), realtime_(realtime) {}

  [[nodiscard]] bool realtime() const noexcept { return realtime_; }
  [[nodiscard]] double fps() const noexcept { return fps_; }

  // Computed from n each time: errors do not add up.
  [[nodiscard]] MonotonicTime time_of(std::uint64_t n) const noexcept {
    return start_ + Duration(static_cast<std::int64_t>(static_cast<double>(n) * 1e9 / fps_));
  }

  // Waits until frame n is due. timeout: it is not due before `deadline`.
  Status wait_for(std::uint64_t n, MonotonicTime deadline) noexcept {
    if (!realtime_) return Status::ok;
    if (!started_) {
      start_ = MonotonicTime::now();
      started_ = true;
    }
    const MonotonicTime due = time_of(n);
    const MonotonicTime now = MonotonicTime::now();
    if (due > now) std::this_thread::sleep_for(std::min(due, deadline) - now);
    return due <= deadline ? Status::ok : Status::timeout;
  }

  // The newest frame that is due now, for sources that skip what nobody took: >= n.
  [[nodiscard]] std::uint64_t newest_due(std::uint64_t n) const noexcept {
    if (!realtime_ || !started_) return n;
    const double elapsed = static_cast<double>((MonotonicTime::now() - start_).count());
    return std::max(n, static_cast<std::uint64_t>(std::max(0.0, elapsed * fps_ / 1e9)));
  }

 private:
  double fps_ = 30.0;
  bool realtime_ = false;
  bool started_ = false;
  MonotonicTime start_{};
};

}  // namespace pinfer
