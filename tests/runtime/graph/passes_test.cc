// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/passes/passes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace pinfer {
namespace {

std::int32_t run(Graph& graph, std::string_view name) {
  for (const Pass& pass : passes())
    if (pass.name == name) return pass.run(graph);
  ADD_FAILURE() << "no pass " << name;
  return -1;
}

TensorId add_tensor(Graph& graph, DType dtype, const Shape& shape, Quant quant = {}) {
  TensorInfo info;
  info.dtype = dtype;
  info.shape = shape;
  info.quant = std::move(quant);
  graph.tensors.push_back(std::move(info));
  return static_cast<TensorId>(graph.tensors.size() - 1);
}

template <class T>
TensorId add_values(Graph& graph, const Shape& shape, std::vector<T> values) {
  auto id = add_constant(graph, "constant", dtype_of<T>, shape, std::as_bytes(std::span(values)));
  return id.value();
}

void add_node(Graph& graph, std::string op, OpParams params, std::vector<TensorId> inputs,
              std::vector<TensorId> outputs) {
  Node node;
  node.op = std::move(op);
  node.params = std::move(params);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  graph.nodes.push_back(std::move(node));
}

// input f32[1x4x4x2] -> CONV_2D with 3 filters of 1x1 -> [1x4x4x3]
Graph float_conv(float weight) {
  Graph graph;
  graph.inputs = {add_tensor(graph, DType::f32, {1, 4, 4, 2})};
  const TensorId filter = add_values<float>(graph, {3, 1, 1, 2}, std::vector<float>(6, weight));
  const TensorId out = add_tensor(graph, DType::f32, {1, 4, 4, 3});
  add_node(graph, "CONV_2D", ConvParams{}, {0, filter, kNoTensor}, {out});
  graph.outputs = {out};
  return graph;
}

// Appends `op` (ADD or MUL) by a constant per channel behind the last node.
void append_per_channel(Graph& graph, const std::string& op, std::vector<float> values) {
  const TensorId operand = add_values<float>(graph, {3}, std::move(values));
  const TensorId out = add_tensor(graph, DType::f32, {1, 4, 4, 3});
  add_node(graph, op, ElementwiseParams{.activation = Activation::relu},
           {graph.outputs[0], operand}, {out});
  graph.outputs = {out};
}

TEST(FoldScaleShift, MovesAnAddIntoAMissingBias) {
  Graph graph = float_conv(1.5f);
  append_per_channel(graph, "ADD", {1, 2, 3});
  EXPECT_EQ(run(graph, "fold_scale_shift"), 1);
  ASSERT_EQ(graph.nodes.size(), 1u);
  const TensorInfo& bias = graph.tensor(graph.nodes[0].inputs[2]);
  float second = 0;
  std::memcpy(&second, bias.data.data() + sizeof(float), sizeof second);
  EXPECT_EQ(second, 2.0f);
  EXPECT_EQ(std::get<ConvParams>(graph.nodes[0].params).activation, Activation::relu);
  EXPECT_EQ(graph.nodes[0].outputs[0], graph.outputs[0]);
}

TEST(FoldScaleShift, LeavesAnAddBehindARealBias) {
  Graph graph = float_conv(1.5f);
  graph.nodes[0].inputs[2] = add_values<float>(graph, {3}, {0.1f, 0.0f, 0.0f});
  append_per_channel(graph, "ADD", {1, 2, 3});
  EXPECT_EQ(run(graph, "fold_scale_shift"), 0);  // (sum + 0.1) + 1 is not sum + 1.1
}

TEST(FoldScaleShift, MovesPowersOfTwoIntoTheWeights) {
  Graph graph = float_conv(1.5f);
  append_per_channel(graph, "MUL", {2.0f, 0.5f, -4.0f});
  EXPECT_EQ(run(graph, "fold_scale_shift"), 1);
  float values[6];
  std::memcpy(values, graph.tensor(graph.nodes[0].inputs[1]).data.data(), sizeof values);
  EXPECT_EQ(values[0], 3.0f);
  EXPECT_EQ(values[2], 0.75f);
  EXPECT_EQ(values[5], -6.0f);
}

TEST(FoldScaleShift, LeavesOtherFactorsBecauseTheyWouldRoundDifferently) {
  Graph graph = float_conv(1.5f);
  append_per_channel(graph, "MUL", {2.0f, 0.3f, 4.0f});
  EXPECT_EQ(run(graph, "fold_scale_shift"), 0);
  EXPECT_EQ(graph.nodes.size(), 2u);
}

TEST(FuseActivation, MovesAReluIntoTheConvolution) {
  Graph graph = float_conv(1.0f);
  const TensorId out = add_tensor(graph, DType::f32, {1, 4, 4, 3});
  add_node(graph, "RELU6", {}, {graph.outputs[0]}, {out});
  graph.outputs = {out};
  EXPECT_EQ(run(graph, "fuse_activation"), 1);
  EXPECT_EQ(std::get<ConvParams>(graph.nodes[0].params).activation, Activation::relu6);
}

TEST(FuseActivation, LeavesAReluThatChangesTheScale) {
  Graph graph;
  const Quant coarse{{0.5f}, {0}, 0}, fine{{0.25f}, {0}, 0};
  const TensorId in = add_tensor(graph, DType::i8, {1, 8}, coarse);
  const TensorId sum = add_tensor(graph, DType::i8, {1, 8}, coarse);
  const TensorId out = add_tensor(graph, DType::i8, {1, 8}, fine);
  graph.inputs = {in};
  add_node(graph, "ADD", ElementwiseParams{}, {in, in}, {sum});
  add_node(graph, "RELU", {}, {sum}, {out});
  graph.outputs = {out};
  EXPECT_EQ(run(graph, "fuse_activation"), 0);
}

TEST(FusePad, MovesSpatialPaddingIntoTheConvolution) {
  Graph graph = float_conv(1.0f);
  const TensorId padded = add_tensor(graph, DType::f32, {1, 6, 7, 2});
  const TensorId paddings = add_values<std::int32_t>(graph, {4, 2}, {0, 0, 1, 1, 1, 2, 0, 0});
  graph.nodes[0].inputs[0] = padded;
  Node conv = std::move(graph.nodes[0]);
  graph.nodes.clear();
  add_node(graph, "PAD", {}, {0, paddings}, {padded});
  graph.nodes.push_back(std::move(conv));
  EXPECT_EQ(run(graph, "fuse_pad"), 1);
  ASSERT_EQ(graph.nodes.size(), 1u);
  const ExtraPadding want{.top = 1, .bottom = 1, .left = 1, .right = 2};
  EXPECT_EQ(std::get<ConvParams>(graph.nodes[0].params).extra, want);
  EXPECT_EQ(graph.nodes[0].inputs[0], 0);
}

TEST(FusePad, LeavesInfiniteWeightsAlone) {
  Graph graph = float_conv(INFINITY);  // inf * 0 of the padding is NaN, not 0
  const TensorId padded = add_tensor(graph, DType::f32, {1, 6, 6, 2});
  const TensorId paddings = add_values<std::int32_t>(graph, {4, 2}, {0, 0, 1, 1, 1, 1, 0, 0});
  Node conv = std::move(graph.nodes[0]);
  graph.nodes.clear();
  conv.inputs[0] = padded;
  add_node(graph, "PAD", {}, {0, paddings}, {padded});
  graph.nodes.push_back(std::move(conv));
  EXPECT_EQ(run(graph, "fuse_pad"), 0);
}

TEST(CancelQuantize, DropsAPairThatGivesTheSameNumbers) {
  Graph graph;
  const Quant quant{{0.5f}, {3}, 0};
  const TensorId in = add_tensor(graph, DType::i8, {4}, quant);
  const TensorId real = add_tensor(graph, DType::f32, {4});
  const TensorId back = add_tensor(graph, DType::i8, {4}, quant);
  const TensorId out = add_tensor(graph, DType::i8, {4}, quant);
  add_node(graph, "DEQUANTIZE", {}, {in}, {real});
  add_node(graph, "QUANTIZE", {}, {real}, {back});
  add_node(graph, "ADD", ElementwiseParams{}, {back, back}, {out});
  graph.inputs = {in};
  graph.outputs = {out};
  EXPECT_EQ(run(graph, "cancel_quantize"), 1);
  EXPECT_EQ(run(graph, "drop_dead_nodes"), 2);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].inputs[0], in);
}

