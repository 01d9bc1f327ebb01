// SPDX-License-Identifier: Apache-2.0
// Unary and binary functions, comparisons, SELECT, CAST.
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
using I64 = std::int64_t;

constexpr I32 kLowest = std::numeric_limits<I32>::min(), kHighest = std::numeric_limits<I32>::max();

template <class T>
std::vector<T> unary(const std::string& op, std::vector<T> x, Quant in = {}, Quant out = {}) {
  OneNode node(op);
  node.input<T>({static_cast<I32>(x.size())}, x, in).template output<T>(out);
  EXPECT_EQ(node.run(), Status::ok);
  return node.result<T>();
}

TEST(Unary, HasTheUsualFunctions) {
  const std::vector<float> x = {0.25f, 4, 2};
  const std::pair<std::string, double (*)(double)> all[] = {
      {"ABS", [](double v) { return std::abs(v); }},
      {"NEG", [](double v) { return -v; }},
      {"SQUARE", [](double v) { return v * v; }},
      {"SQRT", [](double v) { return std::sqrt(v); }},
      {"RSQRT", [](double v) { return 1 / std::sqrt(v); }},
      {"EXP", [](double v) { return std::exp(v); }},
      {"LOG", [](double v) { return std::log(v); }},
      {"SIN", [](double v) { return std::sin(v); }},
      {"COS", [](double v) { return std::cos(v); }},
      {"TANH", [](double v) { return std::tanh(v); }}};
  for (const auto& [op, function] : all) {
    const auto result = unary<float>(op, x);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(result[i], function(x[i]), 1e-5) << op << " of " << x[i];
  }
  EXPECT_THAT(unary<float>("FLOOR", {-1.5f, 1.5f}), ElementsAre(-2, 1));
  EXPECT_THAT(unary<float>("CEIL", {-1.5f, 1.5f}), ElementsAre(-1, 2));
  EXPECT_THAT(unary<float>("ROUND", {-1.5f, 0.5f, 1.5f, 2.5f, 2.6f, 1e30f}),
              ElementsAre(-2, 0, 2, 2, 3, 1e30f));
  EXPECT_THAT(unary<float>("SIGN", {-7, 0, 7}), ElementsAre(-1, 0, 1));
  EXPECT_THAT(unary<I32>("NEG", {5, kLowest}), ElementsAre(-5, kLowest));
  EXPECT_THAT(unary<I32>("ABS", {-5, kLowest}), ElementsAre(5, kLowest));
  EXPECT_THAT(unary<I32>("SIGN", {-5, 0, 9}), ElementsAre(-1, 0, 1));
}

template <class T>
void expect_curve(const std::string& op, const Quant& in, const Quant& out, double (*curve)(double),
                  double error, int first) {
  std::vector<T> values;
  for (int q = first; q <= std::numeric_limits<T>::max(); ++q) values.push_back(static_cast<T>(q));
  const auto result = unary<T>(op, values, in, out);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double real = (values[i] - in.zero_point[0]) * static_cast<double>(in.scale[0]);
    const double q = curve(real) / static_cast<double>(out.scale[0]) + out.zero_point[0];
    const double expected =
        std::clamp<double>(q, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    ASSERT_NEAR(result[i], expected, error) << op << " of " << real;
  }
}

TEST(Unary, FollowsTheCurvesInQuantizedNumbers) {
  const auto q = OneNode::quant;
  const auto abs = [](double x) { return std::abs(x); };
  const auto exp = [](double x) { return std::exp(x); };
  const auto log = [](double x) { return std::log(x); };
  const auto sqrt = [](double x) { return std::sqrt(x); };
  const auto rsqrt = [](double x) { return 1 / std::sqrt(x); };
  expect_curve<I8>("ABS", q(0.1f, 5), q(0.07f, -100), abs, 1.0, -128);
  expect_curve<I16>("ABS", q(0.001f, 0), q(0.0007f, 0), abs, 1.0, -32768);
  expect_curve<I8>("EXP", q(0.02f, 0), q(0.05f, -128), exp, 0.51, -128);
  expect_curve<I16>("EXP", q(0.0001f, 0), q(0.001f, 0), exp, 4.0, -32768);
  expect_curve<I8>("LOG", q(0.1f, -128), q(0.05f, 10), log, 0.51, -127);
  expect_curve<I8>("SQRT", q(0.1f, -128), q(0.02f, -128), sqrt, 1.0, -128);
  expect_curve<I16>("SQRT", q(0.1f, 0), q(0.002f, 0), sqrt, 1.0, 0);
  expect_curve<I8>("RSQRT", q(0.1f, -128), q(0.02f, -128), rsqrt, 1.0, -127);
}

