// SPDX-License-Identifier: Apache-2.0
// RELU and its family, LEAKY_RELU, PRELU, HARD_SWISH, ELU, GELU.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using I8 = std::int8_t;
using U8 = std::uint8_t;
using I16 = std::int16_t;
using I32 = std::int32_t;

// Every value of T through the operator, against real arithmetic.
template <class T>
void expect_curve(const std::string& op, const OpParams& params, const Quant& in, const Quant& out,
                  double (*curve)(double), double error) {
  std::vector<T> values;
  for (int q = std::numeric_limits<T>::min(); q <= std::numeric_limits<T>::max(); ++q)
    values.push_back(static_cast<T>(q));
  OneNode node(op, params, 2);
  node.input<T>({static_cast<I32>(values.size())}, values, in).template output<T>(out);
  ASSERT_EQ(node.run(), Status::ok);
  const auto result = node.result<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double real = (values[i] - in.zero_point[0]) * static_cast<double>(in.scale[0]);
    const double q = curve(real) / static_cast<double>(out.scale[0]) + out.zero_point[0];
    const double expected =
        std::clamp<double>(q, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    ASSERT_NEAR(result[i], expected, error) << op << " of " << real;
  }
}

const Quant kIn = OneNode::quant(0.07f, 9), kOut = OneNode::quant(0.05f, -20);
const Quant kInU = OneNode::quant(0.07f, 130), kOutU = OneNode::quant(0.05f, 100);
const Quant kIn16 = OneNode::quant(0.0003f, 0), kOut16 = OneNode::quant(0.0002f, 0);

double relu(double x) { return std::max(x, 0.0); }
double relu6(double x) { return std::clamp(x, 0.0, 6.0); }
double relu1(double x) { return std::clamp(x, -1.0, 1.0); }
double relu01(double x) { return std::clamp(x, 0.0, 1.0); }
double leaky(double x) { return x >= 0 ? x : 0.3 * x; }
double negative_leaky(double x) { return x >= 0 ? x : -0.3 * x; }
double hard_swish(double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; }
double elu(double x) { return x < 0 ? std::expm1(x) : x; }
double gelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }

TEST(Relu, ClampsAndRescalesEveryType) {
  const std::pair<std::string, double (*)(double)> all[] = {
      {"RELU", relu}, {"RELU6", relu6}, {"RELU_N1_TO_1", relu1}, {"RELU_0_TO_1", relu01}};
  for (const auto& [op, curve] : all) {
    expect_curve<I8>(op, {}, kIn, kOut, curve, 1.0);
    expect_curve<U8>(op, {}, kInU, kOutU, curve, 1.0);
    expect_curve<I16>(op, {}, kIn16, kOut16, curve, 1.0);
  }
}

TEST(Relu, KeepsNanAndClampsFloats) {
  OneNode node("RELU6");
  node.input<float>({5}, {-1, 3, 7, std::nanf(""), -0.0f}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  const auto result = node.result<float>();
  EXPECT_EQ(result[0], 0);
  EXPECT_EQ(result[1], 3);
  EXPECT_EQ(result[2], 6);
  EXPECT_TRUE(std::isnan(result[3]));
}

TEST(LeakyRelu, HasTwoSlopesInEveryType) {
  expect_curve<I8>("LEAKY_RELU", LeakyReluParams{0.3f}, kIn, kOut, leaky, 1.0);
  expect_curve<U8>("LEAKY_RELU", LeakyReluParams{0.3f}, kInU, kOutU, leaky, 1.0);
  expect_curve<I16>("LEAKY_RELU", LeakyReluParams{0.3f}, kIn16, kOut16, leaky, 1.0);
  expect_curve<I16>("LEAKY_RELU", LeakyReluParams{-0.3f}, kIn16, kOut16, negative_leaky, 1.0);
  OneNode node("LEAKY_RELU", LeakyReluParams{0.5f});
  node.input<float>({3}, {-4, 0, 4}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(-2, 0, 4));
  OneNode nan("LEAKY_RELU", LeakyReluParams{std::nanf("")});
  nan.input<float>({1}, {1}).output<float>();
  EXPECT_THAT(nan.refusal(), HasSubstr("V5"));
}

TEST(HardSwish, FollowsTheCurveInEveryType) {
  expect_curve<I8>("HARD_SWISH", {}, OneNode::quant(0.05f, 9), kOut, hard_swish, 1.5);
  expect_curve<U8>("HARD_SWISH", {}, OneNode::quant(0.05f, 130), kOutU, hard_swish, 1.5);
  expect_curve<I8>("HARD_SWISH", {}, OneNode::quant(0.002f, 0), OneNode::quant(0.001f, 0),
                   hard_swish, 1.5);
  OneNode node("HARD_SWISH");
  node.input<float>({4}, {-4, -1, 1, 4}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(),
              ElementsAre(0, FloatNear(-1 / 3.0f, 1e-6f), FloatNear(2 / 3.0f, 1e-6f), 4));
  OneNode small("HARD_SWISH");
  small.input<I8>({1}, {1}, OneNode::quant(1, 0)).output<I8>(OneNode::quant(1e-6f, 0));
  EXPECT_THAT(small.refusal(), HasSubstr("V10"));
}

TEST(Elu, FollowsTheCurve) {
  expect_curve<I8>("ELU", {}, kIn, kOut, elu, 0.51);
  OneNode node("ELU");
  node.input<float>({2}, {-1, 2}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(FloatNear(-0.632121f, 1e-6f), 2));
}

TEST(Gelu, FollowsTheCurveExactlyOrNearly) {
  for (const bool approximate : {false, true}) {
    expect_curve<I8>("GELU", GeluParams{approximate}, kIn, kOut, gelu, 0.6);
    expect_curve<U8>("GELU", GeluParams{approximate}, kInU, kOutU, gelu, 0.6);
    expect_curve<I16>("GELU", GeluParams{approximate}, kIn16, kIn16, gelu, 4.0);
    OneNode node("GELU", GeluParams{approximate});
    node.input<float>({2}, {-1, 2}).output<float>();
    EXPECT_EQ(node.run(), Status::ok);
    EXPECT_THAT(node.result<float>(),
                ElementsAre(FloatNear(-0.158655f, 1e-3f), FloatNear(1.954500f, 1e-3f)));
  }
}

TEST(Prelu, SharesSlopesAlongDimensions) {
  OneNode node("PRELU");
  node.input<float>({2, 3}, {-1, -1, 1, -2, 2, -2}).input<float>({3}, {0.5f, 2, 3});
  node.output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(-0.5f, -2, 1, -1, 2, -6));
  OneNode quantized("PRELU");
  quantized.input<I8>({4}, {-40, -10, 0, 20}, OneNode::quant(0.5f, 0))
      .input<I8>({1}, {20}, OneNode::quant(0.05f, 0))
      .output<I8>(OneNode::quant(0.25f, 3));
  EXPECT_EQ(quantized.run(), Status::ok);
  EXPECT_THAT(quantized.result<I8>(), ElementsAre(-77, -17, 3, 43));
}

TEST(Prelu, RefusesSlopesThatWouldGrowTheOutput) {
  OneNode node("PRELU");
  node.input<float>({1, 3}, {1, 2, 3}).input<float>({2, 3}, {1, 2, 3, 4, 5, 6}).output<float>();
  EXPECT_THAT(node.refusal(), HasSubstr("V8"));
}

}  // namespace
}  // namespace pinfer
