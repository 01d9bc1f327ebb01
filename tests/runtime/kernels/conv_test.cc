// SPDX-License-Identifier: Apache-2.0
// Every variant of the conv and depthwise families against a naive convolution.
#include <gtest/gtest.h>

#include "runtime/kernels/conv/conv.h"
#include "runtime/kernels/depthwise/depthwise.h"
#include "tests/runtime/kernels/mac_cases.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

// One output element, straight from the definition; `depthwise` picks the weight layout.
template <class X, class W, class Sum>
Sum naive_sum(const ConvShape& s, bool depthwise, const X* x, const W* w, std::int64_t out,
              Sum x_zero, Sum w_zero) {
  const std::int64_t o = out % s.out_channels, ox = out / s.out_channels % s.out_width;
  const std::int64_t oy = out / s.out_channels / s.out_width % s.out_height;
  const std::int64_t b = out / s.out_channels / s.out_width / s.out_height;
  const std::int64_t depth = depthwise ? 1 : s.in_channels / s.groups;
  const std::int64_t first =
      depthwise ? o / (s.out_channels / s.in_channels) : o / (s.out_channels / s.groups) * depth;
  Sum sum = 0;
  for (std::int64_t fy = 0; fy < s.filter_height; ++fy)
    for (std::int64_t fx = 0; fx < s.filter_width; ++fx)
      for (std::int64_t c = 0; c < depth; ++c) {
        const std::int64_t y = oy * s.stride_h - s.pad_top + fy * s.dilation_h;
        const std::int64_t column = ox * s.stride_w - s.pad_left + fx * s.dilation_w;
        if (y < 0 || y >= s.in_height || column < 0 || column >= s.in_width) continue;
        const auto value =
            x[((b * s.in_height + y) * s.in_width + column) * s.in_channels + first + c];
        const auto weight = depthwise
                                ? w[(fy * s.filter_width + fx) * s.out_channels + o]
                                : w[((o * s.filter_height + fy) * s.filter_width + fx) * depth + c];
        sum += (static_cast<Sum>(value) - x_zero) * (static_cast<Sum>(weight) - w_zero);
      }
  return sum;
}

ConvShape random_shape(Random& random, bool depthwise) {
  ConvShape s;
  s.batches = static_cast<std::int32_t>(pick(random, 1, 2));
  s.in_height = static_cast<std::int32_t>(pick(random, 1, 9));
  s.in_width = static_cast<std::int32_t>(pick(random, 1, 9));
  s.filter_height = static_cast<std::int32_t>(pick(random, 1, 4));
  s.filter_width = static_cast<std::int32_t>(pick(random, 1, 4));
  s.stride_h = static_cast<std::int32_t>(pick(random, 1, 3));
  s.stride_w = static_cast<std::int32_t>(pick(random, 1, 3));
  s.dilation_h = static_cast<std::int32_t>(pick(random, 1, 3));
  s.dilation_w = static_cast<std::int32_t>(pick(random, 1, 3));
  s.groups =
      depthwise || pick(random, 0, 2) > 0 ? 1 : static_cast<std::int32_t>(pick(random, 2, 3));
  s.in_channels = s.groups * static_cast<std::int32_t>(pick(random, 1, depthwise ? 40 : 20));
  const std::int32_t times = static_cast<std::int32_t>(pick(random, 1, depthwise ? 4 : 9));
  s.out_channels = depthwise ? s.in_channels * times : s.groups * times;
  const auto place = [](std::int32_t in, std::int32_t filter, std::int32_t stride,
                        std::int32_t dilation, std::int32_t& out, std::int32_t& pad) {
    out = window_output(Padding::same, in, filter, stride, dilation);
    pad = window_padding(in, out, filter, stride, dilation);
  };
  place(s.in_height, s.filter_height, s.stride_h, s.dilation_h, s.out_height, s.pad_top);
  place(s.in_width, s.filter_width, s.stride_w, s.dilation_w, s.out_width, s.pad_left);
  // Explicit padding in front shifts the window.
  s.pad_top += static_cast<std::int32_t>(pick(random, 0, 1));
  s.pad_left += static_cast<std::int32_t>(pick(random, 0, 1));
  return s;
}

std::int64_t in_size(const ConvShape& s) {
  return static_cast<std::int64_t>(s.batches) * s.in_height * s.in_width * s.in_channels;
}
std::int64_t out_size(const ConvShape& s) {
  return static_cast<std::int64_t>(s.batches) * s.out_height * s.out_width * s.out_channels;
}
std::int64_t filter_size(const ConvShape& s, bool depthwise) {
  const std::int64_t taps = static_cast<std::int64_t>(s.filter_height) * s.filter_width;
  return depthwise ? taps * s.out_channels : taps * s.out_channels * (s.in_channels / s.groups);
}

std::int64_t block_rows(const ConvArgs& args) {
  return out_size(args.shape) / args.shape.out_channels;
}
std::int64_t block_rows(const DepthwiseArgs& args) {
  return static_cast<std::int64_t>(args.shape.batches) * args.shape.out_height;
}

