// SPDX-License-Identifier: Apache-2.0
// fuse_activation: RELU, RELU6 and RELU_N1_TO_1 become the clamp of the operator in front of them.
//
// Integers: only when both have the same scale and zero point; the stand-alone form multiplies by
// exactly 1 then and clamps to the same bounds.
#include <algorithm>
#include <optional>

#include "runtime/graph/passes/passes.h"

namespace pinfer {

std::int32_t fuse_activation(Graph& graph);

namespace {

std::optional<Activation> activation_of(const std::string& op) {
  if (op == "RELU") return Activation::relu;
  if (op == "RELU6") return Activation::relu6;
  if (op == "RELU_N1_TO_1") return Activation::relu_n1_to_1;
  return std::nullopt;
}

// The activation field of operators that have one with the meaning of a clamp.
Activation* clamp_of(Node& node) {
  return std::visit(
      [](auto& params) -> Activation* {
        using P = std::decay_t<decltype(params)>;
        if constexpr (std::is_same_v<P, ConvParams> || std::is_same_v<P, FullyConnectedParams> ||
                      std::is_same_v<P, ElementwiseParams> || std::is_same_v<P, PoolParams>)
          return &params.activation;
        else
          return nullptr;
      },
      node.params);
}

bool same_numbers(const TensorInfo& a, const TensorInfo& b) {
  if (a.dtype != b.dtype) return false;
  return a.dtype == DType::f32 || (a.quant.scale.size() == 1 && a.quant == b.quant);
}

bool fuse(Graph& graph, const Uses& uses, const Node& node) {
  const auto activation = activation_of(node.op);
  if (!activation) return false;
  const TensorId in = node.inputs[0], out = node.outputs[0];
  const std::int32_t producer = uses.producer(in);
  if (producer < 0 || uses.count(in) != 1 || !same_numbers(graph.tensor(in), graph.tensor(out)))
    return false;
  Node& maker = graph.nodes[static_cast<std::size_t>(producer)];
  Activation* clamp = clamp_of(maker);
  if (clamp == nullptr || *clamp != Activation::none || maker.outputs.size() != 1) return false;
  *clamp = *activation;
  maker.outputs[0] = out;
  return true;
}

}  // namespace

std::int32_t fuse_activation(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> drop(graph.nodes.size(), false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) drop[i] = fuse(graph, uses, graph.nodes[i]);
  const auto changes = static_cast<std::int32_t>(std::count(drop.begin(), drop.end(), true));
  remove_nodes(graph, drop);
  return changes;
}

}  // namespace pinfer
