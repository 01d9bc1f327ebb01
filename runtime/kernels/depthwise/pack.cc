// SPDX-License-Identifier: Apache-2.0
// Weights of the int8 variants of NEON, packed at load in groups of eight channels.
#include <array>
#include <new>

#include "runtime/kernels/depthwise/group_weights.h"

namespace pinfer {
namespace {

constexpr std::int32_t kLanes = 8;
constexpr std::size_t kAlign = 64;
constexpr std::size_t kQuadBytes = 2 * 3 * kLanes * 4;  // see pack_quads

std::size_t aligned(std::size_t bytes) noexcept { return (bytes + kAlign - 1) / kAlign * kAlign; }

// Runs of taps that are added in 16 bits, best first.
struct SumChoice {
  DepthwiseSum sum;
  std::array<std::int64_t, 6> ends;
};
constexpr SumChoice kChoices[] = {{kSumWhole, {0, 9, 9}},
                                  {kSumHalves, {0, 5, 9, 9}},
                                  {kSumThrees, {0, 3, 6, 9, 9}},
                                  {kSumPairs, {0, 2, 4, 6, 8, 9}}};

DepthwiseSum choose_sum(const GroupWeights& weights, std::int64_t taps) noexcept {
  if (!weights.are_bytes(taps)) return kSumWide;
  for (const SumChoice& choice : kChoices) {
    bool fits = true;
    for (std::size_t i = 0; i + 1 < choice.ends.size() && choice.ends[i] < taps; ++i)
      fits = fits && weights.fit_words(choice.ends[i], choice.ends[i + 1]);
    if (fits) return choice.sum;
  }
  return kSumWide;
}

// How many taps of a row can be added in 16 bits, wherever they begin. One always can.
std::int32_t longest_run(const GroupWeights& weights, const ConvShape& shape) noexcept {
  const std::int64_t width = shape.filter_width;
  for (std::int64_t run = width; run > 1; run = run > 4 ? run / 2 : run - 1) {
    bool fits = true;
    for (std::int64_t row = 0; row < shape.filter_height && fits; ++row)
      for (std::int64_t begin = 0; begin < width && fits; begin += run)
        fits = weights.fit_words(row * width + begin, row * width + std::min(begin + run, width));
    if (fits) return static_cast<std::int32_t>(run);
  }
  return 1;
}

// Fills the scale and `finish`.
void pack_scale(const DepthwiseArgs& args, const GroupWeights& weights, std::int32_t channel,
                DepthwiseGroup8& to) noexcept {
  FinishChoice choice;
  for (std::int32_t lane = 0; lane < weights.lanes(); ++lane) {
    const LaneScale scale = lane_scale(args, weights, channel + lane, lane);
    to.scale.bias[lane] = scale.bias;
    to.scale.mantissa[lane] = scale.multiplier.mantissa;
    to.scale.left[lane] = std::max(scale.multiplier.shift, 0);
    to.scale.right[lane] = std::min(scale.multiplier.shift, 0);
    choice.see(scale);
  }
  to.group.finish = finish_of(choice, args);
}

// Columns of the 3 x 3 window in quads: lanes of (w0, w1, w2, 0), then of (0, w0, w1, w2).
void pack_quads(const GroupWeights& weights, std::int8_t* to) noexcept {
  for (std::int32_t down = 0; down < 2; ++down)
    for (std::int32_t column = 0; column < 3; ++column)
      for (std::int32_t lane = 0; lane < kLanes; ++lane)
        for (std::int32_t i = 0; i < 4; ++i) {
          const std::int32_t row = i - down;
          *to++ = row < 0 || row > 2 ? std::int8_t{0}
                                     : static_cast<std::int8_t>(weights.at(3 * row + column, lane));
        }
}

template <class W>
void pack_taps(const GroupWeights& weights, std::int64_t taps, W* to) noexcept {
  for (std::int64_t tap = 0; tap < taps; ++tap)
    for (std::int32_t lane = 0; lane < kLanes; ++lane)
      *to++ = static_cast<W>(weights.at(tap, lane));
}

// Writes all groups; choose(weights, taps) is how to add up the products.
template <class Choose>
void pack_groups(const DepthwiseArgs& args, std::byte* packed, const Choose& choose) noexcept {
  const ConvShape& s = args.shape;
  const std::int64_t taps = static_cast<std::int64_t>(s.filter_height) * s.filter_width;
  const std::int32_t channels = std::max(s.out_channels, kLanes);
  for (std::int32_t first = 0; first < channels; first += kLanes) {
    auto& all = *new (packed) DepthwiseGroup8{};
    DepthwiseGroup& group = all.group;
    const std::int32_t channel = std::min(first, channels - kLanes);
    const GroupWeights weights(args, channel, kLanes);
    pack_scale(args, weights, channel, all);
    group.sum = choose(weights, taps);
    if (group.sum == kSumRuns) group.run = longest_run(weights, s);
    // The general finish comes with the general sums only.
    if (group.finish == kFinishAny &&
        (group.sum == kSumWhole || group.sum == kSumHalves || group.sum == kSumThrees))
      group.sum = kSumPairs;
    std::byte* const to = packed + sizeof(DepthwiseGroup8);
    if (group.sum == kSumWide)
      pack_taps(weights, taps, reinterpret_cast<std::int16_t*>(to));
    else if (group.sum == kSumDot)
      pack_quads(weights, reinterpret_cast<std::int8_t*>(to));
    else
      pack_taps(weights, taps, reinterpret_cast<std::int8_t*>(to));
    packed += depthwise_group_bytes(s);
  }
}

}  // namespace

std::size_t depthwise_group_bytes(const ConvShape& shape) noexcept {
  const std::size_t taps =
      static_cast<std::size_t>(shape.filter_height) * static_cast<std::size_t>(shape.filter_width);
  return aligned(sizeof(DepthwiseGroup8) +
                 std::max(taps * kLanes * sizeof(std::int16_t), kQuadBytes));
}

std::size_t depthwise_packed_bytes(const DepthwiseArgs& args) noexcept {
  const auto groups = (std::max(args.shape.out_channels, kLanes) + kLanes - 1) / kLanes;
  return static_cast<std::size_t>(groups) * depthwise_group_bytes(args.shape);
}

void depthwise_pack(const DepthwiseArgs& args, std::byte* packed) noexcept {
  pack_groups(args, packed, [](const GroupWeights& weights, std::int64_t taps) {
    return choose_sum(weights, taps);
  });
}

void depthwise_pack_runs(const DepthwiseArgs& args, std::byte* packed) noexcept {
  pack_groups(args, packed, [&](const GroupWeights& weights, std::int64_t taps) {
    return weights.are_bytes(taps) ? kSumRuns : kSumWide;
  });
}

void depthwise_pack_dot(const DepthwiseArgs& args, std::byte* packed) noexcept {
  pack_groups(args, packed, [](const GroupWeights& weights, std::int64_t taps) {
    return weights.are_bytes(taps) ? kSumDot : kSumWide;
  });
}

}  // namespace pinfer
