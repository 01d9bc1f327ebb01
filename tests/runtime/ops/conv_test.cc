// SPDX-License-Identifier: Apache-2.0
// CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV as nodes: by hand, and what they refuse.
#include <gmock/gmock.h>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

Quant per_channel(std::vector<float> scale, std::int32_t axis) {
  const std::vector<std::int32_t> zeros(scale.size(), 0);
  return {std::move(scale), zeros, axis};
}

// A 1x3x3x1 picture 0..8 with zero point 0 and a 2x2 filter, all scales 1 unless said otherwise.
OneNode small_conv(ConvParams params, int threads = 1) {
  OneNode node("CONV_2D", params, threads);
  node.input<std::int8_t>({1, 3, 3, 1}, {0, 1, 2, 3, 4, 5, 6, 7, 8}, OneNode::quant(1.0f, 0))
      .known<std::int8_t>({2, 2, 2, 1}, {1, 1, 1, 1, 0, 0, 0, 1}, per_channel({1.0f, 0.5f}, 0))
      .known<std::int32_t>({2}, {0, 4})
      .output<std::int8_t>(OneNode::quant(1.0f, -1));
  return node;
}

TEST(Conv2d, ValidWindowsPerChannelByHand) {
  OneNode node = small_conv({.padding = Padding::valid});
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 2, 2, 2}));
  // Sums 8 12 20 24 at scale 1; last taps 4 5 7 8 + 4 at scale 1/2, halves away from zero; minus 1.
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(7, 3, 11, 4, 19, 5, 23, 5));
}

TEST(Conv2d, SamePaddingAddsTheZeroPointAtTheEnd) {
  OneNode node = small_conv({.padding = Padding::same, .stride_h = 2, .stride_w = 2});
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 2, 2, 2}));
  // Windows at (0,0) (0,2) (2,0) (2,2); what lies outside counts nothing.
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(7, 3, 6, 1, 12, 1, 7, 1));
}

TEST(Conv2d, ExtraPaddingShiftsTheWindow) {
  ConvParams params{.padding = Padding::valid};
  params.extra = {.top = 1, .bottom = 0, .left = 1, .right = 0};
  OneNode node = small_conv(params);
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 3, 3, 2}));
  const auto out = node.result<std::int8_t>();
  // The first window sees only the corner 0, the last one the sum of 4 5 7 8.
  EXPECT_EQ(out[0], -1);
  EXPECT_EQ(out[1], 1);
  EXPECT_EQ(out[16], 23);
}

TEST(Conv2d, Relu6ClampsAtTheQuantizedSix) {
  OneNode node = small_conv({.padding = Padding::valid, .activation = Activation::relu6});
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(5, 3, 5, 4, 5, 5, 5, 5));
}

TEST(Conv2d, GroupsSeeTheirOwnChannels) {
  OneNode node("CONV_2D", ConvParams{.padding = Padding::valid});
  node.input<float>({1, 1, 1, 4}, {1, 2, 3, 4})
      .known<float>({2, 1, 1, 2}, {1, 10, 1, 10})
      .known<float>({2}, {0.5f, 0.0f})
      .output<float>();
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(21.5f, 43.0f));
}

TEST(Conv2d, DynamicRangeComesCloseToFloat) {
  std::vector<float> x(2 * 5 * 5 * 3), w(4 * 3 * 3 * 3);
  std::vector<std::int8_t> quantized(w.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 37) % 101) * 0.02f - 1;
  const std::vector<float> scales{0.01f, 0.02f, 0.005f, 0.01f};
  for (std::size_t i = 0; i < w.size(); ++i) {
    quantized[i] = static_cast<std::int8_t>((i * 53) % 255 - 127);
    w[i] = static_cast<float>(quantized[i]) * scales[i / 27];
  }
  const ConvParams params{.stride_h = 2, .stride_w = 2};
  OneNode exact("CONV_2D", params), hybrid("CONV_2D", params);
  exact.input<float>({2, 5, 5, 3}, x).known<float>({4, 3, 3, 3}, w).output<float>();
  hybrid.input<float>({2, 5, 5, 3}, x)
      .known<std::int8_t>({4, 3, 3, 3}, quantized, per_channel(scales, 0))
      .output<float>();
  ASSERT_EQ(exact.run(), Status::ok);
  ASSERT_EQ(hybrid.run(), Status::ok);
  // Half a step of 2/255 on each of 27 taps of weights up to 1.27 or 2.54.
  EXPECT_THAT(hybrid.result<float>(), Pointwise(FloatNear(0.15f), exact.result<float>()));
}

