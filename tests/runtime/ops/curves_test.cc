// SPDX-License-Identifier: Apache-2.0
// LOGISTIC, TANH, SOFTMAX, LOG_SOFTMAX, QUANTIZE, DEQUANTIZE.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using I8 = std::int8_t;
using U8 = std::uint8_t;
using I16 = std::int16_t;
using I32 = std::int32_t;

template <class T>
std::vector<T> all_values(int step = 1) {
  std::vector<T> values;
  for (int q = std::numeric_limits<T>::min(); q <= std::numeric_limits<T>::max(); q += step)
    values.push_back(static_cast<T>(q));
  return values;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

template <class T>
void expect_curve(const std::string& op, const Quant& in, const Quant& out, double error,
                  double (*curve)(double), int step = 1) {
  const auto values = all_values<T>(step);
  OneNode node(op);
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

TEST(Logistic, FollowsTheCurveInEveryType) {
  expect_curve<I8>("LOGISTIC", OneNode::quant(0.1f, 5), OneNode::quant(1 / 256.0f, -128), 0.501,
                   sigmoid);
  expect_curve<U8>("LOGISTIC", OneNode::quant(0.1f, 99), OneNode::quant(1 / 256.0f, 0), 0.501,
                   sigmoid);
  expect_curve<I16>("LOGISTIC", OneNode::quant(0.0004f, 0), OneNode::quant(1 / 32768.0f, 0), 8.0,
                    sigmoid, 7);
  expect_curve<I16>("LOGISTIC", OneNode::quant(1 / 4096.0f, 0), OneNode::quant(1 / 32768.0f, 0),
                    8.0, sigmoid, 7);
}

TEST(Tanh, FollowsTheCurveInEveryType) {
  const auto curve = [](double x) { return std::tanh(x); };
  expect_curve<I8>("TANH", OneNode::quant(0.03f, 5), OneNode::quant(1 / 128.0f, 0), 0.501, curve);
  expect_curve<U8>("TANH", OneNode::quant(0.03f, 99), OneNode::quant(1 / 128.0f, 128), 0.501,
                   curve);
  for (const float scale : {0.0004f, 1 / 4096.0f, 1 / 2048.0f})
    expect_curve<I16>("TANH", OneNode::quant(scale, 0), OneNode::quant(1 / 32768.0f, 0), 16.0,
                      curve, 7);
}

TEST(Logistic, SaturatesFarOut) {
  OneNode node("LOGISTIC");
  node.input<float>({4}, {-1e9f, -20, 0, 1e9f}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(0, FloatNear(2.061e-9f, 1e-12f), 0.5f, 1));
}

TEST(Logistic, RefusesOtherOutputScales) {
  OneNode bytes("LOGISTIC");
  bytes.input<I8>({1}, {1}, OneNode::quant(1, 0)).output<I8>(OneNode::quant(0.01f, -128));
  EXPECT_THAT(bytes.refusal(), HasSubstr("V10"));
  OneNode words("TANH");
  words.input<I16>({1}, {1}, OneNode::quant(1, 0)).output<I16>(OneNode::quant(0.01f, 0));
  EXPECT_THAT(words.refusal(), HasSubstr("V10"));
  OneNode huge("TANH");
  huge.input<I16>({1}, {1}, OneNode::quant(1e30f, 0)).output<I16>(OneNode::quant(1 / 32768.0f, 0));
  EXPECT_THAT(huge.refusal(), HasSubstr("V10"));
}

template <class In, class Out>
void expect_softmax(const Quant& in, const Quant& out, double error, float beta = 1) {
  const std::vector<In> x = {3, 50, 49, 1, 10, 33, 7, 40, 40, 50};
  OneNode node("SOFTMAX", SoftmaxParams{beta}, 2);
  node.input<In>({2, 5}, x, in).template output<Out>(out);
  ASSERT_EQ(node.run(), Status::ok);
  const auto result = node.result<Out>();
  for (std::size_t row = 0; row < 2; ++row) {
    double sum = 0;
    const auto term = [&](std::size_t c) {
      return std::exp((x[row * 5 + c] - 50) * static_cast<double>(in.scale[0] * beta));
    };
    for (std::size_t c = 0; c < 5; ++c) sum += term(c);
    for (std::size_t c = 0; c < 5; ++c) {
      const double expected = term(c) / sum / static_cast<double>(out.scale[0]) + out.zero_point[0];
      EXPECT_NEAR(result[row * 5 + c], std::min<double>(expected, std::numeric_limits<Out>::max()),
                  error);
    }
  }
}

TEST(Softmax, IsADistributionInEveryType) {
  expect_softmax<I8, I8>(OneNode::quant(0.1f, 4), OneNode::quant(1 / 256.0f, -128), 1);
  expect_softmax<I8, I8>(OneNode::quant(0.1f, 4), OneNode::quant(1 / 256.0f, -128), 1, 0.5f);
  expect_softmax<U8, U8>(OneNode::quant(0.1f, 4), OneNode::quant(1 / 256.0f, 0), 1);
  expect_softmax<I8, I16>(OneNode::quant(0.1f, 4), OneNode::quant(1 / 65536.0f, -32768), 16);
  expect_softmax<I16, I16>(OneNode::quant(0.1f, 0), OneNode::quant(1 / 32768.0f, 0), 8);
  expect_softmax<float, float>(OneNode::quant(1, 0), OneNode::quant(1, 0), 1e-6);
}

TEST(Softmax, SharesRowsOfEqualValues) {
  OneNode node("SOFTMAX", SoftmaxParams{1});
  node.input<I8>({1, 4}, {9, 9, 9, 9}, OneNode::quant(0.1f, 4));
  node.output<I8>(OneNode::quant(1 / 256.0f, -128));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I8>(), Each(-64));
}

TEST(Softmax, StandsRowsThatOutgrowItsAccumulator) {
  const std::vector<I8> x(10000, 5);
  OneNode node("SOFTMAX", SoftmaxParams{1});
  node.input<I8>({1, 10000}, x, OneNode::quant(0.1f, 4)).output<I16>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I16>(), Each(-32768 + 7));  // 65536 / 10000 = 6.55
}