TEST(CancelQuantize, KeepsAPairThatChangesTheZeroPoint) {
  Graph graph;
  const TensorId in = add_tensor(graph, DType::i8, {4}, Quant{{0.5f}, {3}, 0});
  const TensorId real = add_tensor(graph, DType::f32, {4});
  const TensorId back = add_tensor(graph, DType::i8, {4}, Quant{{0.5f}, {4}, 0});
  add_node(graph, "DEQUANTIZE", {}, {in}, {real});
  add_node(graph, "QUANTIZE", {}, {real}, {back});
  graph.inputs = {in};
  graph.outputs = {back};
  EXPECT_EQ(run(graph, "cancel_quantize"), 0);
}

TEST(DropReshapes, MakesTheOutputAnAlias) {
  Graph graph;
  const TensorId in = add_tensor(graph, DType::f32, {2, 2});
  const TensorId out = add_tensor(graph, DType::f32, {4});
  add_node(graph, "RESHAPE", ReshapeParams{}, {in}, {out});
  graph.inputs = {in};
  graph.outputs = {out};
  EXPECT_EQ(run(graph, "drop_reshapes"), 1);
  EXPECT_EQ(graph.tensor(out).alias_of, in);
  EXPECT_TRUE(graph.nodes.empty());
}

TEST(DropDeadNodes, KeepsTheMakerOfAnAliasedOutput) {
  Graph graph;
  const TensorId in = add_tensor(graph, DType::f32, {2, 2});
  const TensorId middle = add_tensor(graph, DType::f32, {2, 2});
  const TensorId out = add_tensor(graph, DType::f32, {4});
  add_node(graph, "RELU", {}, {in}, {middle});
  add_node(graph, "RESHAPE", ReshapeParams{}, {middle}, {out});
  graph.inputs = {in};
  graph.outputs = {out};
  EXPECT_EQ(run(graph, "drop_reshapes"), 1);
  EXPECT_EQ(run(graph, "drop_dead_nodes"), 0);
  EXPECT_EQ(graph.nodes.size(), 1u);
}

TEST(DropDeadNodes, KeepsNodesWithState) {
  Graph graph;
  const TensorId in = add_tensor(graph, DType::f32, {2});
  const TensorId unused = add_tensor(graph, DType::f32, {2});
  add_node(graph, "RELU", {}, {in}, {unused});
  add_node(graph, "ASSIGN_VARIABLE", {}, {in}, {});
  graph.nodes[1].stateful = true;
  graph.inputs = {in};
  EXPECT_EQ(run(graph, "drop_dead_nodes"), 1);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].op, "ASSIGN_VARIABLE");
}

}  // namespace
}  // namespace pinfer
