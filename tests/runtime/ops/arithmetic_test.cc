// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using I8 = std::int8_t;
using U8 = std::uint8_t;
using I16 = std::int16_t;
using I32 = std::int32_t;
using I64 = std::int64_t;

ElementwiseParams with(Activation activation) { return {.activation = activation}; }

template <class T>
std::vector<T> random_values(std::size_t count, std::mt19937& random) {
  std::uniform_int_distribution<int> pick(std::numeric_limits<T>::min(),
                                          std::numeric_limits<T>::max());
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(pick(random));
  return values;
}

// The quantized result of real arithmetic, which the fixed point may miss by one step.
template <class T>
double quantized_real(double real, const Quant& quant) {
  const double q = std::round(real / static_cast<double>(quant.scale[0])) + quant.zero_point[0];
  return std::clamp<double>(q, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
}

template <class T>
void expect_near_real(const std::string& op, double (*real)(double, double), const Quant& qa,
                      const Quant& qb, const Quant& qo) {
  std::mt19937 random(7);
  const auto a = random_values<T>(2 * 3 * 5, random), b = random_values<T>(5, random);
  OneNode node(op, ElementwiseParams{});
  node.input<T>({2, 3, 5}, a, qa).template input<T>({5}, b, qb).template output<T>(qo);
  ASSERT_EQ(node.run(), Status::ok);
  const auto out = node.result<T>();
  const auto value = [](T q, const Quant& quant) {
    return (q - quant.zero_point[0]) * static_cast<double>(quant.scale[0]);
  };
  ASSERT_EQ(out.size(), a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double expected = quantized_real<T>(real(value(a[i], qa), value(b[i % 5], qb)), qo);
    EXPECT_NEAR(out[i], expected, 1.0) << op << " at " << i;
  }
}

TEST(Add, IsTheSumInQuantizedNumbers) {
  const auto add = [](double a, double b) { return a + b; };
  const auto sub = [](double a, double b) { return a - b; };
  const auto mul = [](double a, double b) { return a * b; };
  const auto q = OneNode::quant;
  for (const auto& [op, real] : {std::pair<std::string, double (*)(double, double)>{"ADD", add},
                                 {"SUB", sub},
                                 {"MUL", mul}}) {
    expect_near_real<I8>(op, real, q(0.05f, 3), q(0.11f, -20), q(0.2f, 5));
    expect_near_real<U8>(op, real, q(0.05f, 130), q(0.11f, 100), q(0.2f, 128));
    expect_near_real<I16>(op, real, q(0.0005f, 0), q(0.0011f, 0), q(0.002f, 0));
  }
}

// 2 * max scale = 1; operands at half scale; sum (4 + 6) * 0.5 = 5.
TEST(Add, GivesTheBitsOfTheReference) {
  OneNode node("ADD");
  node.input<I8>({3}, {4, 127, -128}, OneNode::quant(0.5f, 0))
      .input<I8>({3}, {6, 127, -128}, OneNode::quant(0.5f, 0))
      .output<I8>(OneNode::quant(1.0f, 0));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I8>(), ElementsAre(5, 127, -128));
}

TEST(Add, BroadcastsUpToSixDimensions) {
  OneNode node("ADD");
  node.input<float>({1, 2, 1, 1, 1, 2}, {1, 2, 3, 4}).input<float>({3, 1}, {10, 20, 30});
  node.output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 2, 1, 1, 3, 2}));
  EXPECT_THAT(node.result<float>(), ElementsAre(11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34));
}

// Against plain nested loops, with threads, over shapes that fuse in different ways.
TEST(Add, AgreesWithNestedLoopsOnRandomShapes) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    Shape a, b, out;
    const auto rank = static_cast<std::size_t>(1 + round % 5);
    for (std::size_t d = 0; d < rank; ++d) {
      const auto dim = static_cast<I32>(1 + random() % 4);
      const auto kind = random() % 3;
      static_cast<void>(a.push_back(kind == 1 ? 1 : dim));
      static_cast<void>(b.push_back(kind == 2 ? 1 : dim));
      static_cast<void>(out.push_back(dim));
    }
    std::vector<I32> x(static_cast<std::size_t>(elements(a))),
        y(static_cast<std::size_t>(elements(b)));
    for (auto& v : x) v = static_cast<I32>(random() % 1000);
    for (auto& v : y) v = static_cast<I32>(random() % 1000) * 1000;
    OneNode node("ADD", ElementwiseParams{}, 3);
    node.input<I32>(a, x).input<I32>(b, y).output<I32>();
    ASSERT_EQ(node.run(), Status::ok);
    const auto result = node.result<I32>();
    for (std::size_t i = 0; i < result.size(); ++i) {
      std::size_t rest = i, at_a = 0, at_b = 0, step_a = 1, step_b = 1;
      for (std::size_t d = rank; d-- > 0;) {
        const std::size_t c = rest % static_cast<std::size_t>(out[d]);
        rest /= static_cast<std::size_t>(out[d]);
        at_a += a[d] == 1 ? 0 : c * step_a;
        at_b += b[d] == 1 ? 0 : c * step_b;
        step_a *= static_cast<std::size_t>(a[d]);
        step_b *= static_cast<std::size_t>(b[d]);
      }
      ASSERT_EQ(result[i], x[at_a] + y[at_b]) << "round " << round << " at " << i;
    }
  }
}