TEST(Softmax, RefusesHostileParameters) {
  const auto refusal = [](float beta, float in, float out) {
    OneNode node("SOFTMAX", SoftmaxParams{beta});
    node.input<I8>({1, 2}, {1, 2}, OneNode::quant(in, 0)).output<I8>(OneNode::quant(out, -128));
    return node.refusal();
  };
  EXPECT_EQ(refusal(1, 1000, 1 / 256.0f), "");
  EXPECT_THAT(refusal(-1, 1, 1 / 256.0f), HasSubstr("V10"));
  EXPECT_THAT(refusal(1e-20f, 1, 1 / 256.0f), HasSubstr("V10"));
  EXPECT_THAT(refusal(std::nanf(""), 1, 1 / 256.0f), HasSubstr("V5"));
  EXPECT_THAT(refusal(1, 1, 1 / 100.0f), HasSubstr("V10"));
  OneNode scalar("SOFTMAX", SoftmaxParams{1});
  scalar.input<float>({}, {1}).output<float>();
  EXPECT_THAT(scalar.refusal(), HasSubstr("V4"));
}

template <class T>
void expect_log_softmax(const Quant& out) {
  const std::vector<T> x = {3, 50, 49, 1, 10, 33};
  OneNode node("LOG_SOFTMAX");
  node.input<T>({1, 6}, x, OneNode::quant(0.1f, 4)).template output<T>(out);
  ASSERT_EQ(node.run(), Status::ok);
  double sum = 0;
  for (const T v : x) sum += std::exp((v - 50) * 0.1);
  for (std::size_t c = 0; c < x.size(); ++c)
    EXPECT_NEAR(node.result<T>()[c], ((x[c] - 50) * 0.1 - std::log(sum)) * 16 + out.zero_point[0],
                1.0);
}

TEST(LogSoftmax, IsTheLogarithmInEveryType) {
  expect_log_softmax<I8>(OneNode::quant(1 / 16.0f, 127));
  expect_log_softmax<U8>(OneNode::quant(1 / 16.0f, 255));
  OneNode node("LOG_SOFTMAX");
  node.input<float>({2}, {1, 1}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), Each(FloatNear(-std::log(2.0f), 1e-6f)));
}

TEST(Quantize, RoundsHalvesAwayFromZeroAndSaturates) {
  OneNode node("QUANTIZE");
  node.input<float>({7}, {0.25f, -0.25f, 0.74f, 1e30f, -1e30f, std::nanf(""), 3})
      .output<I8>(OneNode::quant(0.5f, 10));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I8>(), ElementsAre(11, 9, 11, 127, -128, 10, 16));
}

TEST(Quantize, GoesFromOneQuantizationToAnother) {
  OneNode shift("QUANTIZE");
  shift.input<I8>({3}, {-128, 0, 127}, OneNode::quant(0.5f, -128));
  shift.output<U8>(OneNode::quant(0.5f, 0));
  EXPECT_EQ(shift.run(), Status::ok);
  EXPECT_THAT(shift.result<U8>(), ElementsAre(0, 128, 255));
  OneNode wide("QUANTIZE");
  wide.input<I16>({4}, {300, -300, 5, 3}, OneNode::quant(0.25f, 0));
  wide.output<I8>(OneNode::quant(0.5f, 3));
  EXPECT_EQ(wide.run(), Status::ok);
  EXPECT_THAT(wide.result<I8>(), ElementsAre(127, -128, 6, 5));
  OneNode ints("QUANTIZE");
  ints.input<I32>({2}, {1 << 20, -(1 << 20)}, OneNode::quant(0.001f, 0));
  ints.output<I16>(OneNode::quant(1.0f, 0));
  EXPECT_EQ(ints.run(), Status::ok);
  EXPECT_THAT(ints.result<I16>(), ElementsAre(1049, -1049));
}

TEST(Dequantize, ReadsEveryType) {
  OneNode bytes("DEQUANTIZE");
  bytes.input<U8>({3}, {0, 10, 255}, OneNode::quant(0.5f, 10)).output<float>();
  EXPECT_EQ(bytes.run(), Status::ok);
  EXPECT_THAT(bytes.result<float>(), ElementsAre(-5, 0, 122.5f));
  OneNode halves("DEQUANTIZE");
  halves.input<std::uint16_t>({6}, {0x3c00, 0xc000, 0x0001, 0x7c00, 0x8000, 0x3555})
      .output<float>();
  halves.graph().tensors[0].dtype = DType::f16;
  EXPECT_EQ(halves.run(), Status::ok);
  EXPECT_THAT(
      halves.result<float>(),
      ElementsAre(1, -2, 0x1p-24f, std::numeric_limits<float>::infinity(), -0.0f, 0.333251953125f));
}

TEST(Dequantize, ScalesEachChannel) {
  OneNode node("DEQUANTIZE");
  node.input<I8>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}, Quant{{0.5f, 2}, {0, 1}, 1}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(0.5f, 1, 4, 6, 2.5f, 3, 12, 14));
  OneNode wrong("DEQUANTIZE");
  wrong.input<I8>({2, 3}, {1, 2, 3, 4, 5, 6}, Quant{{0.5f, 2}, {0, 1}, 7}).output<float>();
  EXPECT_THAT(wrong.refusal(), HasSubstr("V6"));
}

}  // namespace
}  // namespace pinfer
