// SPDX-License-Identifier: Apache-2.0
// Every int8 variant of the depthwise family against the scalar one on random shapes, weights and
// quantizations, with the memory around the tensors watched.
#include <gtest/gtest.h>

#include "runtime/kernels/depthwise/depthwise.h"
#include "tests/runtime/kernels/mac_cases.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

std::int32_t pick32(Random& random, std::int32_t low, std::int32_t high) {
  return static_cast<std::int32_t>(pick(random, low, high));
}

// One axis: window, stride and dilation are given; picks size, padding and the output size.
void pick_axis(Random& random, std::int32_t filter, std::int32_t stride, std::int32_t dilation,
               std::int32_t& in, std::int32_t& out, std::int32_t& pad) {
  const std::int32_t reach = (filter - 1) * dilation + 1;
  in = pick32(random, 1, 20);
  const std::int32_t kind = pick32(random, 0, 3);
  if (kind == 0 && in >= reach) {  // VALID
    out = (in - reach) / stride + 1;
    pad = 0;
  } else {
    out = window_output(Padding::same, in, filter, stride, dilation);
    pad = window_padding(in, out, filter, stride, dilation);
    if (kind == 1) pad += pick32(random, 0, 3);  // explicit zeros in front
    if (kind == 1) out += pick32(random, 0, 2);
  }
}

// Windows that variants have code of their own for come up often.
ConvShape random_shape(Random& random) {
  ConvShape s;
  s.batches = pick32(random, 1, 2);
  constexpr std::int32_t kSizes[] = {3, 3, 3, 5, 5, 7, 1, 2, 4};
  s.filter_height = kSizes[pick(random, 0, 8)];
  s.filter_width = pick(random, 0, 3) > 0 ? s.filter_height : pick32(random, 1, 9);
  s.stride_h = pick32(random, 1, 3);
  s.stride_w = pick(random, 0, 3) > 0 ? s.stride_h : pick32(random, 1, 3);
  if (pick(random, 0, 3) == 0) s.dilation_h = pick32(random, 1, 3);
  if (pick(random, 0, 3) == 0) s.dilation_w = pick32(random, 1, 3);
  s.in_channels = pick32(random, 1, 40);
  const std::int32_t times = pick(random, 0, 3) > 0 ? 1 : pick32(random, 2, 9);
  s.out_channels = s.in_channels * times;
  pick_axis(random, s.filter_height, s.stride_h, s.dilation_h, s.in_height, s.out_height,
            s.pad_top);
  pick_axis(random, s.filter_width, s.stride_w, s.dilation_w, s.in_width, s.out_width, s.pad_left);
  return s;
}

// Weights of one size for each group of eight channels, so that each way to add them up is taken.
std::vector<std::int8_t> random_weights(Random& random, std::int64_t taps, std::int32_t channels) {
  constexpr std::int64_t kMost[] = {5, 25, 28, 55, 60, 84, 90, 127, 128};
  std::vector<std::int8_t> weights(static_cast<std::size_t>(taps * channels));
  std::int64_t most = 128;
  for (std::int32_t c = 0; c < channels; ++c) {
    if (c % 8 == 0) most = kMost[pick(random, 0, 8)];
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const std::int64_t w = pick(random, 0, 3) == 0 ? -most : pick(random, -most, most);
      weights[static_cast<std::size_t>(tap * channels + c)] =
          static_cast<std::int8_t>(std::min<std::int64_t>(w, 127));
    }
  }
  return weights;
}

// Fixed operands of one case.
struct Case {
  DepthwiseArgs args;
  std::vector<std::int8_t> input, filter;
  std::vector<std::int32_t> bias;
  std::vector<Multiplier> multipliers;
};

void pick_quantization(Random& random, Case& c) {
  DepthwiseArgs& args = c.args;
  const std::int64_t kind = pick(random, 0, 4);
  for (std::int32_t i = 0; i < args.shape.out_channels; ++i) {
    const int low = kind == 0   ? -20
                    : kind == 1 ? -31
                                : -9,
              high = kind == 0   ? 6
                     : kind == 1 ? 0
                                 : -3;
    c.multipliers.push_back(random_multiplier(random, low, high));
    if (pick(random, 0, 50) == 0) c.multipliers.back() = {0, 0};
    c.bias.push_back(pick32(random, -5000, 5000));
    if (pick(random, 0, 99) == 0) c.bias.back() = pick32(random, INT32_MIN, INT32_MAX);
  }
  const auto zero = [&] {
    const std::int64_t way = pick(random, 0, 3);
    return way == 0 ? -128 : way == 1 ? 127 : pick32(random, -128, 127);
  };
  args.input_zero = zero();
  args.output_zero = zero();
  args.filter_zero = pick(random, 0, 2) > 0 ? 0 : pick32(random, -128, 127);
  args.clamp = {-128, 127};
  const std::int64_t clamp = pick(random, 0, 3);
  if (clamp == 0) args.clamp = {pick32(random, -128, 0), pick32(random, 0, 127)};
  if (clamp == 1) args.clamp = {args.output_zero, 127};
  if (clamp == 2) args.clamp = {args.output_zero, pick32(random, args.output_zero, 127)};
}

Case random_case(Random& random, const ConvShape& shape) {
  Case c;
  c.args.shape = shape;
  c.input = random_values<std::int8_t>(
      random, std::int64_t{shape.batches} * shape.in_height * shape.in_width * shape.in_channels);
  c.filter = random_weights(random, std::int64_t{shape.filter_height} * shape.filter_width,
                            shape.out_channels);
  pick_quantization(random, c);
  c.args.input = c.input.data();
  c.args.filter = c.filter.data();
  c.args.bias = pick(random, 0, 5) == 0 ? nullptr : c.bias.data();
  c.args.multipliers = c.multipliers.data();
  return c;
}

std::vector<std::int8_t> output_of(const DepthwiseKernel& kernel, const DepthwiseArgs& args,
                                   Random random) {
  const ConvShape& s = args.shape;
  return output_in_blocks(kernel, args, std::int64_t{s.batches} * s.out_height,
                          s.out_channels / 16 * 16, random);
}

const DepthwiseKernel& scalar_s8() { return select_depthwise(isa::scalar, MacTypes::s8, {}, true); }

TEST(DepthwiseInt8, EveryVariantEqualsTheScalarOne) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(cases(20'000)); ++seed) {
    Random random(seed);
    const ConvShape shape = random_shape(random);
    const Case c = random_case(random, shape);
    const std::vector<std::int8_t> want = output_of(scalar_s8(), c.args, random);
    for (const DepthwiseKernel* kernel : depthwise_kernels()) {
      if (kernel->types != MacTypes::s8 || !covers(detect_isa(), kernel->needs)) continue;
      if (kernel->suits != nullptr && !kernel->suits(shape)) continue;
      ASSERT_EQ(output_of(*kernel, c.args, random), want) << kernel->name << " seed " << seed;
    }
  }
}

}  // namespace
}  // namespace pinfer::test
