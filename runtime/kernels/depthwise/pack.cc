// SPDX-License-Identifier: Apache-2.0
// Weights of the int8 variants packed at load, and their input widened before a run.
#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "runtime/kernels/depthwise/layout.h"

namespace pinfer {
namespace {

constexpr std::size_t kAlign = 64;
constexpr std::size_t kQuadBytes = 2 * 3 * kDepthwiseGroup * 4;  // see pack_quads

std::size_t aligned(std::size_t bytes) noexcept { return (bytes + kAlign - 1) / kAlign * kAlign; }

// Channels as kernels see them: one of input an output channel, at least one group.
std::int32_t channels_of(const ConvShape& shape) noexcept {
  return std::max(shape.out_channels, kDepthwiseGroup);
}

bool is_widened(const ConvShape& s) noexcept {
  return s.in_channels != s.out_channels || s.out_channels < kDepthwiseGroup;
}

std::size_t zero_row_bytes(const ConvShape& s) noexcept {
  return aligned(static_cast<std::size_t>(s.in_width) *
                 static_cast<std::size_t>(depthwise_pixel_bytes(s)));
}

// The weights of one group, less the filter's zero point: taps x 8 lanes.
class GroupWeights final {
 public:
  GroupWeights(const DepthwiseArgs& args, std::int32_t first) noexcept
      : filter_(static_cast<const std::int8_t*>(args.filter) + first),
        channels_(args.shape.out_channels),
        lanes_(std::min(kDepthwiseGroup, args.shape.out_channels)),
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

 private:
  const std::int8_t* filter_;
  std::int64_t channels_;
  std::int32_t lanes_, zero_;
};

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

// Fills bias, multipliers and `finish`.
void pack_scale(const DepthwiseArgs& args, const GroupWeights& weights,
                DepthwiseGroup& group) noexcept {
  const std::int64_t taps =
      static_cast<std::int64_t>(args.shape.filter_height) * args.shape.filter_width;
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  bool small = true, right = true, no_left = true;
  for (std::int32_t lane = 0; lane < std::min(kDepthwiseGroup, args.shape.out_channels); ++lane) {
    const std::int32_t channel = group.channel + lane;
    const std::int64_t add = bias != nullptr ? bias[channel] : 0;
    std::int64_t total = 0, magnitude = 0;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      total += weights.at(tap, lane);
      magnitude += std::abs(weights.at(tap, lane));
    }
    // Wraps as the sums do.
    group.bias[lane] =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(add - total * args.input_zero));
    const Multiplier multiplier = args.multipliers[channel];
    group.mantissa[lane] = multiplier.mantissa;
    group.left[lane] = std::max(multiplier.shift, 0);
    group.right[lane] = std::min(multiplier.shift, 0);
    no_left = no_left && multiplier.shift <= 0;
    right = right && multiplier.shift < 0;
    const std::int64_t most = 255 * magnitude + std::abs(add);
    small = small && most < (std::int64_t{1} << 31) - 1 &&
            (most >> std::min(-group.right[lane], 31)) < 32000;
  }
  group.finish = kFinishAny;
  if (small && no_left && args.clamp.low == args.output_zero)
    group.finish = kFinishRelu;
  else if (small && right)
    group.finish = kFinishRight;
}

// Columns of the 3 x 3 window in quads: lanes of (w0, w1, w2, 0), then of (0, w0, w1, w2).
void pack_quads(const GroupWeights& weights, std::int8_t* to) noexcept {
  for (std::int32_t down = 0; down < 2; ++down)
    for (std::int32_t column = 0; column < 3; ++column)
      for (std::int32_t lane = 0; lane < kDepthwiseGroup; ++lane)
        for (std::int32_t i = 0; i < 4; ++i) {
          const std::int32_t row = i - down;
          *to++ = row < 0 || row > 2 ? std::int8_t{0}
                                     : static_cast<std::int8_t>(weights.at(3 * row + column, lane));
        }
}

template <class W>
void pack_taps(const GroupWeights& weights, std::int64_t taps, W* to) noexcept {
  for (std::int64_t tap = 0; tap < taps; ++tap)
    for (std::int32_t lane = 0; lane < kDepthwiseGroup; ++lane)
      *to++ = static_cast<W>(weights.at(tap, lane));
}