// Packs and arranges where the variant wants it, then runs two row blocks; one of them in two
// blocks of channels, cut where the step cuts them.
template <class Kernel, class Args>
void run_in_blocks(const Kernel& kernel, Args args) {
  const PackedCase packed(kernel, args);
  const std::int64_t rows = block_rows(args);
  const std::int32_t channels = args.shape.out_channels, grain = kernel.packing.grain.channels;
  const std::int32_t split = channels / grain / 2 * grain;
  kernel.run(args, {0, rows / 2, 0, channels});
  kernel.run(args, {rows / 2, rows, 0, split});
  kernel.run(args, {rows / 2, rows, split, channels});
}

template <class X, class W, class Bias, class Kernel, class Args>
void check_integers(const Kernel& kernel, Args args, bool depthwise, Random& random) {
  constexpr bool wide = sizeof(Bias) == 8, narrow = sizeof(X) == 1;
  const ConvShape& s = args.shape;
  const auto x = random_values<X>(random, in_size(s));
  const auto w = random_values<W>(random, filter_size(s, depthwise));
  std::vector<Bias> bias(static_cast<std::size_t>(s.out_channels));
  std::vector<Multiplier> multipliers;
  for (Bias& value : bias) {
    value = static_cast<Bias>(pick(random, -100000, 100000));
    multipliers.push_back(random_multiplier(random, narrow ? -14 : -10, narrow ? -6 : 1));
  }
  std::vector<X> out(static_cast<std::size_t>(out_size(s)), X{99});
  const std::int64_t low = std::numeric_limits<X>::min(), high = std::numeric_limits<X>::max();
  args.input = x.data();
  args.filter = w.data();
  args.bias = pick(random, 0, 3) == 0 ? nullptr : bias.data();
  args.output = out.data();
  args.multipliers = multipliers.data();
  args.input_zero = narrow ? static_cast<std::int32_t>(pick(random, low, high)) : 0;
  args.output_zero = narrow ? static_cast<std::int32_t>(pick(random, low, high)) : 0;
  // int8 filters have a zero point where they stand for uint8 ones.
  if (narrow && pick(random, 0, 1) == 0)
    args.filter_zero = static_cast<std::int32_t>(pick(random, low, high));
  args.clamp = {static_cast<std::int32_t>(pick(random, low, low / 2)),
                static_cast<std::int32_t>(pick(random, high / 2, high))};
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t o = i % static_cast<std::size_t>(s.out_channels);
    std::int64_t sum = naive_sum<X, W, std::int64_t>(s, depthwise, x.data(), w.data(),
                                                     static_cast<std::int64_t>(i), args.input_zero,
                                                     args.filter_zero);
    if (args.bias != nullptr) sum += bias[o];
    const std::int64_t scaled =
        wide ? scaled64(sum, multipliers[o]) : scaled32(sum, multipliers[o]);
    ASSERT_EQ(out[i], clamped(scaled + args.output_zero, args.clamp))
        << kernel.name << " element " << i << " sum " << sum;
  }
}

template <class Kernel, class Args>
void check_f32(const Kernel& kernel, Args args, bool depthwise, Random& random) {
  const ConvShape& s = args.shape;
  const auto x = random_values<float>(random, in_size(s));
  const auto w = random_values<float>(random, filter_size(s, depthwise));
  const auto bias = random_values<float>(random, s.out_channels);
  std::vector<float> out(static_cast<std::size_t>(out_size(s)));
  args.input = x.data();
  args.filter = w.data();
  args.bias = bias.data();
  args.output = out.data();
  args.range = {-1.0f, 6.0f};
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double sum = naive_sum<float, float, double>(s, depthwise, x.data(), w.data(),
                                                       static_cast<std::int64_t>(i), 0.0, 0.0) +
                       static_cast<double>(bias[i % bias.size()]);
    ASSERT_NEAR(out[i], std::min(std::max(sum, -1.0), 6.0), 1e-4) << kernel.name << " " << i;
  }
}

template <class Kernel, class Args>
void check_hybrid(const Kernel& kernel, Args args, bool depthwise, Random& random) {
  const ConvShape& s = args.shape;
  const auto x = random_values<std::int8_t>(random, in_size(s));
  const auto w = random_values<std::int8_t>(random, filter_size(s, depthwise));
  const auto bias = random_values<float>(random, s.out_channels);
  auto scales = random_values<float>(random, s.out_channels);
  const std::vector<float> input_scales{0.01f, 0.03f};
  const std::vector<std::int32_t> input_zeros{-128, 17};
  std::vector<float> out(static_cast<std::size_t>(out_size(s)));
  args.input = x.data();
  args.filter = w.data();
  args.bias = bias.data();
  args.output = out.data();
  args.range = {-1e6f, 1e6f};
  args.filter_scales = scales.data();
  args.input_scales = input_scales.data();
  args.input_zeros = input_zeros.data();
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t o = i % bias.size(),
                      b = i / (out.size() / static_cast<std::size_t>(s.batches));
    const double sum = naive_sum<std::int8_t, std::int8_t, double>(
        s, depthwise, x.data(), w.data(), static_cast<std::int64_t>(i), input_zeros[b], 0.0);
    const double want =
        sum * static_cast<double>(scales[o]) * static_cast<double>(input_scales[b]) +
        static_cast<double>(bias[o]);
    ASSERT_NEAR(out[i], want, 1e-6 * std::abs(want) + 1e-5) << kernel.name << " " << i;
  }
}

