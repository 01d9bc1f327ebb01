// SPDX-License-Identifier: Apache-2.0
// The packed int8 variants of the conv family against the scalar judge, bit for bit, on shapes
// around the edges of their tiles; and on some of them the judge against the definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "runtime/kernels/conv/conv.h"
#include "tests/runtime/kernels/mac_cases.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

std::int32_t small(Random& random, std::int64_t low, std::int64_t high) {
  return static_cast<std::int32_t>(pick(random, low, high));
}

// Channel counts around the tiles of 4, 8, 16, 32 and 64 and their tails.
std::int32_t edge(Random& random, std::int32_t most) {
  static constexpr std::int32_t kEdges[] = {4, 8, 16, 24, 32, 40, 48, 64};
  if (pick(random, 0, 1) == 0) return small(random, 1, most);
  const std::int32_t at = kEdges[pick(random, 0, std::size(kEdges) - 1)];
  return std::max(std::min(at + small(random, -1, 1), most), 1);
}

struct Window {
  std::int32_t height, width, stride, dilation;
};
constexpr Window kWindows[] = {{1, 1, 1, 1},  {1, 1, 1, 1}, {1, 1, 2, 1}, {3, 3, 1, 1},
                               {3, 3, 2, 1},  {3, 3, 1, 2}, {5, 5, 1, 1}, {5, 5, 2, 1},
                               {10, 4, 2, 1}, {1, 3, 1, 1}, {3, 1, 1, 3}, {2, 2, 2, 1}};

ConvShape edge_shape(Random& random) {
  const Window window = kWindows[pick(random, 0, std::size(kWindows) - 1)];
  ConvShape s;
  s.batches = pick(random, 0, 4) == 0 ? 2 : 1;
  s.filter_height = window.height;
  s.filter_width = window.width;
  s.stride_h = s.stride_w = window.stride;
  s.dilation_h = s.dilation_w = window.dilation;
  s.in_channels = edge(random, window.height * window.width > 9 ? 20 : 70);
  s.out_channels = edge(random, 70);
  const bool same = pick(random, 0, 1) == 0;
  const auto place = [&](std::int32_t filter, std::int32_t& in, std::int32_t& out,
                         std::int32_t& pad) {
    const std::int32_t reach = (filter - 1) * window.dilation + 1;
    in = small(random, same ? 1 : reach, reach + 7);
    out = window_output(same ? Padding::same : Padding::valid, in, filter, window.stride,
                        window.dilation);
    pad = same ? window_padding(in, out, filter, window.stride, window.dilation) : 0;
    if (pick(random, 0, 5) == 0) pad += small(random, 0, 2);
  };
  place(s.filter_height, s.in_height, s.out_height, s.pad_top);
  place(s.filter_width, s.in_width, s.out_width, s.pad_left);
  return s;
}

// Trained weights are mostly small; some filters are full of extremes.
std::vector<std::int8_t> weights(Random& random, std::int64_t count) {
  const std::int64_t kind = pick(random, 0, 4);
  if (kind == 0) return random_values<std::int8_t>(random, count);
  // The sum of four bytes is nearly normal, with a deviation of 148: 60 and 25 are asked for.
  const std::int32_t scale = kind == 1 ? 416 : 173;
  std::vector<std::int8_t> values(static_cast<std::size_t>(count));
  for (std::int8_t& value : values) {
    const std::uint64_t bits = random();
    std::int32_t sum = -510;
    for (unsigned i = 0; i < 4; ++i) sum += static_cast<std::int32_t>(bits >> (8 * i) & 255);
    value = static_cast<std::int8_t>(std::clamp(sum * scale / 1024, -127, 127));
  }
  if (kind == 2 && count > 0)
    for (int i = 0; i < 4; ++i)
      values[static_cast<std::size_t>(pick(random, 0, count - 1))] =
          pick(random, 0, 1) == 0 ? -128 : 127;
  return values;
}

// Operands of one case; what they point to lives here.
struct Case {
  ConvArgs args;
  std::vector<std::int8_t> input, filter;
  std::vector<std::int32_t> bias;
  std::vector<Multiplier> multipliers;

