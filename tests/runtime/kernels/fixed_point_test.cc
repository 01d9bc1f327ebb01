// SPDX-License-Identifier: Apache-2.0
// fixed_point.h and half.h against real arithmetic, and the tables of the element-wise families.
#include "runtime/kernels/fixed_point.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <set>
#include <string>

#include "runtime/kernels/binary/binary.h"
#include "runtime/kernels/broadcast.h"
#include "runtime/kernels/half.h"
#include "runtime/kernels/lut/lut.h"
#include "runtime/kernels/pool/pool.h"
#include "runtime/kernels/quantize/quantize.h"
#include "runtime/kernels/reduce/reduce.h"
#include "runtime/kernels/softmax/softmax.h"
#include "runtime/kernels/unary/unary.h"

namespace pinfer {
namespace {

constexpr double kOne = 2147483648.0;

TEST(ExpOfNegative, IsTheExponential) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto x = -static_cast<std::int32_t>(random() >> 1);  // Q5: down to -32
    const double real = std::exp(x / std::ldexp(1.0, 26));
    EXPECT_NEAR(exp_of_negative(x, 5) / kOne, real, 3e-7) << x;
    EXPECT_NEAR(exp_of_negative(x, 0) / kOne, std::exp(x / kOne), 3e-7) << x;
  }
  EXPECT_EQ(exp_of_negative(0, 5), kQ0One);
}

TEST(OneOverOnePlus, IsTheReciprocal) {
  std::mt19937 random(2);
  for (int i = 0; i < 20000; ++i) {
    const auto x = static_cast<std::int32_t>(random() >> 1);
    EXPECT_NEAR(one_over_one_plus(x) / kOne, 1 / (1 + x / kOne), 1e-7) << x;
  }
}

TEST(Reciprocal, KeepsItsExponent) {
  for (const std::int32_t x : {1, 2, 3, 1 << 19, 123456789, 2147483647}) {
    const Reciprocal inverse = reciprocal(x, 12);
    const double real = inverse.mantissa / kOne / std::ldexp(1.0, inverse.bits_over_unit);
    EXPECT_NEAR(real * (x / std::ldexp(1.0, 19)), 1.0, 1e-7) << x;
  }
}

TEST(InverseSqrt, IsAMultiplier) {
  for (const std::int32_t x : {1, 2, 3, 4, 99, 65025, 1 << 20, 123456789, 2147483647}) {
    const Multiplier inverse = inverse_sqrt(x);
    const double real = inverse.mantissa / kOne * std::ldexp(1.0, inverse.shift);
    EXPECT_NEAR(real * std::sqrt(x), 1.0, 1e-4) << x;
  }
  EXPECT_EQ(inverse_sqrt(0), inverse_sqrt(1));
}

TEST(ScaleByPower, RoundsAndSaturates) {
  EXPECT_EQ(scale_by_power(5, -1), 3);
  EXPECT_EQ(scale_by_power(-5, -1), -3);
  EXPECT_EQ(scale_by_power(-2147483647 - 1, -31), -1);
  EXPECT_EQ(scale_by_power(2147483647, -40), 0);
  EXPECT_EQ(scale_by_power(3, 30), 2147483647);
  EXPECT_EQ(scale_by_power(-3, 30), -2147483647 - 1);
  EXPECT_EQ(scale_by_power(1, 99), 2147483647);
}

TEST(Half, SurvivesTheWayThereAndBack) {
  for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(half_to_float(float_to_half(value))));
    else
      EXPECT_EQ(float_to_half(value), half) << bits;
  }
}

TEST(Half, RoundsToTheNearestEven) {
  EXPECT_EQ(float_to_half(1.0f + 0x1p-11f), 0x3c00);             // a tie goes to even
  EXPECT_EQ(float_to_half(1.0f + 0x1p-10f + 0x1p-11f), 0x3c02);  // a tie goes to even
  EXPECT_EQ(float_to_half(1.0f + 0x1p-11f + 0x1p-20f), 0x3c01);  // above the tie
  EXPECT_EQ(float_to_half(65519.0f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(-0x1p-25f), 0x8000);
  EXPECT_EQ(float_to_half(0x1.8p-25f), 0x0001);
}

TEST(Broadcast, FusesWhatIsWalkedAlike) {
  const std::int32_t full[] = {2, 3, 4}, row[] = {4}, one[] = {1, 1, 1};
  EXPECT_EQ(make_broadcast({full, full}, full).rank, 1u);
  EXPECT_EQ(make_broadcast({full, one}, full).rank, 1u);
  EXPECT_EQ(make_broadcast({full, row}, full).rank, 2u);
}

template <class Kernels>
void expect_sound(const Kernels& kernels) {
  std::set<std::string> names;
  for (const auto& kernel : kernels) {
    EXPECT_NE(kernel.run, nullptr);
    const std::string name(kernel.name);
    EXPECT_TRUE(names.insert(name).second) << name << " is there twice";
    EXPECT_EQ(name.ends_with("__scalar"), kernel.isa == isa::scalar) << name;
  }
  EXPECT_EQ(kernels.back().isa, isa::scalar);
}

TEST(Families, HaveNamesThatDecodeAndEndWithScalar) {
  expect_sound(binary_kernels());
  expect_sound(lut_kernels());
  expect_sound(pool_kernels());
  expect_sound(quantize_kernels());
  expect_sound(reduce_kernels());
  expect_sound(softmax_kernels());
  expect_sound(unary_kernels());
}

// Whatever a machine has, a scalar-only build or cap finds a kernel for all it found before.
TEST(Families, SelectByIsaAlone) {
  constexpr IsaBits kAll = ~IsaBits{0};
  for (const auto& kernel : binary_kernels()) {
    ASSERT_NE(select_binary(kernel.op, kernel.type, isa::scalar), nullptr) << kernel.name;
    EXPECT_EQ(select_binary(kernel.op, kernel.type, isa::scalar)->isa, isa::scalar);
    EXPECT_NE(select_binary(kernel.op, kernel.type, kAll), nullptr);
  }
  for (const auto& kernel : pool_kernels())
    EXPECT_NE(select_pool(kernel.op, kernel.type, isa::scalar), nullptr) << kernel.name;
  EXPECT_EQ(select_binary(BinaryOp::atan2, DType::i8, kAll), nullptr);
}

}  // namespace
}  // namespace pinfer
