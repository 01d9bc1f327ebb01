// SPDX-License-Identifier: Apache-2.0
// OnTimes: when a line was on, as far back as its limits look. Pure, no heap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "apps/guard/limits.h"
#include "runtime/core/clock.h"

namespace pinfer {

// When more than kSpans times on are kept, the two oldest become one with the pause between them:
// on time is counted too high then, never too low, and kMaxEdges level changes are always told
// apart.
class OnTimes final {
 public:
  OnTimes() = default;
  // Nothing is known of the time before `now`: the line may have gone off just then.
  explicit OnTimes(MonotonicTime now) noexcept : since_(now) {}

  void start(MonotonicTime now) noexcept;
  void end(MonotonicTime now) noexcept;
  // It was on until now after all: its wire had not followed.
  void stretch(MonotonicTime now) noexcept;

  [[nodiscard]] bool on() const noexcept { return on_; }
  // The last level change.
  [[nodiscard]] MonotonicTime since() const noexcept { return since_; }
  // Time on within the last `window`.
  [[nodiscard]] Duration used(Duration window, MonotonicTime now) const noexcept;
  // When a line that is on now will have used `budget` of the last `window`, if it stays on.
  [[nodiscard]] MonotonicTime spent_at(Duration window, Duration budget,
                                       MonotonicTime now) const noexcept;
  // When a line that is off now will have used at most `budget` of the last `window`.
  [[nodiscard]] MonotonicTime rested_at(Duration window, Duration budget,
                                        MonotonicTime now) const noexcept;
  // When at most `count` level changes will lie in the last `window`; the line is off now.
  [[nodiscard]] MonotonicTime calm_at(Duration window, std::uint32_t count,
                                      MonotonicTime now) const noexcept;

 private:
  struct Span {
    MonotonicTime from, to;
  };
  static constexpr std::size_t kSpans = 1 + kMaxEdges / 2;

  std::array<Span, kSpans> spans_{};  // oldest first
  std::size_t size_ = 0;
  bool on_ = false;  // the last span has not ended
  MonotonicTime since_;
};

}  // namespace pinfer
