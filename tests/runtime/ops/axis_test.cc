// SPDX-License-Identifier: Apache-2.0
// ARG_MAX, ARG_MIN, CUMSUM, L2_NORMALIZATION, RFFT2D, COMPLEX_ABS.
#include <gmock/gmock.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <random>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using I8 = std::int8_t;
using U8 = std::uint8_t;
using I32 = std::int32_t;
using I64 = std::int64_t;

TEST(ArgMax, FindsTheFirstOfTheBest) {
  OneNode max("ARG_MAX", ArgParams{true}, 2);
  max.input<I8>({2, 4}, {1, 9, 9, 2, -5, -7, -5, -9}).known<I32>({}, {1}).output<I64>();
  EXPECT_EQ(max.run(), Status::ok);
  EXPECT_EQ(max.shape(), (Shape{2}));
  EXPECT_THAT(max.result<I64>(), ElementsAre(1, 0));
  OneNode min("ARG_MIN", ArgParams{false});
  min.input<float>({2, 3}, {1, 9, std::nanf(""), 0, 9, 2}).known<I64>({1}, {-2}).output<I32>();
  EXPECT_EQ(min.run(), Status::ok);
  EXPECT_THAT(min.result<I32>(), ElementsAre(1, 0, 1));
}

TEST(ArgMax, RefusesHostileAxes) {
  for (const I32 axis : {2, -3, 100000}) {
    OneNode node("ARG_MAX");
    node.input<float>({2, 2}, {1, 2, 3, 4}).known<I32>({1}, {axis}).output<I64>();
    EXPECT_THAT(node.refusal(), HasSubstr("V6"));
  }
  OneNode two("ARG_MAX");
  two.input<float>({2, 2}, {1, 2, 3, 4}).known<I32>({2}, {0, 1}).output<I64>();
  EXPECT_THAT(two.refusal(), HasSubstr("V6"));
  OneNode empty("ARG_MAX");
  empty.input<float>({2, 0}, {}).known<I32>({1}, {1}).output<I64>();
  EXPECT_THAT(empty.refusal(), HasSubstr("V4"));
}

