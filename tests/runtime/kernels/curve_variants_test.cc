// SPDX-License-Identifier: Apache-2.0
// Every variant of `lut` and `softmax` against the scalar judge.
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/kernels/lut/lut.h"
#include "runtime/kernels/softmax/softmax.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

void expect_same_table(const LutKernel& variant) {
  Random random(21);
  for (int round = 0; round < cases(20'000); ++round) {
    const auto table = random_values<std::uint8_t>(random, 256);
    const std::int64_t count = pick(random, 0, pick(random, 0, 1) == 0 ? 100 : 400);
    Guarded<std::uint8_t> in(random, count), out(random, count);
    LutArgs args;
    args.table = table.data();
    args.begin = pick(random, 0, count) * pick(random, 0, 1);
    args.end = pick(random, args.begin, count);
    const bool in_place = pick(random, 0, 1) == 0;
    const auto run = [&](const LutKernel& kernel) {
      Guarded<std::uint8_t> input = in, result = out;
      args.in = input.data();
      args.out = in_place ? input.data() : result.data();
      kernel.run(args);
      return in_place ? input.all() : result.all();
    };
    ASSERT_EQ(run(variant), run(select_lut(variant.op, isa::scalar))) << "round " << round;
  }
}

TEST(LutVariants, EqualTheScalarJudge) {
  for_each_variant(lut_kernels(), [](const LutKernel& kernel) {
    ASSERT_EQ(kernel.op, LutOp::x8) << kernel.name << " has no test";
    expect_same_table(kernel);
  });
}

// As set-up computes it for a scale times beta.
SoftmaxArgs softmax_args(Random& random) {
  const double scale = std::ldexp(1.0, static_cast<int>(pick(random, -16, 4))) *
                       (1.0 + static_cast<double>(pick(random, 0, 1000)) / 1001.0);
  SoftmaxArgs args;
  EXPECT_TRUE(quantize_multiplier(std::min(scale * (1 << 26), 1073741823.0), args.scale));
  args.diff_min = -static_cast<std::int32_t>(
      std::floor(31.0 * (1 << 26) / static_cast<double>(1LL << args.scale.shift)));
  args.depth = pick(random, 0, 3) == 0 ? pick(random, 0, 400) : pick(random, 1, 40);
  if (pick(random, 0, 500) == 0) args.depth = 9000;
  return args;
}

template <class In, class Out>
void expect_same_softmax(const SoftmaxKernel& variant) {
  const SoftmaxKernel& judge = *select_softmax(false, variant.from, variant.to, isa::scalar);
  Random random(22);
  for (int round = 0; round < cases(20'000); ++round) {
    SoftmaxArgs args = softmax_args(random);
    std::vector<std::int32_t> exps(kSoftmaxExps);
    fill_softmax_exps(args, exps.data());
    args.exps = exps.data();
    const std::int64_t rows = args.depth > 400 ? 1 : pick(random, 1, 3);
    Guarded<In> in(random, rows * args.depth);
    Guarded<Out> out(random, rows * args.depth);
    // Rows of one value, or of values close to each other, have the largest sums.
    const std::int64_t spread = pick(random, 0, 5);
    if (spread < 3)
      for (std::int64_t i = 0; i < rows * args.depth; ++i)
        in.data()[i] = static_cast<In>(100 + pick(random, 0, spread));
    args.begin = pick(random, 0, rows - 1);
    args.end = rows;
    const bool in_place = sizeof(In) == sizeof(Out) && pick(random, 0, 1) == 0;
    const auto run = [&](const SoftmaxKernel& kernel) {
      Guarded<In> input = in;
      Guarded<Out> result = out;
      args.in = input.data();
      args.out = result.data();
      if (in_place) args.out = input.data();
      kernel.run(args);
      return in_place ? std::vector<Out>(input.all().begin(), input.all().end()) : result.all();
    };
    ASSERT_EQ(run(variant), run(judge)) << variant.name << " round " << round;
  }
}

TEST(SoftmaxVariants, EqualTheScalarJudge) {
  for_each_variant(softmax_kernels(), [](const SoftmaxKernel& kernel) {
    using s8 = std::int8_t;
    using u8 = std::uint8_t;
    using s16 = std::int16_t;
    ASSERT_FALSE(kernel.log) << kernel.name << " has no test";
    if (kernel.from == DType::i8 && kernel.to == DType::i8)
      return expect_same_softmax<s8, s8>(kernel);
    if (kernel.from == DType::i8 && kernel.to == DType::i16)
      return expect_same_softmax<s8, s16>(kernel);
    if (kernel.from == DType::u8 && kernel.to == DType::u8)
      return expect_same_softmax<u8, u8>(kernel);
    if (kernel.from == DType::u8 && kernel.to == DType::i16)
      return expect_same_softmax<u8, s16>(kernel);
    FAIL() << kernel.name << " has no test";
  });
}

}  // namespace
}  // namespace pinfer::test
