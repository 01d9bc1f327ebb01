// SPDX-License-Identifier: Apache-2.0
// ReadWait: whether a read that has returned had to wait for its data.
#pragma once

#include "drivers/camera/capture_time.h"
#include "runtime/core/clock.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

// By what the kernel counts of the calling thread (/proc/thread-self/schedstat: time run, time
// ready but not run, in ns): the rest of the time it slept. A read that did not sleep found its
// data in a buffer of this machine. All calls are of one thread. Where the kernel does not count
// (CONFIG_SCHED_INFO) every read counts as one that waited.
class ReadWait final {
 public:
  void start() noexcept;
  // Of the read since start(), which has ended `now`.
  [[nodiscard]] Arrival end(MonotonicTime now) const noexcept;

 private:
  struct Counts {
    bool known = false;
    Duration run{}, ready{};
  };
  [[nodiscard]] Counts counts() const noexcept;

  UniqueFd file_;
  bool opened_ = false;
  MonotonicTime started_;
  Counts before_;
};

}  // namespace pinfer
