// SPDX-License-Identifier: Apache-2.0
// Weights of the int8 variants of AVX, packed at load in groups of sixteen channels.
#include "runtime/kernels/depthwise/pack_avx.h"

#include <array>
#include <new>

#include "runtime/kernels/depthwise/group_weights.h"

namespace pinfer {
namespace {

constexpr std::int32_t kLanes = 16;
// Which lane stands where in the two vectors of a group.
constexpr std::array<std::int32_t, kLanes> kOrder = {0, 1, 2, 3, 8,  9,  10, 11,
                                                     4, 5, 6, 7, 12, 13, 14, 15};
constexpr std::size_t kVectors = 2 * kLanes * sizeof(std::int16_t);  // bytes of 16 pairs

// Larger sums take the general finish: 64 bits hold twice this, shifted.
constexpr std::int64_t kMost = std::int64_t{1} << 28;

// Do rows of output below each other read the same pairs of rows of a 3 x 3 window?
bool shares_pairs(const ConvShape& s) noexcept { return s.stride_w == 1; }

// Vector pairs of a group's weights, whichever variant reads them.
std::int64_t pairs_of(const ConvShape& s) noexcept {
  const std::int64_t pairs = std::int64_t{s.filter_height} * ((s.filter_width + 1) / 2);
  const bool square = s.filter_height == 3 && s.filter_width == 3;
  return square && shares_pairs(s) ? 2 * pairs : pairs;
}

void pack_scale(const DepthwiseArgs& args, const GroupWeights& weights, std::int32_t channel,
                DepthwiseGroup16& to) noexcept {
  FinishChoice choice;
  bool alike = true;
  to.fits = 1;
  for (std::int32_t i = 0; i < kLanes; ++i) {
    const std::int32_t lane = kOrder[static_cast<std::size_t>(i)];
    DepthwiseScale64& scale = to.scale[i / 8];
    const std::int32_t odd = i % 2, at = i % 8 / 2;
    scale.shift[odd][at] = odd != 0 ? 0 : 32;
    if (lane >= weights.lanes()) continue;
    const LaneScale numbers = lane_scale(args, weights, channel + lane, lane);
    choice.see(numbers);
    to.bias[i] = numbers.bias;
    const bool none = numbers.multiplier.mantissa == 0;
    const std::int32_t shift = none ? -1 : std::clamp(numbers.multiplier.shift, -31, 30);
    const std::int32_t right = std::max(-shift, 0);
    // Twice the sum, half of it at the end: 31 places to the right are one too few for odd lanes.
    const std::int32_t left = right > 0 ? 0 : shift + 1;
    to.shift[i] = static_cast<std::int8_t>(shift);
    scale.mantissa[i % 8] = numbers.multiplier.mantissa;
    alike = alike && right > 0 && numbers.most < kMost;
    if (numbers.most >= kMost >> left) {
      to.fits = 0;
      continue;
    }
    std::int64_t offset = 1;  // above all results
    while (offset <= (numbers.most << std::max(shift, 0)) >> right) offset *= 2;
    const std::int32_t places = right > 0 ? 31 + right : 32;
    scale.nudge[odd][at] = offset << places;
    // Half of the product's last place, half of the result's.
    scale.nudge[odd][at] += right > 0 ? (std::int64_t{1} << 30) + (std::int64_t{1} << (30 + right))
                                      : std::int64_t{1} << 31;
    scale.shift[odd][at] = places - (odd != 0 ? 32 : 0);
    scale.place[i % 8] = args.output_zero - static_cast<std::int32_t>(offset);
  }
  to.group.finish = alike ? finish_of(choice, args) : kFinishAny;
}

// One vector pair: (first, second) of every lane.
template <class First, class Second>
void pack_pairs(const First& first, const Second& second, std::int16_t* to) noexcept {
  for (const std::int32_t lane : kOrder) {
    *to++ = static_cast<std::int16_t>(first(lane));
    *to++ = static_cast<std::int16_t>(second(lane));
  }
}

template <class PackWeights>
void pack_groups(const DepthwiseArgs& args, std::byte* packed,
                 const PackWeights& pack_weights) noexcept {
  const std::int32_t channels = std::max(args.shape.out_channels, kLanes);
  for (std::int32_t first = 0; first < channels; first += kLanes) {
    auto& group = *new (packed) DepthwiseGroup16{};
    const std::int32_t channel = std::min(first, channels - kLanes);
    const GroupWeights weights(args, channel, kLanes);
    pack_scale(args, weights, channel, group);
    pack_weights(weights, reinterpret_cast<std::int16_t*>(packed + sizeof(DepthwiseGroup16)));
    packed += depthwise_group_bytes_avx(args.shape);
  }
}

}  // namespace

std::size_t depthwise_group_bytes_avx(const ConvShape& shape) noexcept {
  return sizeof(DepthwiseGroup16) + static_cast<std::size_t>(pairs_of(shape)) * kVectors;
}

std::size_t depthwise_packed_bytes_avx(const DepthwiseArgs& args) noexcept {
  const std::int32_t groups = (std::max(args.shape.out_channels, kLanes) + kLanes - 1) / kLanes;
  return static_cast<std::size_t>(groups) * depthwise_group_bytes_avx(args.shape);
}

void depthwise_pack_avx(const DepthwiseArgs& args, std::byte* packed) noexcept {
  const std::int32_t outputs = shares_pairs(args.shape) ? 2 : 1;
  pack_groups(args, packed, [=](const GroupWeights& weights, std::int16_t* to) {
    for (std::int32_t down = 0; down < outputs; ++down)
      for (std::int32_t column = 0; column < 3; ++column)
        for (std::int32_t pair = 0; pair < 2; ++pair, to += 2 * kLanes) {
          const auto weight = [&](std::int32_t row, std::int32_t lane) {
            return row < 0 || row > 2 ? 0 : weights.at(3 * row + column, lane);
          };
          const std::int32_t row = 2 * pair - down;
          pack_pairs([&](std::int32_t lane) { return weight(row, lane); },
                     [&](std::int32_t lane) { return weight(row + 1, lane); }, to);
        }
  });
}

void depthwise_pack_runs_avx(const DepthwiseArgs& args, std::byte* packed) noexcept {
  const std::int32_t width = args.shape.filter_width;
  pack_groups(args, packed, [&](const GroupWeights& weights, std::int16_t* to) {
    for (std::int64_t row = 0; row < args.shape.filter_height; ++row)
      for (std::int32_t i = 0; i < width; i += 2, to += 2 * kLanes)
        pack_pairs([&](std::int32_t lane) { return weights.at(row * width + i, lane); },
                   [&](std::int32_t lane) {
                     return i + 1 < width ? weights.at(row * width + i + 1, lane) : 0;
                   },
                   to);
  });
}

}  // namespace pinfer