TEST(Conv2d, ThreadsDoNotChangeTheResult) {
  std::vector<std::int8_t> x(9 * 9 * 40), w(70 * 3 * 3 * 40);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::int8_t>(i * 31 % 256);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<std::int8_t>(i * 17 % 251);
  const auto run = [&](int threads, std::int32_t height) {
    OneNode node("CONV_2D", ConvParams{}, threads);
    std::vector<std::int8_t> part(x.begin(), x.begin() + height * 9 * 40);
    node.input<std::int8_t>({1, height, 9, 40}, part, OneNode::quant(0.1f, 3))
        .known<std::int8_t>({70, 3, 3, 40}, w, OneNode::quant(0.01f, 0))
        .output<std::int8_t>(OneNode::quant(2.0f, 5));
    EXPECT_EQ(node.run(), Status::ok);
    return node.result<std::int8_t>();
  };
  for (const std::int32_t height : {1, 2, 9}) EXPECT_EQ(run(1, height), run(4, height));
}

TEST(DepthwiseConv2d, MultiplierTwoByHand) {
  OneNode node("DEPTHWISE_CONV_2D", ConvParams{.padding = Padding::valid, .depth_multiplier = 2});
  node.input<std::uint8_t>({1, 2, 1, 2}, {12, 9, 11, 10}, OneNode::quant(0.5f, 10))
      .known<std::uint8_t>({1, 2, 1, 4}, {3, 4, 5, 6, 7, 8, 9, 10}, OneNode::quant(0.5f, 2))
      .known<std::int32_t>({4}, {0, 0, 100, 0}, OneNode::quant(0.25f, 0))
      .output<std::uint8_t>(OneNode::quant(0.25f, 100));
  ASSERT_EQ(node.run(), Status::ok);
  // (2 -1 / 1 0) with (1 2 3 4 / 5 6 7 8), product scale 1/4.
  EXPECT_THAT(node.result<std::uint8_t>(), ElementsAre(107, 110, 197, 96));
}

TEST(TransposeConv, OverlapsAddUp) {
  OneNode node("TRANSPOSE_CONV", TransposeConvParams{.padding = Padding::valid, .stride_w = 2});
  node.known<std::int32_t>({4}, {1, 1, 5, 1})
      .known<float>({1, 1, 3, 1}, {1, 10, 100})
      .input<float>({1, 1, 2, 1}, {1, 2})
      .known<float>({1}, {0.5f})
      .output<float>();
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(1.5f, 10.5f, 102.5f, 20.5f, 200.5f));
}

TEST(TransposeConv, RefusesAnOutputShapeThatDoesNotBelong) {
  const auto refusal = [](std::vector<std::int32_t> shape) {
    OneNode node("TRANSPOSE_CONV", TransposeConvParams{});
    const auto size = static_cast<std::int32_t>(shape.size());
    node.known<std::int32_t>({size}, std::move(shape))
        .known<float>({1, 1, 3, 1}, {1, 10, 100})
        .input<float>({1, 1, 2, 1}, {1, 2})
        .output<float>();
    return node.refusal();
  };
  EXPECT_EQ(refusal({1, 1, 2, 1}), "");
  EXPECT_THAT(refusal({1, 1, 2}), HasSubstr("V4"));
  EXPECT_THAT(refusal({2, 1, 2, 1}), HasSubstr("V8"));
  EXPECT_THAT(refusal({1, 1, 2, 3}), HasSubstr("V8"));
  EXPECT_THAT(refusal({1, 0, 2, 1}), HasSubstr("V4"));
  EXPECT_THAT(refusal({1, -1, 2, 1}), HasSubstr("V4"));
}

TEST(TransposeConv, ComparesAShapeThatOnlyTheRunKnows) {
  const auto run = [](std::int32_t width) {
    OneNode node("TRANSPOSE_CONV", TransposeConvParams{.padding = Padding::valid, .stride_w = 2});
    node.input<std::int32_t>({4}, {1, 1, width, 1})
        .known<float>({1, 1, 3, 1}, {1, 10, 100})
        .input<float>({1, 1, 2, 1}, {1, 2})
        .output<float>();
    node.graph().tensors.back().shape = Shape{1, 1, 5, 1};  // as the file states it
    return node.run();
  };
  EXPECT_EQ(run(5), Status::ok);
  EXPECT_EQ(run(6), Status::bad_value);
}