template <class Args, class Kernel>
void check_kernel(const Kernel& kernel, bool depthwise) {
  for (unsigned seed = 0; seed < static_cast<unsigned>(cases(150)); ++seed) {
    SCOPED_TRACE(testing::Message() << kernel.name << " seed " << seed);
    Random random(seed);
    Args args;
    args.shape = random_shape(random, depthwise);
    if (kernel.suits != nullptr && !kernel.suits(args.shape)) continue;
    switch (kernel.types) {
      case MacTypes::s8:
        check_integers<std::int8_t, std::int8_t, std::int32_t>(kernel, args, depthwise, random);
        break;
      case MacTypes::u8:
        check_integers<std::uint8_t, std::uint8_t, std::int32_t>(kernel, args, depthwise, random);
        break;
      case MacTypes::s16:
        check_integers<std::int16_t, std::int8_t, std::int64_t>(kernel, args, depthwise, random);
        break;
      case MacTypes::s16_bias32:
        check_integers<std::int16_t, std::int8_t, std::int32_t>(kernel, args, depthwise, random);
        break;
      case MacTypes::f32:
        check_f32(kernel, args, depthwise, random);
        break;
      case MacTypes::hybrid:
        check_hybrid(kernel, args, depthwise, random);
        break;
    }
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Conv, EveryVariantEqualsTheNaiveConvolutionOnRandomShapes) {
  for (const ConvKernel* kernel : conv_kernels())
    if (covers(detect_isa(), kernel->needs)) check_kernel<ConvArgs>(*kernel, false);
}

TEST(Depthwise, EveryVariantEqualsTheNaiveConvolutionOnRandomShapes) {
  for (const DepthwiseKernel* kernel : depthwise_kernels())
    if (covers(detect_isa(), kernel->needs)) check_kernel<DepthwiseArgs>(*kernel, true);
}

TEST(Conv, ComputesAByHandCheckedPixel) {
  // One pixel, two channels: (3-1)*2 + (5-1)*-3 + bias 100 = 92; times 0.5: 46; plus 10: 56.
  const std::int8_t x[] = {3, 5}, w[] = {2, -3};
  const std::int32_t bias[] = {100};
  const Multiplier half[] = {{1 << 30, 0}};
  std::int8_t out = 0;
  ConvArgs args;
  args.shape.in_channels = 2;
  args.input = x;
  args.filter = w;
  args.bias = bias;
  args.output = &out;
  args.multipliers = half;
  args.input_zero = 1;
  args.output_zero = 10;
  args.clamp = {-128, 127};
  select_conv(isa::scalar, MacTypes::s8, args.shape, true).run(args, {0, 1, 0, 1});
  EXPECT_EQ(out, 56);
}

TEST(Conv, LongSumsOfExtremesStayExact) {
  // 70000 channels of (-128 - 127) * -128: beyond 32 bits, so the sum wraps as the reference's.
  ConvArgs args;
  args.shape.in_channels = 70000;
  const std::vector<std::int8_t> x(70000, -128), w(70000, -128);
  const Multiplier multiplier{1 << 30, -20};
  std::int8_t out = 0;
  args.input = x.data();
  args.filter = w.data();
  args.output = &out;
  args.multipliers = &multiplier;
  args.input_zero = 127;
  args.clamp = {-128, 127};
  select_conv(isa::scalar, MacTypes::s8, args.shape, true).run(args, {0, 1, 0, 1});
  EXPECT_EQ(out, clamped(scaled32(70000ll * 255 * 128, multiplier), args.clamp));
}

TEST(Conv, SelectionFindsAVariantOfEveryTypeForEveryIsa) {
  for (const MacTypes types : {MacTypes::f32, MacTypes::s8, MacTypes::u8, MacTypes::s16,
                               MacTypes::s16_bias32, MacTypes::hybrid})
    for (const IsaBits have : {isa::scalar, isa::neon, isa::neon | isa::neondot, ~IsaBits{0}}) {
      const ConvKernel& kernel = select_conv(have, types, {}, false);
      EXPECT_EQ(kernel.types, types);
      EXPECT_TRUE(covers(have, kernel.needs));
      EXPECT_EQ(select_depthwise(have, types, {}, false).types, types);
    }
}

}  // namespace
}  // namespace pinfer::test