TEST(Add, AppliesTheFusedActivation) {
  OneNode relu6("ADD", with(Activation::relu6));
  relu6.input<float>({3}, {-4, 2, 5}).input<float>({}, {1.5f}).output<float>();
  EXPECT_EQ(relu6.run(), Status::ok);
  EXPECT_THAT(relu6.result<float>(), ElementsAre(0, 3.5f, 6));
  OneNode quantized("ADD", with(Activation::relu));
  quantized.input<I8>({3}, {-40, 0, 20}, OneNode::quant(0.5f, 0))
      .input<I8>({3}, {-40, 0, 20}, OneNode::quant(0.5f, 0))
      .output<I8>(OneNode::quant(1.0f, -10));
  EXPECT_EQ(quantized.run(), Status::ok);
  EXPECT_THAT(quantized.result<I8>(), ElementsAre(-10, -10, 10));
  OneNode tanh("ADD", with(Activation::tanh));
  tanh.input<float>({1}, {1}).input<float>({1}, {1}).output<float>();
  EXPECT_THAT(tanh.refusal(), HasSubstr("not supported"));
}

TEST(Add, WrapsIntegersInsteadOfOverflowing) {
  OneNode node("ADD");
  node.input<I32>({2}, {std::numeric_limits<I32>::max(), 5}).input<I32>({2}, {1, 6}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(std::numeric_limits<I32>::min(), 11));
}

TEST(Add, ShiftsOneOperandInTheOldInt16Scheme) {
  ElementwiseParams params{.pot_scale_int16 = true};
  OneNode node("ADD", params);
  node.input<I16>({4}, {100, -100, 32767, 3}, OneNode::quant(1.0f / 32768, 0))
      .input<I16>({4}, {7, -6, 32767, 2}, OneNode::quant(1.0f / 131072, 0))
      .output<I16>(OneNode::quant(1.0f / 32768, 0));
  EXPECT_EQ(node.run(), Status::ok);
  // 7/4 = 1.75 -> 2; -6/4 = -1.5 -> -2; 2/4 = 0.5 -> 1.
  EXPECT_THAT(node.result<I16>(), ElementsAre(102, -102, 32767, 4));
}

TEST(Mul, GivesTheBitsOfTheReference) {
  // 0.5 * 0.5 / 1 = 1/4 is 1/2 and a shift, each rounded: 21 -> 10.5 -> 11 -> 5.5 -> 6, but
  // -21 -> -10.5 -> -10 -> -5 (the high product rounds halves up); 10 -> 5 -> 2.5 -> 3.
  OneNode node("MUL");
  node.input<I8>({3}, {3, -3, 5}, OneNode::quant(0.5f, 0))
      .input<I8>({3}, {7, 7, 2}, OneNode::quant(0.5f, 0))
      .output<I8>(OneNode::quant(1.0f, 0));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I8>(), ElementsAre(6, -5, 3));
}

TEST(Div, HasAResultForZeroDivisors) {
  OneNode ints("DIV");
  ints.input<I32>({4}, {7, -7, std::numeric_limits<I32>::min(), 3}).input<I32>({4}, {2, 0, -1, 0});
  ints.output<I32>();
  EXPECT_EQ(ints.run(), Status::ok);
  EXPECT_THAT(ints.result<I32>(), ElementsAre(3, 0, std::numeric_limits<I32>::min(), 0));
  OneNode quantized("DIV");
  quantized.input<I8>({4}, {10, -10, 0, 50}, OneNode::quant(0.5f, 0))
      .input<I8>({4}, {0, 0, 0, 5}, OneNode::quant(0.5f, 0))
      .output<I8>(OneNode::quant(0.25f, 1));
  EXPECT_EQ(quantized.run(), Status::ok);
  EXPECT_THAT(quantized.result<I8>(), ElementsAre(127, -128, 1, 41));
}

TEST(Div, IsTheQuotientInQuantizedNumbers) {
  const auto div = [](double a, double b) {
    return b == 0 ? (a == 0 ? 0 : a > 0 ? 1e9 : -1e9) : a / b;
  };
  expect_near_real<I8>("DIV", div, OneNode::quant(0.5f, 3), OneNode::quant(0.1f, -20),
                       OneNode::quant(0.7f, 5));
  expect_near_real<U8>("DIV", div, OneNode::quant(0.5f, 3), OneNode::quant(0.1f, 120),
                       OneNode::quant(0.7f, 128));
}

TEST(Arithmetic, RefusesHostileOperands) {
  OneNode shapes("MUL");
  shapes.input<float>({2, 3}, {1, 2, 3, 4, 5, 6}).input<float>({2}, {1, 2}).output<float>();
  EXPECT_THAT(shapes.refusal(), HasSubstr("V8: operator 0 MUL: shapes [2x3] and [2]"));
  OneNode types("SUB");
  types.input<float>({1}, {1}).input<I32>({1}, {1}).output<float>();
  EXPECT_THAT(types.refusal(), HasSubstr("V8"));
  OneNode missing("ADD");
  missing.input<float>({1}, {1}).absent().output<float>();
  EXPECT_THAT(missing.refusal(), HasSubstr("V2"));
  for (const float scale : {0.0f, -1.0f, std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity(), 1e-38f}) {
    OneNode node("MUL");
    node.input<I8>({1}, {1}, OneNode::quant(1e30f, 0))
        .input<I8>({1}, {1}, OneNode::quant(0.5f, 0))
        .output<I8>(OneNode::quant(scale, 0));
    EXPECT_THAT(node.refusal(), HasSubstr("V10")) << scale;
  }
}

TEST(Arithmetic, DoesNothingForEmptyTensors) {
  OneNode node("ADD");
  node.input<float>({0, 3}, {}).input<float>({3}, {1, 2, 3}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace pinfer
