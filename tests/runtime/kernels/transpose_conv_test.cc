// SPDX-License-Identifier: Apache-2.0
// Every variant of the transpose_conv family against the scattering definition.
#include "runtime/kernels/transpose_conv/transpose_conv.h"

#include <gtest/gtest.h>

#include "tests/runtime/kernels/mac_cases.h"

namespace pinfer::test {
namespace {

ConvShape random_shape(Random& random) {
  const auto small = [&](std::int64_t high) {
    return static_cast<std::int32_t>(pick(random, 1, high));
  };
  ConvShape s;
  s.batches = small(2);
  s.in_height = small(5);
  s.in_width = small(5);
  s.in_channels = small(20);
  s.out_channels = small(5);
  s.filter_height = small(4);
  s.filter_width = small(4);
  s.stride_h = small(3);
  s.stride_w = small(3);
  // Also outputs that the input does not reach, or reaches beyond.
  s.out_height = small(14);
  s.out_width = small(14);
  s.pad_top = static_cast<std::int32_t>(pick(random, 0, 2));
  s.pad_left = static_cast<std::int32_t>(pick(random, 0, 2));
  return s;
}

// Adds every input element to the outputs that it influences.
template <class X, class W, class Sum>
std::vector<Sum> scatter(const ConvShape& s, const std::vector<X>& x, const std::vector<W>& w,
                         Sum x_zero, Sum w_zero) {
  std::vector<Sum> sums(
      static_cast<std::size_t>(s.batches * s.out_height * s.out_width * s.out_channels));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const int c = static_cast<int>(i) % s.in_channels;
    const int ix = static_cast<int>(i) / s.in_channels % s.in_width;
    const int iy = static_cast<int>(i) / s.in_channels / s.in_width % s.in_height;
    const int b = static_cast<int>(i) / s.in_channels / s.in_width / s.in_height;
    for (int fy = 0; fy < s.filter_height; ++fy)
      for (int fx = 0; fx < s.filter_width; ++fx)
        for (int o = 0; o < s.out_channels; ++o) {
          const int y = iy * s.stride_h - s.pad_top + fy,
                    column = ix * s.stride_w - s.pad_left + fx;
          if (y < 0 || y >= s.out_height || column < 0 || column >= s.out_width) continue;
          const int weight = ((o * s.filter_height + fy) * s.filter_width + fx) * s.in_channels + c;
          const int out = ((b * s.out_height + y) * s.out_width + column) * s.out_channels + o;
          sums[static_cast<std::size_t>(out)] +=
              (static_cast<Sum>(x[i]) - x_zero) *
              (static_cast<Sum>(w[static_cast<std::size_t>(weight)]) - w_zero);
        }
  }
  return sums;
}

struct Operands {
  std::int64_t inputs = 0, weights = 0, outputs = 0;
};
Operands sizes(const ConvShape& s) {
  return {s.batches * s.in_height * s.in_width * s.in_channels,
          s.out_channels * s.filter_height * s.filter_width * s.in_channels,
          s.batches * s.out_height * s.out_width * s.out_channels};
}

void run_in_blocks(const TransposeConvKernel& kernel, const TransposeConvArgs& args) {
  const std::int64_t rows = args.shape.batches * args.shape.out_height;
  const std::int32_t channels = args.shape.out_channels, split = channels / 2;
  kernel.run(args, {0, rows / 2, 0, channels});
  kernel.run(args, {rows / 2, rows, 0, split});
  kernel.run(args, {rows / 2, rows, split, channels});
}

template <class X, class W, class Bias>
void check_integers(const TransposeConvKernel& kernel, TransposeConvArgs args, Random& random) {
  constexpr bool wide = sizeof(Bias) == 8, narrow = sizeof(X) == 1;
  const ConvShape& s = args.shape;
  const auto x = random_values<X>(random, sizes(s).inputs);
  const auto w = random_values<W>(random, sizes(s).weights);
  std::vector<Bias> bias(static_cast<std::size_t>(s.out_channels));
  std::vector<Multiplier> multipliers;
  for (Bias& value : bias) {
    value = static_cast<Bias>(pick(random, -100000, 100000));
    multipliers.push_back(random_multiplier(random, narrow ? -14 : -10, narrow ? -6 : 1));
  }
  std::vector<X> out(static_cast<std::size_t>(sizes(s).outputs), X{99});
  const std::int64_t low = std::numeric_limits<X>::min(), high = std::numeric_limits<X>::max();
  args.input = x.data();
  args.filter = w.data();
  args.bias = pick(random, 0, 3) == 0 ? nullptr : bias.data();
  args.output = out.data();
  args.multipliers = multipliers.data();
  args.input_zero = narrow ? static_cast<std::int32_t>(pick(random, low, high)) : 0;
  args.output_zero = narrow ? static_cast<std::int32_t>(pick(random, low, high)) : 0;
  args.filter_zero = std::is_unsigned_v<W> ? static_cast<std::int32_t>(pick(random, 0, 255)) : 0;
  args.clamp = {static_cast<std::int32_t>(low), static_cast<std::int32_t>(high)};
  run_in_blocks(kernel, args);
  const auto sums = scatter<X, W, std::int64_t>(s, x, w, args.input_zero, args.filter_zero);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t o = i % bias.size();
    const std::int64_t sum = sums[i] + (args.bias != nullptr ? bias[o] : 0);
    const std::int64_t scaled =
        wide ? scaled64(sum, multipliers[o]) : scaled32(sum, multipliers[o]);
    ASSERT_EQ(out[i], clamped(scaled + args.output_zero, args.clamp)) << kernel.name << " " << i;
  }
}

