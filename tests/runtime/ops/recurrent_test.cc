// SPDX-License-Identifier: Apache-2.0
// UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF as nodes: int8 against float, and what they refuse.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::HasSubstr;

constexpr std::int32_t kInputs = 4, kCells = 6, kSteps = 8;
constexpr float kX = 1.0f / 127, kWeight = 1.0f / 127, kState = 1.0f / 128, kCell = 1.0f / 4096;

float weight(std::size_t operand, std::size_t i) {
  return std::sin(static_cast<float>(operand * 71 + i * 13));
}

template <class T>
std::vector<T> values(std::size_t operand, std::int32_t count, float scale) {
  std::vector<T> result;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const float value = weight(operand, i) / scale;
    result.push_back(std::is_floating_point_v<T> ? static_cast<T>(value)
                                                 : static_cast<T>(std::round(value)));
  }
  return result;
}

// The same LSTM in float (int8 weights made float again) or in int8.
template <class X, class W, class B, class C>
OneNode lstm(bool integer) {
  LstmParams params;
  OneNode node("UNIDIRECTIONAL_SEQUENCE_LSTM", params);
  const auto quant = [&](float scale, std::int32_t zero = 0) {
    return integer ? OneNode::quant(scale, zero) : Quant{};
  };
  const auto scale = [&](float s) { return integer ? s : 1.0f; };
  node.input<X>({1, kSteps, kInputs}, values<X>(0, kSteps * kInputs, scale(kX)), quant(kX));
  for (std::size_t i = 1; i <= 8; ++i) {
    const std::int32_t width = i <= 4 ? kInputs : kCells;
    node.known<W>({kCells, width}, values<W>(i, kCells * width, scale(kWeight)), quant(kWeight));
  }
  for (int i = 0; i < 3; ++i) node.absent();
  for (std::size_t i = 12; i <= 15; ++i)
    node.known<B>({kCells}, values<B>(i, kCells, scale(kX * kWeight)), quant(kX * kWeight));
  node.absent().absent();
  node.state<X>({1, kCells}, std::vector<X>(kCells, 0), quant(kState));
  node.state<C>({1, kCells}, std::vector<C>(kCells, 0), quant(kCell));
  for (int i = 0; i < 4; ++i) node.absent();
  node.output<X>(quant(kState));
  for (int i = 0; i < 5; ++i) node.intermediate(OneNode::quant(kState, 0));
  return node;
}

OneNode integer_lstm() { return lstm<std::int8_t, std::int8_t, std::int32_t, std::int16_t>(true); }
OneNode float_lstm() { return lstm<float, float, float, float>(false); }

TEST(Lstm, Int8FollowsFloatOverTheWholeSequence) {
  OneNode exact = float_lstm(), quantized = integer_lstm();
  ASSERT_EQ(exact.run(), Status::ok);
  ASSERT_EQ(quantized.run(), Status::ok);
  EXPECT_EQ(quantized.shape(), (Shape{1, kSteps, kCells}));
  const auto want = exact.result<float>();
  const auto have = quantized.result<std::int8_t>();
  ASSERT_EQ(have.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(static_cast<float>(have[i]) * kState, want[i], 0.03f) << i;
}

TEST(Lstm, TimeMajorHasTheStepsOutside) {
  OneNode outside = float_lstm(), inside = float_lstm();
  std::get<LstmParams>(outside.node().params).time_major = true;
  outside.graph().tensors[0].shape = Shape{kSteps, 1, kInputs};
  ASSERT_EQ(outside.run(), Status::ok);
  ASSERT_EQ(inside.run(), Status::ok);
  EXPECT_EQ(outside.shape(), (Shape{kSteps, 1, kCells}));
  EXPECT_EQ(outside.result<float>(), inside.result<float>());
}

TEST(Lstm, RefusesWhatDoesNotFit) {
  const auto refusal = [](const std::function<void(OneNode&)>& change) {
    OneNode node = integer_lstm();
    change(node);
    return node.refusal();
  };
  const auto operand = [](OneNode& n, std::size_t place) -> TensorInfo& {
    return n.graph().tensor(n.node().inputs[place]);
  };
  EXPECT_EQ(refusal([](OneNode&) {}), "");
  EXPECT_THAT(refusal([](OneNode& n) { n.node().inputs.resize(19); }), HasSubstr("V2"));
  for (const std::size_t place : {0u, 1u, 2u, 4u, 5u, 8u, 12u, 15u, 18u, 19u})
    EXPECT_THAT(refusal([&](OneNode& n) { n.node().inputs[place] = kNoTensor; }), HasSubstr("V2"))
        << place;
  for (const std::size_t place : {1u, 3u, 5u, 7u, 13u, 18u, 19u})
    EXPECT_THAT(refusal([&](OneNode& n) {
                  operand(n, place).shape = {3, 3};
                }),
                HasSubstr("V8"))
        << place;
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 0).shape = {1, kInputs}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 0).shape = {1, 2, 0}; }), HasSubstr("V"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 18).is_variable = false; }), HasSubstr("V2"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 19).quant.scale[0] = 0.001f; }),
              HasSubstr("V10"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 2).quant.scale[0] = 1e30f; }), HasSubstr("V10"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 2).quant.zero_point[0] = 1; }),
              HasSubstr("V10"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 2).data = {}; }), HasSubstr("constant"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 2).dtype = DType::f32; }),
              HasSubstr("expected"));
  EXPECT_THAT(refusal([](OneNode& n) { n.node().intermediates.pop_back(); }), HasSubstr("V2"));
  EXPECT_THAT(refusal([](OneNode& n) { n.node().intermediates[4] = -1; }), HasSubstr("V2"));
  EXPECT_THAT(refusal([](OneNode& n) { n.graph().tensors.back().quant = {}; }), HasSubstr("V10"));
  EXPECT_THAT(refusal([](OneNode& n) { n.node().params = LstmParams{.cell_clip = -1.0f}; }),
              HasSubstr("V5"));
}