TEST(Unary, StaysInRangeOutsideTheDomain) {
  EXPECT_THAT(unary<I8>("RSQRT", {-5, 0}, OneNode::quant(1, 0), OneNode::quant(1, 0)),
              ElementsAre(127, 127));
  EXPECT_THAT(unary<I8>("LOG", {-5, 0}, OneNode::quant(1, 0), OneNode::quant(1, 0)),
              ElementsAre(-128, -128));
  EXPECT_THAT(unary<I8>("SQRT", {-5, 0}, OneNode::quant(1, 0), OneNode::quant(1, 3)),
              ElementsAre(3, 3));
  EXPECT_THAT(unary<I8>("EXP", {127}, OneNode::quant(1e30f, 0), OneNode::quant(1e-30f, 0)),
              ElementsAre(127));
}

template <class T>
std::vector<T> binary(const std::string& op, std::vector<T> a, std::vector<T> b) {
  OneNode node(op);
  node.input<T>({static_cast<I32>(a.size())}, a).template input<T>({static_cast<I32>(b.size())}, b);
  node.output<T>();
  EXPECT_EQ(node.run(), Status::ok);
  return node.result<T>();
}

TEST(Binary, HasTheUsualFunctions) {
  EXPECT_THAT(binary<I8>("MAXIMUM", {1, -2, 3}, {0}), ElementsAre(1, 0, 3));
  EXPECT_THAT(binary<float>("MINIMUM", {1, -2, 3}, {0}), ElementsAre(0, -2, 0));
  EXPECT_THAT(binary<float>("SQUARED_DIFFERENCE", {1, -2}, {3}), ElementsAre(4, 25));
  EXPECT_THAT(binary<I32>("SQUARED_DIFFERENCE", {kHighest, 7}, {-1, 3}), ElementsAre(0, 16));
  EXPECT_THAT(binary<float>("POW", {2, 9}, {3, 0.5f}), ElementsAre(8, 3));
  EXPECT_THAT(binary<I32>("POW", {2, -3, 5, 1, -1, 7}, {10, 3, 0, -5, -3, -1}),
              ElementsAre(1024, -27, 1, 1, -1, 0));
  EXPECT_THAT(binary<float>("ATAN2", {1, -1}, {-1, 1}),
              ElementsAre(FloatNear(2.356194f, 1e-6f), FloatNear(-0.785398f, 1e-6f)));
}

TEST(Binary, RoundsQuotientsDown) {
  EXPECT_THAT(binary<I32>("FLOOR_DIV", {7, -7, 7, -7, 6, kLowest, 5}, {2, 2, -2, -2, 3, -1, 0}),
              ElementsAre(3, -4, -4, 3, 2, kLowest, 0));
  EXPECT_THAT(binary<I32>("FLOOR_MOD", {7, -7, 7, -7, 6, kLowest, 5}, {2, 2, -2, -2, 3, -1, 0}),
              ElementsAre(1, 1, -1, -1, 0, 0, 0));
  EXPECT_THAT(binary<float>("FLOOR_DIV", {7, -7}, {2}), ElementsAre(3, -4));
  EXPECT_THAT(binary<float>("FLOOR_MOD", {7.5f, -7.5f}, {2}), ElementsAre(1.5f, 0.5f));
}

TEST(SquaredDifference, IsRightInQuantizedNumbers) {
  OneNode node("SQUARED_DIFFERENCE");
  node.input<I8>({3}, {10, -10, 127}, OneNode::quant(0.5f, 0))
      .input<I8>({3}, {4, 10, -128}, OneNode::quant(0.25f, 0))
      .output<I8>(OneNode::quant(1.0f, -100));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I8>(), ElementsAre(-84, -44, 127));  // 16, 56.25, far out
}

template <class T>
std::vector<U8> compared(const std::string& op, std::vector<T> a, std::vector<T> b, Quant qa = {},
                         Quant qb = {}) {
  OneNode node(op);
  node.input<T>({static_cast<I32>(a.size())}, a, qa)
      .template input<T>({static_cast<I32>(b.size())}, b, qb)
      .output(DType::boolean);
  EXPECT_EQ(node.run(), Status::ok);
  return node.result<U8>();
}

TEST(Compare, GivesBools) {
  EXPECT_THAT(compared<float>("LESS", {1, 2, 3}, {2}), ElementsAre(1, 0, 0));
  EXPECT_THAT(compared<I32>("LESS_EQUAL", {1, 2, 3}, {2}), ElementsAre(1, 1, 0));
  EXPECT_THAT(compared<I64>("GREATER", {1, 2, 3}, {2}), ElementsAre(0, 0, 1));
  EXPECT_THAT(compared<I16>("GREATER_EQUAL", {1, 2, 3}, {2}), ElementsAre(0, 1, 1));
  EXPECT_THAT(compared<float>("EQUAL", {1, std::nanf("")}, {1, std::nanf("")}), ElementsAre(1, 0));
  EXPECT_THAT(compared<I32>("NOT_EQUAL", {1, 2}, {1}), ElementsAre(0, 1));
}

TEST(Compare, BringsQuantizedOperandsToOneScale) {
  const Quant half = OneNode::quant(0.5f, 1), quarter = OneNode::quant(0.25f, -3);
  EXPECT_THAT(compared<I8>("LESS", {3, 5, 4}, {1, 1, 3}, half, quarter), ElementsAre(0, 0, 0));
  EXPECT_THAT(compared<I8>("EQUAL", {3, 5, 4}, {1, 1, 3}, half, quarter), ElementsAre(1, 0, 1));
}