// One thing changed in a legal convolution.
std::string refusal(const std::function<void(OneNode&, ConvParams&)>& change) {
  ConvParams params{.padding = Padding::valid};
  OneNode node = small_conv(params);
  change(node, params);
  node.node().params = params;
  return node.refusal();
}
TensorInfo& operand(OneNode& node, std::size_t i) { return node.graph().tensors[i]; }

TEST(Conv2d, RefusesBadParameters) {
  for (const std::int32_t bad : {0, -1, std::numeric_limits<std::int32_t>::min()}) {
    EXPECT_THAT(refusal([&](auto&, auto& p) { p.stride_h = bad; }), HasSubstr("V5"));
    EXPECT_THAT(refusal([&](auto&, auto& p) { p.stride_w = bad; }), HasSubstr("V5"));
    EXPECT_THAT(refusal([&](auto&, auto& p) { p.dilation_h = bad; }), HasSubstr("V5"));
    EXPECT_THAT(refusal([&](auto&, auto& p) { p.dilation_w = bad; }), HasSubstr("V5"));
  }
  EXPECT_THAT(refusal([](auto&, auto& p) { p.extra.top = -1; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto&, auto& p) { p.extra.left = 0x7fffffff; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([](auto&, auto& p) { p.dilation_h = 0x7fffffff; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([](auto&, auto& p) { p.activation = Activation::tanh; }),
              HasSubstr("not supported"));
}

TEST(Conv2d, RefusesBadShapes) {
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 0).shape = {3, 3, 1}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 0).shape = {1, 0, 3, 1}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 0).shape = {1, 1, 1, 1}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 1).shape = {2, 2, 2, 0}; }), HasSubstr("V4"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 0).shape = {1, 3, 3, 3}; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 2).shape = {3}; }), HasSubstr("V8"));
  EXPECT_THAT(refusal([](auto& n, auto&) { n.node().inputs.resize(1); }), HasSubstr("V2"));
  EXPECT_THAT(refusal([](auto& n, auto&) { n.node().inputs[1] = kNoTensor; }), HasSubstr("V2"));
}

TEST(Conv2d, RefusesBadQuantizationAndTypes) {
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 0).quant = {}; }), HasSubstr("V10"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 1).quant.scale[1] = 0.0f; }),
              HasSubstr("V10"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 1).quant.axis = 3; }), HasSubstr("V10"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 1).quant.zero_point[1] = 4; }),
              HasSubstr("V10"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 0).quant.scale[0] = 1e38f; }),
              HasSubstr("V10"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 2).quant = OneNode::quant(1, 7); }),
              HasSubstr("V10"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 2).dtype = DType::f32; }), HasSubstr("bias"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 1).dtype = DType::f32; }),
              HasSubstr("filter"));
  EXPECT_THAT(refusal([](auto& n, auto&) { operand(n, 3).dtype = DType::f32; }),
              HasSubstr("output"));
}

TEST(DepthwiseConv2d, RefusesWhatDoesNotFit) {
  const auto refusal_of = [](Shape in, Shape filter, std::int32_t multiplier) {
    OneNode node("DEPTHWISE_CONV_2D", ConvParams{.depth_multiplier = multiplier});
    node.input<float>(in, {}).input<float>(filter, {}).output<float>();
    return node.refusal();
  };
  EXPECT_EQ(refusal_of({1, 2, 2, 2}, {1, 1, 1, 4}, 2), "");
  EXPECT_EQ(refusal_of({1, 2, 2, 2}, {1, 1, 1, 4}, 0), "");
  EXPECT_THAT(refusal_of({1, 2, 2, 2}, {1, 1, 1, 4}, 3), HasSubstr("V5"));
  EXPECT_THAT(refusal_of({1, 2, 2, 3}, {1, 1, 1, 4}, 1), HasSubstr("V5"));
  EXPECT_THAT(refusal_of({1, 2, 2, 2}, {2, 1, 1, 4}, 2), HasSubstr("V4"));
  EXPECT_THAT(refusal_of({1, 2, 2, 0}, {1, 1, 1, 4}, 2), HasSubstr("V4"));
  EXPECT_THAT(refusal_of({1, 2, 2, 2}, {1, 1, 1, 0}, 2), HasSubstr("V4"));
}

}  // namespace
}  // namespace pinfer
