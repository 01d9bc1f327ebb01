// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/inline_composites.h"

#include <algorithm>

namespace pinfer {
namespace {

// Composites may hold composites; the reader has refused cycles and more than 8 levels.
constexpr int kMaxRounds = 9;

bool is_composite(const Node& node) { return std::holds_alternative<CompositeParams>(node.params); }

// Appends the nodes of `body` to `nodes`, with its tensors copied into `graph` and its inputs and
// outputs bound to those of `call`.
Result<void> splice(Graph& graph, const Graph& body, const Node& call, std::vector<Node>& nodes) {
  if (call.inputs.size() != body.inputs.size() || call.outputs.size() != body.outputs.size())
    return fail(ErrorCode::invalid_model,
                "V2: operator {} {}: {} inputs and {} outputs, its subgraph has {} and {}",
                call.source_index, call.op, call.inputs.size(), call.outputs.size(),
                body.inputs.size(), body.outputs.size());
  std::vector<TensorId> map(body.tensors.size(), kNoTensor);
  for (std::size_t i = 0; i < call.inputs.size(); ++i)
    map[static_cast<std::size_t>(body.inputs[i])] = call.inputs[i];
  for (std::size_t i = 0; i < call.outputs.size(); ++i) {
    TensorId& target = map[static_cast<std::size_t>(body.outputs[i])];
    if (target != kNoTensor || body.tensor(body.outputs[i]).is_constant)
      return fail(ErrorCode::unsupported,
                  "operator {} {}: output {} of its subgraph is not computed by it",
                  call.source_index, call.op, i);
    target = call.outputs[i];
  }
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (map[i] != kNoTensor) continue;
    map[i] = static_cast<TensorId>(graph.tensors.size());
    graph.tensors.push_back(body.tensors[i]);
  }
  const auto rename = [&](std::vector<TensorId>& ids) {
    for (TensorId& id : ids)
      if (id != kNoTensor) id = map[static_cast<std::size_t>(id)];
  };
  for (Node node : body.nodes) {
    rename(node.inputs);
    rename(node.outputs);
    rename(node.intermediates);
    node.source_index = call.source_index;
    nodes.push_back(std::move(node));
  }
  return {};
}

}  // namespace

Result<std::int32_t> inline_composites(Model& model, const Budgets& budgets) {
  Graph& graph = model.graph;
  std::int32_t replaced = 0;
  for (int round = 0; round < kMaxRounds; ++round) {
    if (std::none_of(graph.nodes.begin(), graph.nodes.end(), is_composite)) break;
    std::vector<Node> nodes;
    for (const Node& node : graph.nodes) {
      const auto* call = std::get_if<CompositeParams>(&node.params);
      if (call == nullptr) {
        nodes.push_back(node);
        continue;
      }
      const auto index = static_cast<std::size_t>(call->subgraph) - 1;
      if (call->subgraph < 1 || index >= model.subgraphs.size())
        return fail(ErrorCode::invalid_model, "V2: operator {} {}: subgraph {} does not exist",
                    node.source_index, node.op, call->subgraph);
      PINFER_CHECK(splice(graph, model.subgraphs[index], node, nodes));
      ++replaced;
      if (nodes.size() > budgets.operators || graph.tensors.size() > budgets.tensors)
        return fail(ErrorCode::over_budget, "V12: inlined composites exceed {} operators",
                    budgets.operators);
    }
    graph.nodes = std::move(nodes);
  }
  return replaced;
}

}  // namespace pinfer
