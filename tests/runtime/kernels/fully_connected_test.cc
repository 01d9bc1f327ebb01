// SPDX-License-Identifier: Apache-2.0
// Every variant of the fully_connected family against a naive matrix product.
#include "runtime/kernels/fully_connected/fully_connected.h"

#include <gtest/gtest.h>

#include "tests/runtime/kernels/mac_cases.h"

namespace pinfer::test {
namespace {

template <class X, class W, class Sum>
Sum naive_sum(const FullyConnectedShape& s, const X* x, const W* w, std::size_t out, Sum x_zero,
              Sum w_zero) {
  const auto channels = static_cast<std::size_t>(s.channels);
  const auto depth = static_cast<std::size_t>(s.depth);
  Sum sum = 0;
  for (std::size_t i = 0; i < depth; ++i)
    sum += (static_cast<Sum>(x[out / channels * depth + i]) - x_zero) *
           (static_cast<Sum>(w[out % channels * depth + i]) - w_zero);
  return sum;
}

void run_in_blocks(const FullyConnectedKernel& kernel, FullyConnectedArgs args) {
  const PackedCase packed(kernel, args);
  const std::int64_t rows = args.shape.rows;
  const std::int32_t channels = args.shape.channels, split = channels / 32 * 16;
  kernel.run(args, {0, rows / 2, 0, channels});
  kernel.run(args, {rows / 2, rows, 0, split});
  kernel.run(args, {rows / 2, rows, split, channels});
}

template <class X, class W, class Bias>
void check_integers(const FullyConnectedKernel& kernel, FullyConnectedArgs args, Random& random) {
  constexpr bool narrow = sizeof(X) == 1;
  const FullyConnectedShape& s = args.shape;
  const auto x = random_values<X>(random, s.rows * s.depth);
  const auto w = random_values<W>(random, s.channels * s.depth);
  std::vector<Bias> bias(static_cast<std::size_t>(s.channels));
  std::vector<double> scales;
  for (Bias& value : bias) {
    value = static_cast<Bias>(pick(random, -100000, 100000));
    scales.push_back(static_cast<double>(pick(random, 1, 1000)) * (narrow ? 1e-6 : 1e-4));
  }
  std::vector<X> out(static_cast<std::size_t>(s.rows * s.channels), X{99});
  const std::int64_t low = std::numeric_limits<X>::min(), high = std::numeric_limits<X>::max();
  const std::int64_t w_low = std::numeric_limits<W>::min(), w_high = std::numeric_limits<W>::max();
  args.input = x.data();
  args.filter = w.data();
  args.bias = pick(random, 0, 3) == 0 ? nullptr : bias.data();
  args.output = out.data();
  args.scales = scales.data();
  args.input_zero = narrow ? static_cast<std::int32_t>(pick(random, low, high)) : 0;
  args.output_zero = narrow ? static_cast<std::int32_t>(pick(random, low, high)) : 0;
  args.filter_zero = pick(random, 0, 1) == 0 && w_low == -128
                         ? 0
                         : static_cast<std::int32_t>(pick(random, w_low, w_high));
  args.clamp = {static_cast<std::int32_t>(pick(random, low, low / 2)),
                static_cast<std::int32_t>(pick(random, high / 2, high))};
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t channel = i % static_cast<std::size_t>(s.channels);
    std::int64_t sum =
        naive_sum<X, W, std::int64_t>(s, x.data(), w.data(), i, args.input_zero, args.filter_zero);
    if (args.bias != nullptr) sum += bias[channel];
    const std::int64_t scaled = std::llround(static_cast<double>(sum) * scales[channel]);
    ASSERT_EQ(out[i], clamped(scaled + args.output_zero, args.clamp))
        << kernel.name << " element " << i << " sum " << sum;
  }
}

void check_f32(const FullyConnectedKernel& kernel, FullyConnectedArgs args, Random& random) {
  const FullyConnectedShape& s = args.shape;
  const auto x = random_values<float>(random, s.rows * s.depth);
  const auto w = random_values<float>(random, s.channels * s.depth);
  const auto bias = random_values<float>(random, s.channels);
  std::vector<float> out(static_cast<std::size_t>(s.rows * s.channels));
  args.input = x.data();
  args.filter = w.data();
  args.bias = bias.data();
  args.output = out.data();
  args.range = {0.0f, 8.0f};
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double sum = naive_sum<float, float, double>(s, x.data(), w.data(), i, 0.0, 0.0) +
                       static_cast<double>(bias[i % bias.size()]);
    ASSERT_NEAR(out[i], std::min(std::max(sum, 0.0), 8.0), 1e-4) << kernel.name << " " << i;
  }
}

