// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_calls.h"

#include <map>
#include <utility>
#include <vector>

namespace pinfer {
namespace {

constexpr int kMaxCallDepth = 8;

// Subgraphs that one operator runs; operators of StableHLO that Pinfer has none of are left to
// runtime/ops, which refuses them by name.
std::vector<std::int64_t> called_by(const wire::Operator& op) {
  if (const auto* o = op.options_as_Call()) return {o->subgraph()};
  if (const auto* o = op.options_as_CallOnce()) return {o->subgraph()};
  if (const auto* o = op.options_as_If()) return {o->then_subgraph(), o->else_subgraph()};
  if (const auto* o = op.options_as_While()) return {o->condition_subgraph(), o->body_subgraph()};
  if (const auto* o = op.options_2_as_Composite()) return {o->subgraph()};
  if (const auto* o = op.options_2_as_WhileHlo())
    return {o->condition_subgraph(), o->body_subgraph()};
  return {};
}

using Calls = std::vector<std::vector<std::size_t>>;

Result<Calls> read_calls(const TfliteSource& source) {
  const auto& graphs = *source.root->subgraphs();
  Calls calls(graphs.size());
  for (std::uint32_t g = 0; g < graphs.size(); ++g) {
    const auto* operators = graphs.Get(g)->operators();
    for (std::uint32_t i = 0; i < size_of_vector(operators); ++i) {
      for (const std::int64_t callee : called_by(*operators->Get(i))) {
        if (callee < 0 || callee >= std::int64_t{graphs.size()})
          return fail(ErrorCode::invalid_model,
                      "V2: operator {} of subgraph {} runs subgraph {}, the file has {}", i, g,
                      callee, graphs.size());
        calls[g].push_back(static_cast<std::size_t>(callee));
      }
    }
  }
  return calls;
}

// Longest chain of calls below each subgraph, by depth-first search that knows what it has open.
class Depth final {
 public:
  explicit Depth(const Calls& calls) : calls_(calls), depth_(calls.size(), kUnknown) {}

  Result<int> of(std::size_t graph, int level) {
    if (depth_[graph] == kOpen)
      return fail(ErrorCode::invalid_model, "V3: subgraph {} runs itself", graph);
    if (depth_[graph] != kUnknown) return depth_[graph];
    if (level > kMaxCallDepth) return too_deep(graph);
    depth_[graph] = kOpen;
    int deepest = 0;
    for (const std::size_t callee : calls_[graph]) {
      PINFER_TRY(const int below, of(callee, level + 1));
      deepest = std::max(deepest, below + 1);
    }
    if (deepest > kMaxCallDepth) return too_deep(graph);
    depth_[graph] = deepest;
    return deepest;
  }

 private:
  static constexpr int kUnknown = -1, kOpen = -2;
  static tl::unexpected<Error> too_deep(std::size_t graph) {
    return fail(ErrorCode::invalid_model,
                "V3: subgraph {} is part of a chain of more than {} calls", graph, kMaxCallDepth);
  }
  const Calls& calls_;
  std::vector<int> depth_;
};

using VariableIndex = std::map<std::pair<std::string, std::string>, std::int32_t>;

void number_variables_of(Graph& graph, VariableIndex& index, std::vector<Variable>& variables) {
  for (const Node& node : graph.nodes) {
    const auto* params = std::get_if<VarHandleParams>(&node.params);
    if (params == nullptr || node.outputs.empty()) continue;
    const auto next = static_cast<std::int32_t>(variables.size());
    const auto [found, added] =
        index.try_emplace(std::pair(params->container, params->shared_name), next);
    if (added) {
      Variable variable;
      variable.container = params->container;
      variable.name = params->shared_name;
      variables.push_back(std::move(variable));
    }
    graph.tensor(node.outputs[0]).variable = found->second;
  }
}

}  // namespace

Result<void> check_calls(const TfliteSource& source) {
  PINFER_TRY(const Calls calls, read_calls(source));
  Depth depth(calls);
  for (std::size_t g = 0; g < calls.size(); ++g) PINFER_CHECK(depth.of(g, 0));
  return {};
}

void number_variables(Model& model) {
  VariableIndex index;
  number_variables_of(model.graph, index, model.graph.variables);
  for (Graph& graph : model.subgraphs) number_variables_of(graph, index, model.graph.variables);
}

}  // namespace pinfer
