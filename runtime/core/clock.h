// SPDX-License-Identifier: Apache-2.0
// Monotonic time: nanoseconds that never jump when somebody sets the clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace pinfer {

using Duration = std::chrono::nanoseconds;

// CLOCK_MONOTONIC since boot; replay sources make their own from the frame times.
struct MonotonicTime {
  Duration since_boot{0};

  static MonotonicTime now() noexcept {
    return {
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
  }
  friend constexpr auto operator<=>(const MonotonicTime&, const MonotonicTime&) = default;
  friend constexpr Duration operator-(MonotonicTime a, MonotonicTime b) noexcept {
    return a.since_boot - b.since_boot;
  }
  friend constexpr MonotonicTime operator+(MonotonicTime a, Duration d) noexcept {
    return {a.since_boot + d};
  }
  friend constexpr MonotonicTime operator-(MonotonicTime a, Duration d) noexcept {
    return {a.since_boot - d};
  }
};

constexpr double to_ms(Duration d) noexcept {
  return std::chrono::duration<double, std::milli>(d).count();
}

}  // namespace pinfer