OneNode svdf(SvdfParams params) {
  OneNode node("SVDF", params);
  node.input<std::int8_t>({1, 2}, {5, -3}, OneNode::quant(0.5f, 1))
      .known<std::int8_t>({4, 2}, {1, 0, 0, 1, 1, 1, 2, -1}, OneNode::quant(0.5f, 0))
      .known<std::int16_t>({4, 2}, {1, 10, 2, 20, 3, 30, 4, 40}, OneNode::quant(0.5f, 0))
      .known<std::int32_t>({2}, {4, 0}, OneNode::quant(0.125f, 0))
      .state<std::int16_t>({1, 8}, {100, 1, 100, 2, 100, 3, 100, 4}, OneNode::quant(0.25f, 0))
      .output<std::int8_t>(OneNode::quant(2.0f, -10));
  return node;
}

TEST(Svdf, AddsTheNewFeatureToTheMemory) {
  OneNode node = svdf({.rank = 2, .activation = Activation::relu});
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 2}));
  // x - 1 = (4 -4): features 4 -4 0 12 at scale 1. States (1 4) (2 -4) (3 0) (4 12).
  // Units: 1+40 + 4-80 + 4 = -31 and 9+0 + 16+480 = 505, times 0.0625: -1.94 and 31.6, minus 10.
  EXPECT_THAT(node.result<std::int8_t>(), testing::ElementsAre(-12, 22));
}

TEST(Svdf, RefusesWhatDoesNotFit) {
  const auto refusal = [](SvdfParams params, const std::function<void(OneNode&)>& change) {
    OneNode node = svdf(params);
    change(node);
    return node.refusal();
  };
  const SvdfParams good{.rank = 2, .activation = Activation::relu};
  const auto nothing = [](OneNode&) {};
  EXPECT_EQ(refusal(good, nothing), "");
  EXPECT_THAT(refusal({.rank = 0}, nothing), HasSubstr("V5"));
  EXPECT_THAT(refusal({.rank = -1}, nothing), HasSubstr("V5"));
  EXPECT_THAT(refusal({.rank = 3}, nothing), HasSubstr("V5"));
  EXPECT_THAT(refusal({.rank = 2}, nothing), HasSubstr("RELU"));
  const auto tensor = [](OneNode& n, std::size_t i) -> TensorInfo& { return n.graph().tensors[i]; };
  EXPECT_THAT(refusal(good, [&](OneNode& n) { tensor(n, 0).shape = {1, 3}; }), HasSubstr("V8"));
  EXPECT_THAT(refusal(good, [&](OneNode& n) { tensor(n, 2).shape = {4, 0}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal(good, [&](OneNode& n) { tensor(n, 3).shape = {3}; }), HasSubstr("V8"));
  EXPECT_THAT(refusal(good, [&](OneNode& n) { tensor(n, 4).shape = {1, 7}; }), HasSubstr("V8"));
  EXPECT_THAT(refusal(good, [&](OneNode& n) { tensor(n, 4).is_variable = false; }),
              HasSubstr("V2"));
  EXPECT_THAT(refusal(good, [&](OneNode& n) { tensor(n, 4).quant = {}; }), HasSubstr("V10"));
  EXPECT_THAT(refusal(good, [](OneNode& n) { n.node().inputs[4] = kNoTensor; }), HasSubstr("V2"));
}

}  // namespace
}  // namespace pinfer
