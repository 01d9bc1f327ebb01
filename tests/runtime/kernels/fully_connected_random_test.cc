// SPDX-License-Identifier: Apache-2.0
// Every variant of the fully_connected family against the scalar one, on random shapes and values.
#include <gtest/gtest.h>

#include "runtime/kernels/fully_connected/fully_connected.h"
#include "tests/runtime/kernels/mac_cases.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

constexpr std::int32_t kTile = 16;  // blocks of channels begin at multiples of it

// A size near a multiple of `tile`, or any up to 3 tiles and a bit.
std::int32_t edge(Random& random, std::int32_t tile) {
  const std::int64_t near = pick(random, 0, 4) * tile + pick(random, -1, 1);
  return static_cast<std::int32_t>(
      std::max<std::int64_t>(pick(random, 0, 1) == 0 ? near : pick(random, 1, 3 * tile + 4), 1));
}

FullyConnectedShape random_shape(Random& random) {
  FullyConnectedShape shape;
  shape.rows = pick(random, 0, 2) == 0 ? pick(random, 2, 9) : 1;
  shape.depth = pick(random, 0, 50) == 0 ? 1280 : edge(random, kTile);
  shape.channels = edge(random, pick(random, 0, 3) == 0 ? 64 : kTile);
  return shape;
}

void run_in_blocks(const FullyConnectedKernel& kernel, FullyConnectedArgs args, Random random) {
  const PackedCase packed(kernel, args);
  const std::int64_t rows = args.shape.rows, row = pick(random, 0, rows);
  const std::int32_t channels = args.shape.channels;
  const auto split = static_cast<std::int32_t>(pick(random, 0, channels / kTile)) * kTile;
  kernel.run(args, {0, row, 0, channels});
  kernel.run(args, {row, rows, split, channels});
  kernel.run(args, {row, rows, 0, split});
}

const FullyConnectedKernel& judge_of(MacTypes types, const FullyConnectedShape& shape) {
  return select_fully_connected(isa::scalar, types, shape, true);
}

// Scales that make every kind of result: small nets' ones, exact halves, all clamped.
double random_scale(Random& random) {
  switch (pick(random, 0, 3)) {
    case 0:
      return std::ldexp(1.0, -static_cast<int>(pick(random, 1, 12)));  // ties
    case 1:
      return std::ldexp(static_cast<double>(pick(random, 1, 1000)), 20);
    default:
      return static_cast<double>(pick(random, 1, 1000000)) * 1e-8;
  }
}

std::vector<std::int8_t> random_weights(Random& random, std::int64_t count) {
  if (pick(random, 0, 7) == 0)
    return std::vector<std::int8_t>(static_cast<std::size_t>(count), std::int8_t{-128});
  auto values = random_values<std::int8_t>(random, count);
  if (pick(random, 0, 1) == 0)
    for (std::int8_t& value : values) value = std::max<std::int8_t>(value, -127);
  return values;
}

// One case: the operands and their owners.
struct Case {
  FullyConnectedArgs args;
  std::vector<std::int8_t> x, w;
  std::vector<std::int32_t> bias, input_zeros;
  std::vector<double> scales;
  std::vector<float> float_x, float_w, float_bias, filter_scales, input_scales;

  Case(const FullyConnectedShape& shape, MacTypes types, Random& random) {
    args.shape = shape;
    const bool with_bias = pick(random, 0, 3) != 0;
    const std::int64_t x_count = shape.rows * shape.depth;
    const std::int64_t w_count = std::int64_t{shape.channels} * shape.depth;
    w = random_weights(random, w_count);
    x = pick(random, 0, 7) == 0 ? random_weights(random, x_count)
                                : random_values<std::int8_t>(random, x_count);
    args.input = x.data();
    args.filter = w.data();
    if (types == MacTypes::s8)
      integers(with_bias, random);
    else
      floats(types, with_bias, random);
  }

  void integers(bool with_bias, Random& random) {
    for (std::int32_t i = 0; i < args.shape.channels; ++i) {
      bias.push_back(static_cast<std::int32_t>(pick(random, -100000, 100000)));
      scales.push_back(random_scale(random));
    }
    if (pick(random, 0, 15) == 0) bias[0] = std::numeric_limits<std::int32_t>::max();  // wraps
    args.bias = with_bias ? bias.data() : nullptr;
    args.scales = scales.data();
    args.input_zero = static_cast<std::int32_t>(pick(random, -128, 127));
    args.output_zero = static_cast<std::int32_t>(pick(random, -128, 127));
    if (pick(random, 0, 1) == 0)
      args.filter_zero = static_cast<std::int32_t>(pick(random, -128, 127));
    args.clamp.low = static_cast<std::int32_t>(pick(random, -128, 127));
    args.clamp.high = static_cast<std::int32_t>(pick(random, args.clamp.low, 127));
    if (pick(random, 0, 1) == 0) args.clamp = {-128, 127};
  }

