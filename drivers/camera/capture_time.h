// SPDX-License-Identifier: Apache-2.0
// When a picture was taken: from the driver's stamp where there is one, else from its arrival.
// Pure.
#pragma once

#include <algorithm>

#include "runtime/core/clock.h"

namespace pinfer {

// How a picture came.
struct Arrival {
  bool waited = true;  // the reader waited for it: nothing lay in a buffer of this machine
  Duration late{};     // the reader could have had it so much earlier, but got no processor
};

// For sources without a stamp. A picture that arrives after a gap may have been on its way for as
// long as the gap: a stalled connection delivers its backlog first, and fast. So after a gap the
// pictures count as that old until the backlog must be used up:
// - each picture was taken one period or more after the one before it, so its age falls by what the
//   arrivals are quicker than the camera;
// - several pictures at the camera's own pace: nothing waits any more.
// A reader that is slower than the camera makes a backlog of its own, without any gap: pictures
// that it did not wait for count from the last one that it did wait for.
class ArrivalClock final {
 public:
  // The earliest moment at which the picture that arrives now may have been taken.
  MonotonicTime captured_at(MonotonicTime now, const Arrival& arrival = {}) noexcept {
    if (!started_) {
      started_ = true;
      last_ = now;
      return now;
    }
    const Duration step = now - last_;
    last_ = now;
    const Duration age_before = std::max(backlog_, unread_);
    unread_ = arrival.waited ? arrival.late : std::max(unread_ + step - period_, Duration::zero());
    follow(step, arrival.waited, age_before);
    return now - std::max(backlog_, unread_);
  }

 private:
  void follow(Duration step, bool waited, Duration age_before) noexcept {
    if (period_ > Duration::zero() && step > std::max(kGap, 3 * period_)) {
      backlog_ = age_before + step - period_;
      window_count_ = 0;
      window_time_ = {};
    } else if (backlog_ > Duration::zero()) {
      drain(step);
    } else if (waited) {  // else it is the reader's period
      period_ = period_ == Duration::zero() ? step : period_ + (step - period_) / 8;
    }
  }

  void drain(Duration step) noexcept {
    constexpr int kWindow = 5;
    backlog_ = std::max(backlog_ + step - period_, Duration::zero());
    window_time_ += step;
    if (++window_count_ < kWindow) return;
    if (4 * window_time_ >= 3 * kWindow * period_) backlog_ = Duration::zero();
    window_count_ = 0;
    window_time_ = {};
  }

  static constexpr Duration kGap = std::chrono::milliseconds(100);
  bool started_ = false;
  MonotonicTime last_;
  Duration period_{};   // from one picture to the next, smoothed
  Duration backlog_{};  // how old the newest picture may be, by gaps
  Duration unread_{};   // the same, by what lay unread
  int window_count_ = 0;
  Duration window_time_{};
};

// For drivers that stamp their buffers with CLOCK_MONOTONIC, as nearly all V4L2 drivers do. The
// first picture tells; from then on the stamp counts, however old it is.
class DriverClock final {
 public:
  MonotonicTime captured_at(MonotonicTime stamp, MonotonicTime now,
                            MonotonicTime arrival) noexcept {
    constexpr Duration kNear = std::chrono::seconds(2);
    if (!decided_) {
      decided_ = true;
      trusted_ = stamp <= now && now - stamp < kNear;
    }
    return trusted_ ? std::min(stamp, now) : arrival;
  }

 private:
  bool decided_ = false;
  bool trusted_ = false;
};

}  // namespace pinfer
