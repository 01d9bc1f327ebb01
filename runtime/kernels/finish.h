// SPDX-License-Identifier: Apache-2.0
// FinishChoice: what the numbers of output channels allow when their sums become bytes; asked at
// load, so that kernels leave out what cannot matter.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/arithmetic.h"

namespace pinfer {

// The numbers of one output channel.
struct LaneScale {
  std::int32_t bias = 0;  // with the correction for the input's zero point
  Multiplier multiplier;
  std::int64_t most = 0;  // no sum is larger than this
};

class FinishChoice final {
 public:
  void see(const LaneScale& lane) noexcept {
    if (lane.multiplier.mantissa == 0) return;  // 0, however it is shifted
    const int right = std::clamp(-lane.multiplier.shift, 0, 31);
    no_left_ = no_left_ && lane.multiplier.shift <= 0;
    right_ = right_ && lane.multiplier.shift < 0;
    small_ = small_ && lane.most < (std::int64_t{1} << 31) - 1 && (lane.most >> right) < 32000;
  }

  [[nodiscard]] bool no_left() const noexcept { return no_left_; }
  // All shifts to the right by 1 or more.
  [[nodiscard]] bool right() const noexcept { return right_; }
  // No sum wraps, and scaled ones fit 16 bits together with a zero point.
  [[nodiscard]] bool small() const noexcept { return small_; }

 private:
  bool small_ = true, right_ = true, no_left_ = true;
};

// Nothing below the zero point is seen: how negative sums are rounded does not matter.
inline bool rectifies(const ClampRange& clamp, std::int32_t output_zero) noexcept {
  return clamp.low == output_zero;
}

}  // namespace pinfer