std::vector<I32> summed(bool exclusive, bool reverse, I32 axis) {
  OneNode node("CUMSUM", CumsumParams{exclusive, reverse}, 2);
  node.input<I32>({2, 3}, {1, 2, 3, 4, 5, 6}).known<I32>({}, {axis}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  return node.result<I32>();
}

TEST(Cumsum, RunsAlongOneDimension) {
  EXPECT_THAT(summed(false, false, 1), ElementsAre(1, 3, 6, 4, 9, 15));
  EXPECT_THAT(summed(true, false, 1), ElementsAre(0, 1, 3, 0, 4, 9));
  EXPECT_THAT(summed(false, true, 1), ElementsAre(6, 5, 3, 15, 11, 6));
  EXPECT_THAT(summed(true, true, -1), ElementsAre(5, 3, 0, 11, 6, 0));
  EXPECT_THAT(summed(false, false, 0), ElementsAre(1, 2, 3, 5, 7, 9));
  OneNode node("CUMSUM", CumsumParams{});
  node.input<I32>({2}, {1, 2}).known<I32>({}, {1}).output<I32>();
  EXPECT_THAT(node.refusal(), HasSubstr("V6"));
}

template <class T>
void expect_unit_rows(const Quant& in, const Quant& out, double error) {
  const std::vector<T> x = {3, 40, 9, 100, 77, 5, 5, 5};
  OneNode node("L2_NORMALIZATION");
  node.input<T>({2, 4}, x, in).template output<T>(out);
  ASSERT_EQ(node.run(), Status::ok);
  for (std::size_t row = 0; row < 2; ++row) {
    const auto centred = [&](std::size_t c) {
      return static_cast<double>(x[row * 4 + c]) - in.zero_point[0];
    };
    double sum = 0;
    for (std::size_t c = 0; c < 4; ++c) sum += centred(c) * centred(c);
    for (std::size_t c = 0; c < 4; ++c) {
      const double real = centred(c) / std::sqrt(sum);
      const double expected = real / static_cast<double>(out.scale[0]) + out.zero_point[0];
      EXPECT_NEAR(node.result<T>()[row * 4 + c],
                  std::min<double>(expected, std::numeric_limits<T>::max()), error);
    }
  }
}

TEST(L2Normalization, GivesRowsOfLengthOne) {
  expect_unit_rows<I8>(OneNode::quant(0.1f, 7), OneNode::quant(1 / 128.0f, 0), 1.0);
  expect_unit_rows<U8>(OneNode::quant(0.1f, 7), OneNode::quant(1 / 128.0f, 128), 1.0);
  expect_unit_rows<float>(OneNode::quant(1, 0), OneNode::quant(1, 0), 1e-6);
  OneNode zeros("L2_NORMALIZATION");
  zeros.input<I8>({1, 2}, {7, 7}, OneNode::quant(1, 7)).output<I8>(OneNode::quant(1 / 128.0f, 0));
  EXPECT_EQ(zeros.run(), Status::ok);
  EXPECT_THAT(zeros.result<I8>(), ElementsAre(0, 0));
  OneNode scale("L2_NORMALIZATION");
  scale.input<I8>({1, 2}, {7, 7}, OneNode::quant(1, 7)).output<I8>(OneNode::quant(1, 0));
  EXPECT_THAT(scale.refusal(), HasSubstr("V10"));
}

TEST(Rfft2d, IsTheFourierTransform) {
  constexpr std::size_t kInHeight = 3, kInWidth = 10, kHeight = 4, kWidth = 8;
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> x(2 * kInHeight * kInWidth);
  for (float& v : x) v = normal(random);
  OneNode node("RFFT2D");
  node.input<float>({2, kInHeight, kInWidth}, x).known<I32>({2}, {kHeight, kWidth});
  node.output(DType::c64);
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, kHeight, kWidth / 2 + 1}));
  const auto result = node.result<float>();
  std::size_t at = 0;
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t u = 0; u < kHeight; ++u)
      for (std::size_t v = 0; v <= kWidth / 2; ++v, at += 2) {
        std::complex<double> sum;
        for (std::size_t i = 0; i < kInHeight; ++i)
          for (std::size_t j = 0; j < kWidth; ++j) {
            const double turns =
                static_cast<double>(u * i) / kHeight + static_cast<double>(v * j) / kWidth;
            sum += static_cast<double>(x[(n * kInHeight + i) * kInWidth + j]) *
                   std::polar(1.0, -2 * std::numbers::pi * turns);
          }
        EXPECT_NEAR(result[at], sum.real(), 1e-5);
        EXPECT_NEAR(result[at + 1], sum.imag(), 1e-5);
      }
}

TEST(Rfft2d, RefusesLengthsThatAreNoPowersOfTwo) {
  for (const I32 length : {0, -4, 3, 1 << 30}) {
    OneNode node("RFFT2D");
    node.input<float>({2, 2}, {1, 2, 3, 4}).known<I32>({2}, {2, length}).output(DType::c64);
    EXPECT_THAT(node.refusal(), HasSubstr("V5"));
  }
  OneNode one("RFFT2D");
  one.input<float>({1, 2}, {1, 2}).known<I32>({2}, {1, 1}).output(DType::c64);
  EXPECT_EQ(one.run(), Status::ok);
  EXPECT_THAT(one.result<float>(), ElementsAre(1, 0));
}

TEST(ComplexAbs, IsTheDistanceFromZero) {
  OneNode node("COMPLEX_ABS");
  node.input<float>({4}, {3, 4, -5, 12}).output<float>();
  node.graph().tensors[0].dtype = DType::c64;
  node.graph().tensors[0].shape = {2};
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(5, 13));
}

}  // namespace
}  // namespace pinfer
