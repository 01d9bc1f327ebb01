// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/on_times.h"

#include <algorithm>

namespace pinfer {

void OnTimes::start(MonotonicTime now) noexcept {
  if (size_ == kSpans) {
    spans_[1].from = spans_[0].from;
    std::copy(spans_.begin() + 1, spans_.end(), spans_.begin());
    --size_;
  }
  spans_[size_++] = {now, now};
  on_ = true;
  since_ = now;
}

void OnTimes::end(MonotonicTime now) noexcept {
  spans_[size_ - 1].to = now;
  on_ = false;
  since_ = now;
}

void OnTimes::stretch(MonotonicTime now) noexcept {
  if (size_ > 0) spans_[size_ - 1].to = now;
  since_ = now;
}

Duration OnTimes::used(Duration window, MonotonicTime now) const noexcept {
  Duration total{};
  for (std::size_t i = 0; i < size_; ++i) {
    const MonotonicTime to = on_ && i + 1 == size_ ? now : spans_[i].to;
    total += std::max(to - std::max(spans_[i].from, now - window), Duration::zero());
  }
  return total;
}

MonotonicTime OnTimes::spent_at(Duration window, Duration budget,
                                MonotonicTime now) const noexcept {
  Duration left = budget - used(window, now);
  MonotonicTime start = now - window;
  // While an old span leaves the window nothing is gained; in the pauses between them it is.
  for (std::size_t i = 0; i + 1 < size_; ++i) {
    if (spans_[i].to <= start) continue;
    const Duration pause = std::max(spans_[i].from - start, Duration::zero());
    if (left <= pause) break;
    left -= pause;
    start = spans_[i].to;
  }
  return start + window + left;
}

MonotonicTime OnTimes::rested_at(Duration window, Duration budget,
                                 MonotonicTime now) const noexcept {
  Duration excess = used(window, now) - budget;
  if (excess <= Duration::zero()) return now;
  // Old spans leave the window from their beginning on.
  for (std::size_t i = 0;; ++i) {
    const MonotonicTime from = std::max(spans_[i].from, now - window);
    const Duration part = std::max(spans_[i].to - from, Duration::zero());
    if (excess <= part) return from + excess + window;
    excess -= part;
  }
}

MonotonicTime OnTimes::calm_at(Duration window, std::uint32_t count,
                               MonotonicTime now) const noexcept {
  MonotonicTime calm = now;
  for (std::size_t i = size_, seen = 0; i-- > 0;) {
    for (const MonotonicTime edge : {spans_[i].to, spans_[i].from})
      if (++seen > count) calm = std::max(calm, edge + window);
  }
  return calm;
}

}  // namespace pinfer