  void floats(MacTypes types, bool with_bias, Random& random) {
    float_bias = random_values<float>(random, args.shape.channels);
    args.bias = with_bias ? float_bias.data() : nullptr;
    args.range = {-3.0f, 40.0f};
    if (types == MacTypes::hybrid) return hybrid(random);
    float_x = random_values<float>(random, static_cast<std::int64_t>(x.size()));
    float_w = random_values<float>(random, static_cast<std::int64_t>(w.size()));
    args.input = float_x.data();
    args.filter = float_w.data();
  }

  void hybrid(Random& random) {
    filter_scales = random_values<float>(random, args.shape.channels);
    input_scales = random_values<float>(random, args.shape.rows);
    for (float& scale : input_scales) scale *= 1e-3f;
    for (std::int64_t i = 0; i < args.shape.rows; ++i)
      input_zeros.push_back(static_cast<std::int32_t>(pick(random, -128, 127)));
    args.filter_scales = filter_scales.data();
    args.input_scales = input_scales.data();
    args.input_zeros = input_zeros.data();
  }
};

template <class T>
std::vector<T> result_of(const FullyConnectedKernel& kernel, const Case& of, const Random& random) {
  FullyConnectedArgs args = of.args;
  std::vector<T> out(static_cast<std::size_t>(args.shape.rows * args.shape.channels), T{99});
  args.output = out.data();
  run_in_blocks(kernel, args, random);
  return out;
}

void check_variants(MacTypes types, int usual) {
  for (int seed = 0; seed < cases(usual); ++seed) {
    Random random(static_cast<unsigned>(seed));
    const FullyConnectedShape shape = random_shape(random);
    const Case of(shape, types, random);
    const FullyConnectedKernel& judge = judge_of(types, shape);
    for (const FullyConnectedKernel* kernel : fully_connected_kernels()) {
      if (kernel->types != types || kernel == &judge) continue;
      if (!covers(detect_isa(), kernel->needs)) continue;
      SCOPED_TRACE(testing::Message() << kernel->name << " seed " << seed << ": " << shape.rows
                                      << "x" << shape.depth << "x" << shape.channels);
      if (types == MacTypes::s8) {
        ASSERT_EQ(result_of<std::int8_t>(*kernel, of, random),
                  result_of<std::int8_t>(judge, of, random));
        continue;
      }
      const auto got = result_of<float>(*kernel, of, random);
      const auto want = result_of<float>(judge, of, random);
      for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], 1e-4) << i;
    }
  }
}

TEST(FullyConnectedRandom, Int8VariantsEqualTheJudge) { check_variants(MacTypes::s8, 20000); }
TEST(FullyConnectedRandom, HybridVariantsAreNearTheJudge) {
  check_variants(MacTypes::hybrid, 2000);
}
TEST(FullyConnectedRandom, FloatVariantsAreNearTheJudge) { check_variants(MacTypes::f32, 2000); }

// Sums of x and -x around every half that a variant might round the wrong way.
TEST(FullyConnectedRandom, HalvesRoundAwayFromZeroAndNothingElseDoes) {
  std::vector<std::int32_t> bias;
  std::vector<double> scales;
  for (const int shift : {1, 2, 8, 20, 24})
    for (std::int32_t half = -255; half <= 255; half += 2)
      for (const std::int32_t off : {-1, 0, 1}) {
        bias.push_back(half * (1 << (shift - 1)) + off);
        for (const double toward : {-1e300, 0.0, 1e300}) {
          const double exact = std::ldexp(1.0, -shift);
          if (toward != 0.0) bias.push_back(bias.back());
          scales.push_back(toward == 0.0 ? exact : std::nextafter(exact, toward));
        }
      }
  ASSERT_EQ(bias.size(), scales.size());
  const auto channels = static_cast<std::int32_t>(bias.size());
  const std::vector<std::int8_t> w(bias.size(), 1);
  const std::int8_t x = 0;
  FullyConnectedArgs args;
  args.shape = {1, 1, channels};
  args.input = &x;
  args.filter = w.data();
  args.bias = bias.data();
  args.scales = scales.data();
  args.clamp = {-128, 127};
  for (const FullyConnectedKernel* kernel : fully_connected_kernels()) {
    if (kernel->types != MacTypes::s8 || !covers(detect_isa(), kernel->needs)) continue;
    FullyConnectedArgs now = args;
    std::vector<std::int8_t> out(bias.size());
    now.output = out.data();
    const PackedCase packed(*kernel, now);
    kernel->run(now, {0, 1, 0, channels});
    for (std::size_t i = 0; i < out.size(); ++i)
      ASSERT_EQ(out[i], clamped(std::llround(bias[i] * scales[i]), args.clamp))
          << kernel->name << " " << bias[i] << " * " << scales[i];
  }
}

}  // namespace
}  // namespace pinfer::test
