// SPDX-License-Identifier: Apache-2.0
// FULLY_CONNECTED and BATCH_MATMUL as nodes: by hand, and what they refuse.
#include <gmock/gmock.h>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

OneNode small_fc(FullyConnectedParams params) {
  OneNode node("FULLY_CONNECTED", params);
  node.input<std::int8_t>({2, 1, 2}, {5, 7, -3, 2}, OneNode::quant(0.5f, 1))
      .known<std::int8_t>({3, 2}, {1, 2, 3, 4, -5, 6}, OneNode::quant(0.5f, 0))
      .known<std::int32_t>({3}, {0, 10, 0}, OneNode::quant(0.25f, 0))
      .output<std::int8_t>(OneNode::quant(0.5f, 3));
  return node;
}

TEST(FullyConnected, FlattensRowsAndRoundsHalvesAway) {
  OneNode node = small_fc({});
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 3}));
  // Rows (4 6) (-4 1): sums 16 46 16 and -2 2 26, times 1/2, plus 3.
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(11, 26, 11, 2, 4, 16));
}

TEST(FullyConnected, KeepsTheDimensionsWhenAsked) {
  OneNode node = small_fc({.keep_num_dims = true});
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 1, 3}));
}

TEST(FullyConnected, TakesPerChannelScalesAndNoBias) {
  OneNode node("FULLY_CONNECTED", FullyConnectedParams{.activation = Activation::relu});
  node.input<std::int8_t>({1, 2}, {1, 2}, OneNode::quant(1.0f, 0))
      .input<std::int8_t>({2, 2}, {10, 10, 10, -10}, Quant{{0.1f, 0.2f}, {0, 0}, 0})
      .absent()
      .output<std::int8_t>(OneNode::quant(1.0f, -5));
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(-2, -5));
}

TEST(FullyConnected, SixteenBitActivationsUse64BitSums) {
  const std::vector<std::int16_t> x(300, 32767);
  const std::vector<std::int8_t> w(300, 127);
  OneNode node("FULLY_CONNECTED", FullyConnectedParams{});
  node.input<std::int16_t>({1, 300}, x, OneNode::quant(1e-4f, 0))
      .known<std::int8_t>({1, 300}, w, OneNode::quant(0.01f, 0))
      .known<std::int64_t>({1}, {std::int64_t{1} << 33})
      .output<std::int16_t>(OneNode::quant(1.0f, 0));
  ASSERT_EQ(node.run(), Status::ok);
  // (300 * 32767 * 127 + 2^33) * 1e-6 = 9838.3
  EXPECT_THAT(node.result<std::int16_t>(), ElementsAre(9838));
}

TEST(FullyConnected, DynamicRangeComesCloseToFloat) {
  const std::vector<float> x{0.5f, -1.0f, 2.0f, 0.0f, 0.25f, 1.0f};
  for (const bool asymmetric : {false, true}) {
    OneNode node("FULLY_CONNECTED", FullyConnectedParams{.asymmetric_quantize_inputs = asymmetric});
    node.input<float>({2, 3}, x)
        .known<std::int8_t>({2, 3}, {100, 50, -20, 1, 2, 3}, OneNode::quant(0.01f, 0))
        .known<float>({2}, {1.0f, 0.0f})
        .output<float>();
    ASSERT_EQ(node.run(), Status::ok);
    const std::vector<float> want{0.6f, 0.045f, 0.925f, 0.035f};
    EXPECT_THAT(node.result<float>(), Pointwise(FloatNear(0.02f), want)) << asymmetric;
  }
}

TEST(FullyConnected, RefusesWhatDoesNotFit) {
  const auto refusal = [](const std::function<void(OneNode&)>& change) {
    OneNode node = small_fc({});
    change(node);
    return node.refusal();
  };
  const auto operand = [](OneNode& node, std::size_t i) -> TensorInfo& {
    return node.graph().tensors[i];
  };
  EXPECT_THAT(
      refusal([](OneNode& n) { n.node().params = FullyConnectedParams{.shuffled_weights = true}; }),
      HasSubstr("shuffled"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 0).shape = {3}; }), HasSubstr("V8"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 1).shape = {6}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 1).shape = {3, 0}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 2).shape = {2}; }), HasSubstr("V8"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 2).quant.scale = {1.0f}; }), HasSubstr("V10"));
  EXPECT_THAT(refusal([&](OneNode& n) { operand(n, 3).quant.scale = {1e-30f}; }), HasSubstr("V10"));
  EXPECT_THAT(refusal([&](OneNode& n) {
                n.node().params = FullyConnectedParams{.keep_num_dims = true};
                operand(n, 0).shape = {4, 1};
              }),
              HasSubstr("V8"));
}