// f32 and hybrid: the float result of sums that the test knows in double.
template <class X>
void check_floats(const TransposeConvKernel& kernel, TransposeConvArgs args, Random& random) {
  constexpr bool hybrid = !std::is_floating_point_v<X>;
  const ConvShape& s = args.shape;
  const auto x = random_values<X>(random, sizes(s).inputs);
  const auto w = random_values<X>(random, sizes(s).weights);
  const auto bias = random_values<float>(random, s.out_channels);
  const auto scales = random_values<float>(random, s.out_channels);
  const std::vector<float> input_scales(2, 0.02f);
  const std::vector<std::int32_t> input_zeros(2, hybrid ? -7 : 0);
  std::vector<float> out(static_cast<std::size_t>(sizes(s).outputs));
  args.input = x.data();
  args.filter = w.data();
  args.bias = bias.data();
  args.output = out.data();
  args.range = {-1e9f, 1e9f};
  args.filter_scales = scales.data();
  args.input_scales = input_scales.data();
  args.input_zeros = input_zeros.data();
  run_in_blocks(kernel, args);
  const auto sums = scatter<X, X, double>(s, x, w, input_zeros[0], 0.0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t o = i % bias.size();
    const double factor = hybrid ? static_cast<double>(scales[o]) * 0.02 : 1.0;
    const double want = sums[i] * factor + static_cast<double>(bias[o]);
    ASSERT_NEAR(out[i], want, 1e-5 * std::abs(want) + 1e-4) << kernel.name << " " << i;
  }
}

void check_case(const TransposeConvKernel& kernel, const TransposeConvArgs& args, Random& random) {
  switch (kernel.types) {
    case MacTypes::s8:
      return check_integers<std::int8_t, std::int8_t, std::int32_t>(kernel, args, random);
    case MacTypes::u8:
      return check_integers<std::uint8_t, std::uint8_t, std::int32_t>(kernel, args, random);
    case MacTypes::s16:
      return check_integers<std::int16_t, std::int8_t, std::int64_t>(kernel, args, random);
    case MacTypes::s16_bias32:
      return check_integers<std::int16_t, std::int8_t, std::int32_t>(kernel, args, random);
    case MacTypes::f32:
      return check_floats<float>(kernel, args, random);
    case MacTypes::hybrid:
      return check_floats<std::int8_t>(kernel, args, random);
  }
}

TEST(TransposeConv, EveryVariantEqualsTheScatteringDefinition) {
  for (const TransposeConvKernel* kernel : transpose_conv_kernels()) {
    if (!covers(detect_isa(), kernel->needs)) continue;
    for (unsigned seed = 0; seed < 100; ++seed) {
      SCOPED_TRACE(testing::Message() << kernel->name << " seed " << seed);
      Random random(seed);
      TransposeConvArgs args;
      args.shape = random_shape(random);
      check_case(*kernel, args, random);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace pinfer::test