  explicit Case(unsigned seed) {
    Random random(seed);
    const ConvShape s = args.shape = edge_shape(random);
    const std::int64_t taps = std::int64_t{s.filter_height} * s.filter_width * s.in_channels;
    input = random_values<std::int8_t>(
        random, std::int64_t{s.batches} * s.in_height * s.in_width * s.in_channels);
    filter = weights(random, taps * s.out_channels);
    const std::int64_t range = pick(random, 0, 2);
    const bool left = range == 2;
    for (std::int32_t o = 0; o < s.out_channels; ++o) {
      bias.push_back(static_cast<std::int32_t>(pick(random, -40000, 40000)));
      multipliers.push_back(random_multiplier(random, range == 0 ? -12 : -9,
                                              left         ? 3
                                              : range == 1 ? 0
                                                           : -4));
      if (pick(random, 0, 40) == 0) multipliers.back() = {};
    }
    args.input = input.data();
    args.filter = filter.data();
    args.bias = pick(random, 0, 4) == 0 ? nullptr : bias.data();
    args.multipliers = multipliers.data();
    args.input_zero = small(random, -128, 127);
    args.output_zero = small(random, -128, 127);
    if (pick(random, 0, 2) == 0) args.filter_zero = small(random, -128, 127);
    // A byte's range, and nothing below the zero point, have ways of their own.
    args.clamp = {-128, 127};
    const std::int64_t clamp = pick(random, 0, 5);
    if (clamp == 0) args.clamp = {small(random, -128, -100), small(random, 60, 127)};
    if (clamp == 1) args.output_zero = -128;
    if (clamp == 2) args.clamp.low = args.output_zero;
    if (clamp == 3) args.clamp = {args.output_zero, small(random, args.output_zero, 127)};
  }
};

// One element, from the definition.
std::int8_t judged(const Case& c, std::int64_t at) {
  const ConvShape& s = c.args.shape;
  const std::int64_t o = at % s.out_channels, x = at / s.out_channels % s.out_width;
  const std::int64_t y = at / s.out_channels / s.out_width % s.out_height;
  const std::int64_t b = at / s.out_channels / s.out_width / s.out_height;
  std::int64_t sum = c.args.bias != nullptr ? c.bias[static_cast<std::size_t>(o)] : 0;
  for (std::int64_t fy = 0; fy < s.filter_height; ++fy)
    for (std::int64_t fx = 0; fx < s.filter_width; ++fx) {
      const std::int64_t row = y * s.stride_h - s.pad_top + fy * s.dilation_h;
      const std::int64_t column = x * s.stride_w - s.pad_left + fx * s.dilation_w;
      if (row < 0 || row >= s.in_height || column < 0 || column >= s.in_width) continue;
      const std::int8_t* in = &c.input[static_cast<std::size_t>(
          ((b * s.in_height + row) * s.in_width + column) * s.in_channels)];
      const std::int8_t* w = &c.filter[static_cast<std::size_t>(
          ((o * s.filter_height + fy) * s.filter_width + fx) * s.in_channels)];
      for (std::int32_t i = 0; i < s.in_channels; ++i)
        sum += (in[i] - c.args.input_zero) * (w[i] - c.args.filter_zero);
    }
  const std::int64_t scaled = scaled32(sum, c.multipliers[static_cast<std::size_t>(o)]);
  return static_cast<std::int8_t>(clamped(scaled + c.args.output_zero, c.args.clamp));
}

std::vector<std::int8_t> output_of(const ConvKernel& kernel, const Case& c, Random random) {
  const ConvShape& s = c.args.shape;
  const std::int32_t grain = kernel.packing.grain.channels;
  return output_in_blocks(kernel, c.args, std::int64_t{s.batches} * s.out_height * s.out_width,
                          s.out_channels / grain / 2 * grain, random);
}

std::string shape_text(const ConvShape& s) {
  return fmt::format("{} x {} x {} x {} of {} channels, window {} x {}", s.batches, s.out_height,
                     s.out_width, s.out_channels, s.in_channels, s.filter_height, s.filter_width);
}

// The scalar output, which the definition confirms.
void check_judge(const Case& c, const std::vector<std::int8_t>& output) {
  for (std::size_t i = 0; i < kMargin; ++i) {
    ASSERT_EQ(output[i], kUntouched) << "written in front";
    ASSERT_EQ(output[output.size() - 1 - i], kUntouched) << "written behind";
  }
  for (std::size_t i = 0; i < output.size() - 2 * kMargin; ++i)
    ASSERT_EQ(output[kMargin + i], judged(c, static_cast<std::int64_t>(i))) << "element " << i;
}

