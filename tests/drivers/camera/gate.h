// SPDX-License-Identifier: Apache-2.0
// Gate: where a fake driver hangs until the test lets it go.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "runtime/core/clock.h"

namespace pinfer::testing {

class Gate final {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// Asks `condition` every millisecond until it holds or `timeout` has passed.
template <class Condition>
bool eventually(Condition condition, Duration timeout = std::chrono::seconds(30)) {
  const MonotonicTime end = MonotonicTime::now() + timeout;
  while (!condition()) {
    if (MonotonicTime::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace pinfer::testing
