// SPDX-License-Identifier: Apache-2.0
// drop_reshapes: the output of a RESHAPE, SQUEEZE or EXPAND_DIMS is its input under another shape.
#include "runtime/graph/passes/passes.h"

namespace pinfer {

std::int32_t drop_reshapes(Graph& graph);

std::int32_t drop_reshapes(Graph& graph) {
  std::vector<bool> drop(graph.nodes.size(), false);
  std::int32_t changes = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.op != "RESHAPE" && node.op != "SQUEEZE" && node.op != "EXPAND_DIMS") continue;
    const TensorInfo& in = graph.tensor(node.inputs[0]);
    TensorInfo& out = graph.tensor(node.outputs[0]);
    // State may change before the alias is read; constants have no place in the arena to share.
    if (in.is_variable || out.is_variable || in.is_constant || in.bytes() != out.bytes()) continue;
    out.alias_of = node.inputs[0];
    drop[i] = true;
    ++changes;
  }
  remove_nodes(graph, drop);
  return changes;
}

}  // namespace pinfer