// Writes all groups; choose(weights, taps) is how to add up the products.
template <class Choose>
void pack_groups(const DepthwiseArgs& args, std::byte* packed, const Choose& choose) noexcept {
  const ConvShape& s = args.shape;
  const std::int64_t taps = static_cast<std::int64_t>(s.filter_height) * s.filter_width;
  const std::int32_t channels = channels_of(s);
  for (std::int32_t first = 0; first < channels; first += kDepthwiseGroup) {
    auto& group = *new (packed) DepthwiseGroup{};
    group.channel = std::min(first, channels - kDepthwiseGroup);
    const GroupWeights weights(args, group.channel);
    pack_scale(args, weights, group);
    group.sum = choose(weights, taps);
    if (group.sum == kSumRuns) group.run = longest_run(weights, s);
    // The general finish comes with the general sums only.
    if (group.finish == kFinishAny &&
        (group.sum == kSumWhole || group.sum == kSumHalves || group.sum == kSumThrees))
      group.sum = kSumPairs;
    std::byte* const to = packed + sizeof(DepthwiseGroup);
    if (group.sum == kSumWide)
      pack_taps(weights, taps, reinterpret_cast<std::int16_t*>(to));
    else if (group.sum == kSumDot)
      pack_quads(weights, reinterpret_cast<std::int8_t*>(to));
    else
      pack_taps(weights, taps, reinterpret_cast<std::int8_t*>(to));
    packed += depthwise_group_bytes(s);
  }
}

// One pixel: every input channel repeated `times` times, zeros up to `bytes`.
void widen_pixel(const std::int8_t* from, std::int32_t channels, std::int32_t times,
                 std::int8_t* to, std::int32_t bytes) noexcept {
  std::int8_t* const end = to + bytes;
  for (std::int32_t c = 0; c < channels; ++c, to += times)
    std::memset(to, from[c], static_cast<std::size_t>(times));
  std::memset(to, 0, static_cast<std::size_t>(end - to));
}

}  // namespace

std::int32_t depthwise_pixel_bytes(const ConvShape& shape) noexcept { return channels_of(shape); }

const std::int8_t* depthwise_pixels(const DepthwiseArgs& args) noexcept {
  if (!is_widened(args.shape)) return static_cast<const std::int8_t*>(args.input);
  return reinterpret_cast<const std::int8_t*>(args.scratch + zero_row_bytes(args.shape));
}

std::size_t depthwise_group_bytes(const ConvShape& shape) noexcept {
  const std::size_t taps =
      static_cast<std::size_t>(shape.filter_height) * static_cast<std::size_t>(shape.filter_width);
  return aligned(sizeof(DepthwiseGroup) +
                 std::max(taps * kDepthwiseGroup * sizeof(std::int16_t), kQuadBytes));
}

std::size_t depthwise_packed_bytes(const DepthwiseArgs& args) noexcept {
  const auto groups = (channels_of(args.shape) + kDepthwiseGroup - 1) / kDepthwiseGroup;
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

std::size_t depthwise_scratch_bytes(const DepthwiseArgs& args) noexcept {
  const ConvShape& s = args.shape;
  const std::size_t rows =
      is_widened(s) ? static_cast<std::size_t>(s.batches) * static_cast<std::size_t>(s.in_height)
                    : 0;
  return zero_row_bytes(s) + rows * static_cast<std::size_t>(s.in_width) *
                                 static_cast<std::size_t>(depthwise_pixel_bytes(s));
}

// Unit 0 is the row of zero points; the others are rows of input.
std::int64_t depthwise_arrange_units(const DepthwiseArgs& args) noexcept {
  return 1 + (is_widened(args.shape)
                  ? static_cast<std::int64_t>(args.shape.batches) * args.shape.in_height
                  : 0);
}

void depthwise_arrange(const DepthwiseArgs& args, std::int64_t begin, std::int64_t end) noexcept {
  const ConvShape& s = args.shape;
  if (begin == 0) {
    std::memset(args.scratch, args.input_zero, zero_row_bytes(s));
    ++begin;
  }
  if (!is_widened(s)) return;
  const std::int32_t bytes = depthwise_pixel_bytes(s);
  auto* to = reinterpret_cast<std::int8_t*>(args.scratch + zero_row_bytes(s));
  const auto* from = static_cast<const std::int8_t*>(args.input);
  for (std::int64_t pixel = (begin - 1) * s.in_width; pixel < (end - 1) * s.in_width; ++pixel)
    widen_pixel(from + pixel * s.in_channels, s.in_channels, s.out_channels / s.in_channels,
                to + pixel * bytes, bytes);
}

}  // namespace pinfer
