// SPDX-License-Identifier: Apache-2.0
// Random shapes, strides, quantizations: the GPU gives the bytes of the scalar kernels. Channel
// counts are mostly no multiples of four: those are the cases that packing gets wrong.
#include "tests/runtime/backends/gles/random_pair.h"

namespace pinfer::test {
namespace {

class GlesRandom : public ::testing::Test {
 protected:
  void SetUp() override { PINFER_NEEDS_GLES(); }
};

Activation some_activation(NodePair& node) {
  constexpr Activation kAll[] = {Activation::none, Activation::relu, Activation::relu6};
  return kAll[node.pick(0, 2)];
}

ConvParams some_window(NodePair& node) {
  ConvParams params;
  params.padding = node.pick(0, 1) == 0 ? Padding::same : Padding::valid;
  params.stride_h = node.pick(1, 2);
  params.stride_w = node.pick(1, 3);
  if (node.pick(0, 3) == 0) {
    params.stride_h = params.stride_w = 1;
    params.dilation_h = node.pick(1, 2);
    params.dilation_w = node.pick(1, 3);
  }
  params.activation = some_activation(node);
  // What a fused PAD leaves behind.
  if (node.pick(0, 2) == 0)
    params.extra = {node.pick(0, 2), node.pick(0, 2), node.pick(0, 2), node.pick(0, 2)};
  return params;
}

// int8: per channel, zero point 0; uint8: per tensor.
Quant filter_quant(NodePair& node, DType type, std::int32_t channels, std::int32_t axis) {
  if (type != DType::i8) return node.quant(type);
  Quant quant{{}, {}, axis};
  for (std::int32_t i = 0; i < channels; ++i) {
    quant.scale.push_back(static_cast<float>(node.pick(1, 60)) / 5000.0f);
    quant.zero_point.push_back(0);
  }
  return quant;
}

DType bias_type(DType type) { return type == DType::f32 ? DType::f32 : DType::i32; }

std::string convolution(unsigned seed, DType type) {
  NodePair dice("CONV_2D", {}, seed);
  const ConvParams params = some_window(dice);
  NodePair node("CONV_2D", params, seed + 1000);
  const std::int32_t in = dice.pick(1, 9), out = dice.pick(1, 10);
  const std::int32_t fh = dice.pick(1, 3), fw = dice.pick(1, 4);
  node.input(type, {dice.pick(1, 2), dice.pick(7, 11), dice.pick(9, 13), in}, node.quant(type));
  node.noise(type, {out, fh, fw, in}, filter_quant(node, type, out, 0));
  if (dice.pick(0, 2) != 0) node.noise(bias_type(type), {out}, {});
  return node.output(type, node.quant(type)).difference();
}

TEST_F(GlesRandom, ConvolutionsAreThoseOfTheJudge) { check_types(40, convolution); }

// One tap does not mean that it is inside: the zeros may lie behind the picture.
TEST_F(GlesRandom, OneTapOfAPaddedPictureMayLieOutside) {
  for (const DType type : kTypes) {
    NodePair node("CONV_2D", ConvParams{.extra = {0, 2, 0, 3}}, 9);
    node.input(type, {1, 4, 5, 8}, node.quant(type));
    node.noise(type, {8, 1, 1, 8}, filter_quant(node, type, 8, 0));
    node.output(type, node.quant(type));
    EXPECT_EQ(node.difference(), "") << to_string(type);
  }
}

TEST_F(GlesRandom, LargeConvolutionsComputeInTiles) {
  for (const DType type : kTypes) {
    for (const std::int32_t side : {1, 3}) {
      NodePair node("CONV_2D", ConvParams{}, 7);
      node.input(type, {1, 67, 61, 8}, node.quant(type));
      node.noise(type, {72, side, side, 8}, filter_quant(node, type, 72, 0));
      node.output(type, node.quant(type));
      EXPECT_EQ(node.difference(), "") << to_string(type) << " " << side;
    }
  }
}

std::string depthwise(unsigned seed, DType type) {
  NodePair dice("DEPTHWISE_CONV_2D", {}, seed);
  ConvParams params = some_window(dice);
  const std::int32_t in = dice.pick(1, 9);
  params.depth_multiplier = dice.pick(0, 1) == 0 ? 1 : dice.pick(2, 4);
  const std::int32_t out = in * params.depth_multiplier;
  NodePair node("DEPTHWISE_CONV_2D", params, seed + 2000);
  node.input(type, {dice.pick(1, 2), dice.pick(7, 11), dice.pick(9, 13), in}, node.quant(type));
  node.noise(type, {1, dice.pick(1, 4), dice.pick(1, 3), out}, filter_quant(node, type, out, 3));
  if (dice.pick(0, 2) != 0) node.noise(bias_type(type), {out}, {});
  return node.output(type, node.quant(type)).difference();
}

TEST_F(GlesRandom, DepthwiseConvolutionsAreThoseOfTheJudge) { check_types(30, depthwise); }

std::string fully_connected(unsigned seed, DType type) {
  NodePair dice("FULLY_CONNECTED", {}, seed);
  NodePair node("FULLY_CONNECTED", FullyConnectedParams{.activation = some_activation(dice)},
                seed + 3000);
  const std::int32_t depth = dice.pick(1, 70), out = dice.pick(1, 40);
  node.input(type, {dice.pick(1, 5), depth}, node.quant(type));
  node.noise(type, {out, depth}, type == DType::i8 ? Quant{{0.02f}, {0}, 0} : node.quant(type));
  if (dice.pick(0, 2) != 0) node.noise(bias_type(type), {out}, {});
  return node.output(type, node.quant(type)).difference();
}

TEST_F(GlesRandom, FullyConnectedRoundsAsTheJudgeDoesInDouble) { check_types(30, fully_connected); }

// A scale of a power of two and an even sum give halves, where rounding is decided.
TEST_F(GlesRandom, FullyConnectedRoundsHalvesAsTheJudgeDoes) {
  for (const float scale : {0.5f, 0.25f, 1.0f / 64, 1.0f / 1024}) {
    NodePair node("FULLY_CONNECTED", FullyConnectedParams{}, 5);
    node.input(DType::i8, {64, 3}, {{1.0f}, {-7}, 0}).noise(DType::i8, {9, 3}, {{scale}, {0}, 0});
    node.output(DType::i8, {{1.0f}, {3}, 0});
    EXPECT_EQ(node.difference(), "") << scale;
  }
}

std::string binary(const char* op, unsigned seed, DType type) {
  NodePair dice(op, {}, seed);
  NodePair node(op, ElementwiseParams{.activation = some_activation(dice)}, seed + 4000);
  Shape a{dice.pick(1, 2), dice.pick(1, 6), dice.pick(1, 5), dice.pick(1, 9)}, b = a;
  if (dice.pick(0, 1) == 1) b[static_cast<std::size_t>(dice.pick(0, 3))] = 1;
  if (dice.pick(0, 3) == 0) a[static_cast<std::size_t>(dice.pick(0, 3))] = 1;
  if (dice.pick(0, 4) == 0) b = Shape{1};
  const Quant same = node.quant(type);
  const bool picks = std::string_view(op) == "MAXIMUM" || std::string_view(op) == "MINIMUM";
  node.input(type, a, same);
  if (dice.pick(0, 2) == 0)
    node.noise(type, b, picks ? same : node.quant(type));
  else
    node.input(type, b, picks ? same : node.quant(type));
  return node.output(type, picks ? same : node.quant(type)).difference();
}

TEST_F(GlesRandom, ArithmeticOfTwoTensorsIsThatOfTheJudge) {
  for (const char* op : {"ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"})
    check_types(12, [&](unsigned seed, DType type) { return binary(op, seed, type); });
}

std::string prelu(unsigned seed, DType type) {
  NodePair node("PRELU", {}, seed);
  const std::int32_t channels = node.pick(1, 9);
  node.input(type, {1, node.pick(1, 6), node.pick(1, 5), channels}, node.quant(type));
  node.noise(type, {1, 1, channels}, node.quant(type));
  return node.output(type, node.quant(type)).difference();
}
TEST_F(GlesRandom, PreluIsThatOfTheJudge) { check_types(12, prelu); }

std::string pool(const char* op, unsigned seed, DType type) {
  NodePair dice(op, {}, seed);
  PoolParams params;
  params.padding = dice.pick(0, 1) == 0 ? Padding::same : Padding::valid;
  params.stride_h = dice.pick(1, 3);
  params.stride_w = dice.pick(1, 3);
  params.filter_h = dice.pick(1, 4);
  params.filter_w = dice.pick(1, 4);
  params.activation = some_activation(dice);
  NodePair node(op, params, seed + 5000);
  const Quant quant = node.quant(type);
  node.input(type, {dice.pick(1, 2), dice.pick(4, 9), dice.pick(4, 9), dice.pick(1, 9)}, quant);
  return node.output(type, quant).difference();
}

TEST_F(GlesRandom, PoolsAreThoseOfTheJudge) {
  for (const char* op : {"AVERAGE_POOL_2D", "MAX_POOL_2D"})
    check_types(20, [&](unsigned seed, DType type) { return pool(op, seed, type); });
}

std::string mean(const char* op, unsigned seed, DType type) {
  NodePair node(op, ReduceParams{.keep_dims = seed % 2 == 0}, seed + 6000);
  node.input(type, {node.pick(1, 3), node.pick(1, 6), node.pick(1, 7), node.pick(1, 9)},
             node.quant(type));
  switch (seed % 4) {
    case 0:
      node.numbers({1, 2}, {2});
      break;
    case 1:
      node.numbers({-1}, {1});
      break;
    case 2:
      node.numbers({2}, {1});
      break;
    default:
      node.numbers({0, 1, 2, 3}, {4});
  }
  return node.output(type, node.quant(type)).difference();
}

TEST_F(GlesRandom, MeansAndSumsAreThoseOfTheJudge) {
  for (const char* op : {"MEAN", "SUM"})
    check_types(16, [&](unsigned seed, DType type) { return mean(op, seed, type); });
}

Quant softmax_quant(DType type) {
  if (type == DType::f32) return {};
  return {{1.0f / 256}, {type == DType::i8 ? -128 : 0}, 0};
}

std::string softmax(unsigned seed, DType type) {
  NodePair node("SOFTMAX", SoftmaxParams{.beta = seed % 3 == 0 ? 0.7f : 1.0f}, seed + 7000);
  const std::int32_t depth = seed % 5 == 0 ? node.pick(200, 1500) : node.pick(1, 40);
  node.input(type, {node.pick(1, 7), depth}, node.quant(type));
  return node.output(type, softmax_quant(type)).difference();
}
TEST_F(GlesRandom, SoftmaxIsThatOfTheJudge) { check_types(30, softmax); }

}  // namespace
}  // namespace pinfer::test