void check_hybrid(const FullyConnectedKernel& kernel, FullyConnectedArgs args, Random& random) {
  const FullyConnectedShape& s = args.shape;
  const auto x = random_values<std::int8_t>(random, s.rows * s.depth);
  const auto w = random_values<std::int8_t>(random, s.channels * s.depth);
  const auto bias = random_values<float>(random, s.channels);
  const auto scales = random_values<float>(random, s.channels);
  const auto input_scales = random_values<float>(random, s.rows);
  std::vector<std::int32_t> input_zeros(static_cast<std::size_t>(s.rows));
  for (std::int32_t& zero : input_zeros) zero = static_cast<std::int32_t>(pick(random, -128, 127));
  std::vector<float> out(static_cast<std::size_t>(s.rows * s.channels));
  args.input = x.data();
  args.filter = w.data();
  args.bias = bias.data();
  args.output = out.data();
  args.range = {-1e9f, 1e9f};
  args.filter_scales = scales.data();
  args.input_scales = input_scales.data();
  args.input_zeros = input_zeros.data();
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t channel = i % bias.size(), row = i / bias.size();
    const double sum = naive_sum<std::int8_t, std::int8_t, double>(s, x.data(), w.data(), i,
                                                                   input_zeros[row], 0.0);
    const double want =
        sum * static_cast<double>(scales[channel]) * static_cast<double>(input_scales[row]) +
        static_cast<double>(bias[channel]);
    ASSERT_NEAR(out[i], want, 1e-6 * std::abs(want) + 1e-5) << kernel.name << " " << i;
  }
}

void check_case(const FullyConnectedKernel& kernel, const FullyConnectedArgs& args,
                Random& random) {
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
      return check_f32(kernel, args, random);
    case MacTypes::hybrid:
      return check_hybrid(kernel, args, random);
  }
}

TEST(FullyConnected, EveryVariantEqualsTheNaiveProductForEveryTail) {
  for (const FullyConnectedKernel* kernel : fully_connected_kernels()) {
    if (!covers(detect_isa(), kernel->needs)) continue;
    for (std::int32_t depth = 1; depth <= 40; ++depth)
      for (std::int32_t channels = 1; channels <= 10; channels += 3) {
        SCOPED_TRACE(testing::Message() << kernel->name << " " << depth << "x" << channels);
        Random random(static_cast<unsigned>(depth * 100 + channels));
        FullyConnectedArgs args;
        args.shape = {pick(random, 1, 5), depth, channels};
        check_case(*kernel, args, random);
        if (HasFatalFailure()) return;
      }
  }
}

TEST(FullyConnected, LongRowsOfExtremesStayExact) {
  // Deeper than any chunk of the inner loops; -32768 * -128 everywhere.
  const std::vector<std::int16_t> x(100000, -32768);
  const std::vector<std::int8_t> w(100000, -128);
  const double scale = 30000.0 / (100000.0 * 32768 * 128);
  std::int16_t out = 0;
  FullyConnectedArgs args;
  args.shape = {1, 100000, 1};
  args.input = x.data();
  args.filter = w.data();
  args.output = &out;
  args.scales = &scale;
  args.clamp = {-32768, 32767};
  select_fully_connected(isa::scalar, MacTypes::s16, args.shape, true).run(args, {0, 1, 0, 1});
  EXPECT_EQ(out, 30000);
}

TEST(FullyConnected, ResultsBeyondTheTypeClamp) {
  const std::int8_t x[] = {127}, w[] = {127, -127};
  const double scales[] = {1e6, 1e6};
  std::int8_t out[2] = {};
  FullyConnectedArgs args;
  args.shape = {1, 1, 2};
  args.input = x;
  args.filter = w;
  args.output = out;
  args.scales = scales;
  args.clamp = {-128, 127};
  select_fully_connected(isa::scalar, MacTypes::s8, args.shape, true).run(args, {0, 1, 0, 2});
  EXPECT_EQ(out[0], 127);
  EXPECT_EQ(out[1], -128);
}

}  // namespace
}  // namespace pinfer::test