TEST(ConvTiles, EveryPackedVariantIsExactAroundTileEdges) {
  constexpr unsigned kCasesOfOneByDefinition = 16;
  const ConvKernel& judge = select_conv(isa::scalar, MacTypes::s8, {}, true);
  for (unsigned seed = 0; seed < static_cast<unsigned>(cases(20'000)); ++seed) {
    const Case c(seed);
    const Random random(~seed);
    const std::vector<std::int8_t> want = output_of(judge, c, random);
    if (seed % kCasesOfOneByDefinition == 0) {
      SCOPED_TRACE(testing::Message() << "seed " << seed);
      check_judge(c, want);
      if (HasFatalFailure()) return;
    }
    for (const ConvKernel* kernel : conv_kernels()) {
      if (kernel->types != MacTypes::s8 || kernel->packing.pack == nullptr) continue;
      if (!covers(detect_isa(), kernel->needs)) continue;
      if (kernel->suits != nullptr && !kernel->suits(c.args.shape)) continue;
      ASSERT_EQ(output_of(*kernel, c, random), want)
          << kernel->name << " seed " << seed << ": " << shape_text(c.args.shape);
    }
  }
}

// One element in double precision.
double exact(const ConvArgs& args, std::int64_t at) {
  const ConvShape& s = args.shape;
  const auto* input = static_cast<const float*>(args.input);
  const auto* filter = static_cast<const float*>(args.filter);
  const std::int64_t o = at % s.out_channels, x = at / s.out_channels % s.out_width;
  const std::int64_t y = at / s.out_channels / s.out_width % s.out_height;
  const std::int64_t b = at / s.out_channels / s.out_width / s.out_height;
  double sum = 0.0;
  if (args.bias != nullptr) sum = static_cast<double>(static_cast<const float*>(args.bias)[o]);
  for (std::int64_t fy = 0; fy < s.filter_height; ++fy)
    for (std::int64_t fx = 0; fx < s.filter_width; ++fx) {
      const std::int64_t row = y * s.stride_h - s.pad_top + fy * s.dilation_h;
      const std::int64_t column = x * s.stride_w - s.pad_left + fx * s.dilation_w;
      if (row < 0 || row >= s.in_height || column < 0 || column >= s.in_width) continue;
      const float* in = input + ((b * s.in_height + row) * s.in_width + column) * s.in_channels;
      const float* w = filter + ((o * s.filter_height + fy) * s.filter_width + fx) * s.in_channels;
      for (std::int32_t i = 0; i < s.in_channels; ++i)
        sum += static_cast<double>(in[i]) * static_cast<double>(w[i]);
    }
  return std::clamp(sum, static_cast<double>(args.range.low), static_cast<double>(args.range.high));
}

void check_float(const ConvKernel& kernel, unsigned seed) {
  Random random(seed);
  ConvArgs args;
  const ConvShape& s = args.shape = edge_shape(random);
  const std::int64_t taps = std::int64_t{s.filter_height} * s.filter_width * s.in_channels;
  const std::int64_t rows = std::int64_t{s.batches} * s.out_height * s.out_width;
  const auto input = random_values<float>(
      random, std::int64_t{s.batches} * s.in_height * s.in_width * s.in_channels);
  const auto filter = random_values<float>(random, taps * s.out_channels);
  const auto bias = random_values<float>(random, s.out_channels);
  const auto size = static_cast<std::size_t>(rows * s.out_channels);
  std::vector<float> output(size + 2 * kMargin, 85.0f);
  args.input = input.data();
  args.filter = filter.data();
  args.bias = pick(random, 0, 4) == 0 ? nullptr : bias.data();
  args.output = output.data() + kMargin;
  args.range = {-3.0f, 60.0f};
  const PackedCase packed(kernel, args);
  const std::int64_t cut = pick(random, 0, rows);
  const std::int32_t split = s.out_channels / 16 / 2 * 16;
  kernel.run(args, {0, cut, 0, s.out_channels});
  kernel.run(args, {cut, rows, split, s.out_channels});
  kernel.run(args, {cut, rows, 0, split});
  for (std::size_t i = 0; i < kMargin; ++i) {
    ASSERT_EQ(output[i], 85.0f) << "written in front";
    ASSERT_EQ(output[kMargin + size + i], 85.0f) << "written behind";
  }
  const double tolerance = 2e-6 * std::sqrt(static_cast<double>(taps)) * 4.0 + 1e-5;
  for (std::size_t i = 0; i < size; ++i)
    ASSERT_NEAR(output[kMargin + i], exact(args, static_cast<std::int64_t>(i)), tolerance)
        << "element " << i << " of " << rows << " x " << s.out_channels;
}

TEST(ConvTiles, EveryPackedFloatVariantIsRightAroundTileEdges) {
  for (const ConvKernel* kernel : conv_kernels()) {
    if (kernel->types != MacTypes::f32 || kernel->packing.pack == nullptr) continue;
    if (!covers(detect_isa(), kernel->needs)) continue;
    for (unsigned seed = 0; seed < static_cast<unsigned>(cases(2'000)); ++seed) {
      SCOPED_TRACE(testing::Message() << kernel->name << " seed " << seed);
      check_float(*kernel, seed);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace pinfer::test
