// SPDX-License-Identifier: Apache-2.0
// GroupWeights: the weights of one group of channels while it is packed; and what its sums allow.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "runtime/kernels/depthwise/layout.h"
#include "runtime/kernels/finish.h"

namespace pinfer {

// The weights of one group, less the filter's zero point: tap by tap.
class GroupWeights final {
 public:
  GroupWeights(const DepthwiseArgs& args, std::int32_t first, std::int32_t lanes) noexcept
      : filter_(static_cast<const std::int8_t*>(args.filter) + first),
        channels_(args.shape.out_channels),
        lanes_(std::min(lanes, args.shape.out_channels)),
        zero_(args.filter_zero) {}

  [[nodiscard]] std::int32_t at(std::int64_t tap, std::int32_t lane) const noexcept {
    return lane < lanes_ ? filter_[tap * channels_ + lane] - zero_ : 0;
  }
  // Are all weights int8?
  [[nodiscard]] bool are_bytes(std::int64_t taps) const noexcept {
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int32_t lane = 0; lane < lanes_; ++lane)
        if (at(tap, lane) < -128 || at(tap, lane) > 127) return false;
    return true;
  }
  // Do the products of taps [begin, end) with any int8 input add up to 16 bits?
  [[nodiscard]] bool fit_words(std::int64_t begin, std::int64_t end) const noexcept {
    for (std::int32_t lane = 0; lane < lanes_; ++lane) {
      std::int64_t low = 0, high = 0;
      for (std::int64_t tap = begin; tap < end; ++tap) {
        const std::int64_t w = at(tap, lane);
        high += std::max(127 * w, -128 * w);
        low += std::min(127 * w, -128 * w);
      }
      if (high > 32767 || low < -32768) return false;
    }
    return true;
  }

  // Of the groups' lanes, those that are channels.
  [[nodiscard]] std::int32_t lanes() const noexcept { return lanes_; }

 private:
  const std::int8_t* filter_;
  std::int64_t channels_;
  std::int32_t lanes_, zero_;
};

// The numbers of one lane.
inline LaneScale lane_scale(const DepthwiseArgs& args, const GroupWeights& weights,
                            std::int32_t channel, std::int32_t lane) noexcept {
  const std::int64_t taps =
      static_cast<std::int64_t>(args.shape.filter_height) * args.shape.filter_width;
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  const std::int64_t add = bias != nullptr ? bias[channel] : 0;
  std::int64_t total = 0, magnitude = 0;
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    total += weights.at(tap, lane);
    magnitude += std::abs(weights.at(tap, lane));
  }
  // Wraps as the sums do.
  return {static_cast<std::int32_t>(static_cast<std::uint32_t>(add - total * args.input_zero)),
          args.multipliers[channel], 255 * magnitude + std::abs(add)};
}

// The cheapest finish that suits all lanes.
inline DepthwiseFinish finish_of(const FinishChoice& choice, const DepthwiseArgs& args) noexcept {
  if (choice.small() && choice.no_left() && rectifies(args.clamp, args.output_zero))
    return kFinishRelu;
  return choice.small() && choice.right() ? kFinishRight : kFinishAny;
}

}  // namespace pinfer