TEST(BatchMatMul, BroadcastsTheLeadingDimensions) {
  OneNode node("BATCH_MATMUL", BatchMatMulParams{});
  node.input<float>({2, 1, 1, 2}, {1, 2, 3, 4})
      .input<float>({3, 2, 1}, {1, 0, 0, 1, 1, 1})
      .output<float>();
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 3, 1, 1}));
  EXPECT_THAT(node.result<float>(), ElementsAre(1, 2, 3, 3, 4, 7));
}

TEST(BatchMatMul, TransposesEitherSide) {
  // [[1 2][3 4][5 6]] x [[1 2 3][4 5 6]], each side given transposed or not.
  const std::vector<std::int8_t> a{1, 2, 3, 4, 5, 6}, a_transposed{1, 3, 5, 2, 4, 6};
  const std::vector<std::int8_t> b{1, 2, 3, 4, 5, 6}, b_transposed{1, 4, 2, 5, 3, 6};
  for (const bool adj_x : {false, true})
    for (const bool adj_y : {false, true}) {
      OneNode node("BATCH_MATMUL", BatchMatMulParams{.adj_x = adj_x, .adj_y = adj_y}, 2);
      node.input<std::int8_t>(adj_x ? Shape{2, 3} : Shape{3, 2}, adj_x ? a_transposed : a,
                              OneNode::quant(1.0f, 0))
          .input<std::int8_t>(adj_y ? Shape{3, 2} : Shape{2, 3}, adj_y ? b_transposed : b,
                              OneNode::quant(1.0f, 1))
          .output<std::int8_t>(OneNode::quant(1.0f, -10));
      ASSERT_EQ(node.run(), Status::ok);
      // b - 1 = [[0 1 2][3 4 5]]
      EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(-4, -1, 2, 2, 9, 16, 8, 19, 30));
    }
}

TEST(BatchMatMul, SixteenBitsAndDynamicRange) {
  OneNode wide("BATCH_MATMUL", BatchMatMulParams{.adj_y = true});
  wide.input<std::int16_t>({1, 2}, {30000, -30000}, OneNode::quant(1e-3f, 0))
      .input<std::int16_t>({1, 2}, {30000, 20000}, OneNode::quant(1e-3f, 0))
      .output<std::int16_t>(OneNode::quant(0.5f, 0));
  ASSERT_EQ(wide.run(), Status::ok);
  EXPECT_THAT(wide.result<std::int16_t>(), ElementsAre(600));
  OneNode hybrid("BATCH_MATMUL", BatchMatMulParams{});
  hybrid.input<float>({2, 2}, {1.0f, -0.5f, 0.25f, 2.0f})
      .known<std::int8_t>({2, 2}, {10, 20, 30, 40}, Quant{{0.1f, 0.01f}, {0, 0}, 1})
      .output<float>();
  ASSERT_EQ(hybrid.run(), Status::ok);
  const std::vector<float> want{-0.5f, 0.0f, 6.25f, 0.85f};
  EXPECT_THAT(hybrid.result<float>(), Pointwise(FloatNear(0.02f), want));
}

TEST(BatchMatMul, EmptyOperandsGiveEmptyOrZeroResults) {
  OneNode no_rows("BATCH_MATMUL", BatchMatMulParams{});
  no_rows.input<float>({0, 2}, {}).input<float>({2, 3}, {1, 2, 3, 4, 5, 6}).output<float>();
  ASSERT_EQ(no_rows.run(), Status::ok);
  EXPECT_EQ(no_rows.shape(), (Shape{0, 3}));
  OneNode no_depth("BATCH_MATMUL", BatchMatMulParams{});
  no_depth.input<float>({2, 0}, {}).input<float>({0, 1}, {}).output<float>();
  ASSERT_EQ(no_depth.run(), Status::ok);
  EXPECT_THAT(no_depth.result<float>(), ElementsAre(0, 0));
}

TEST(BatchMatMul, RefusesWhatDoesNotFit) {
  const auto refusal = [](Shape left, Shape right) {
    OneNode node("BATCH_MATMUL", BatchMatMulParams{});
    node.input<float>(left, {}).input<float>(right, {}).output<float>();
    return node.refusal();
  };
  EXPECT_THAT(refusal({2}, {2, 2}), HasSubstr("V4"));
  EXPECT_THAT(refusal({2, 3}, {2, 3}), HasSubstr("V8"));
  EXPECT_THAT(refusal({2, 1, 2}, {3, 2, 1}), HasSubstr("V8"));
  EXPECT_THAT(refusal({1 << 20, 1}, {1, 1 << 20}), HasSubstr("V4"));
  EXPECT_THAT(refusal({0, 1 << 20, 1 << 20, 1 << 20, 1, 1}, {1, 1}), HasSubstr("V4"));
}

}  // namespace
}  // namespace pinfer