TEST(Compare, KnowsLogic) {
  for (const auto& [op, first, second] : {std::tuple{"LOGICAL_AND", 0, 1}, {"LOGICAL_OR", 1, 1}}) {
    OneNode node(op);
    node.input<U8>({2}, {0, 7}).input<U8>({}, {1}).output(DType::boolean);
    node.graph().tensors[0].dtype = node.graph().tensors[1].dtype = DType::boolean;
    EXPECT_EQ(node.run(), Status::ok);
    EXPECT_THAT(node.result<U8>(), ElementsAre(first, second));
  }
  OneNode wrong("LOGICAL_AND");
  wrong.input<float>({1}, {1}).input<float>({1}, {1}).output(DType::boolean);
  EXPECT_THAT(wrong.refusal(), HasSubstr("not supported"));
  OneNode negated("LOGICAL_NOT");
  negated.input<U8>({2}, {0, 5}).output(DType::boolean);
  negated.graph().tensors[0].dtype = DType::boolean;
  EXPECT_EQ(negated.run(), Status::ok);
  EXPECT_THAT(negated.result<U8>(), ElementsAre(1, 0));
}

std::vector<I16> selected(const std::string& op, Shape shape, std::vector<U8> condition) {
  OneNode node(op);
  node.input<U8>(shape, std::move(condition)).input<I16>({2, 2}, {1, 2, 3, 4});
  node.input<I16>({2, 2}, {-1, -2, -3, -4}).output<I16>();
  node.graph().tensors[0].dtype = DType::boolean;
  EXPECT_EQ(node.run(), Status::ok);
  return node.result<I16>();
}

TEST(Select, TakesOneOrTheOther) {
  EXPECT_THAT(selected("SELECT", {2, 2}, {1, 0, 0, 1}), ElementsAre(1, -2, -3, 4));
  EXPECT_THAT(selected("SELECT", {2}, {1, 0}), ElementsAre(1, 2, -3, -4));
  EXPECT_THAT(selected("SELECT_V2", {2}, {1, 0}), ElementsAre(1, -2, 3, -4));
  EXPECT_THAT(selected("SELECT", {}, {0}), ElementsAre(-1, -2, -3, -4));
  OneNode wrong("SELECT");
  wrong.input<U8>({3}, {1, 0, 1}).input<float>({2}, {1, 2}).input<float>({2}, {1, 2});
  wrong.output<float>();
  wrong.graph().tensors[0].dtype = DType::boolean;
  EXPECT_THAT(wrong.refusal(), HasSubstr("V8"));
}

TEST(Select, BroadcastsAllThree) {
  OneNode node("SELECT_V2");
  node.input<U8>({2, 1, 1}, {1, 0}).input<I32>({3, 1}, {1, 2, 3}).input<I32>({2}, {10, 20});
  node.output<I32>();
  node.graph().tensors[0].dtype = DType::boolean;
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 3, 2}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(1, 1, 2, 2, 3, 3, 10, 20, 10, 20, 10, 20));
}

template <class To, class From>
std::vector<To> casted(std::vector<From> x) {
  OneNode node("CAST");
  node.input<From>({static_cast<I32>(x.size())}, x).template output<To>();
  EXPECT_EQ(node.run(), Status::ok);
  return node.result<To>();
}

TEST(Cast, CutsWrapsAndSaturates) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_THAT((casted<I32, float>({1.9f, -1.9f, 1e30f, -inf, std::nanf("")})),
              ElementsAre(1, -1, kHighest, kLowest, kHighest));
  EXPECT_THAT((casted<I8, float>({127.9f, 200, -128.9f})), ElementsAre(127, 127, -128));
  EXPECT_THAT((casted<I8, I32>({130, -129, 5})), ElementsAre(-126, 127, 5));
  EXPECT_THAT((casted<float, I64>({I64{1} << 40, -3})), ElementsAre(0x1p40f, -3));
  EXPECT_THAT((casted<U8, double>({255.5, -1})), ElementsAre(255, 0));
  OneNode truth("CAST");
  truth.input<float>({3}, {0, -2, 0.5f}).output(DType::boolean);
  EXPECT_EQ(truth.run(), Status::ok);
  EXPECT_THAT(truth.result<U8>(), ElementsAre(0, 1, 1));
  OneNode half("CAST");
  half.input<float>({3}, {1, 65520, 1e-9f}).output(DType::f16);
  EXPECT_EQ(half.run(), Status::ok);
  EXPECT_THAT(half.result<std::uint16_t>(), ElementsAre(0x3c00, 0x7c00, 0));
  OneNode handle("CAST");
  handle.input<float>({1}, {1}).output(DType::resource);
  EXPECT_THAT(handle.refusal(), HasSubstr("not supported"));
}

}  // namespace
}  // namespace pinfer
