// SPDX-License-Identifier: Apache-2.0
// drop_dead_nodes: nodes that nobody reads and that keep no state.
#include <algorithm>

#include "runtime/graph/passes/passes.h"

namespace pinfer {

std::int32_t drop_dead_nodes(Graph& graph);

std::int32_t drop_dead_nodes(Graph& graph) {
  std::vector<bool> wanted(graph.tensors.size(), false), drop(graph.nodes.size(), false);
  // A dropped reshape is needed when its alias is.
  const auto want = [&](TensorId id) {
    for (; id != kNoTensor; id = graph.tensor(id).alias_of)
      wanted[static_cast<std::size_t>(id)] = true;
  };
  for (const TensorId id : graph.outputs) want(id);
  std::int32_t changes = 0;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    const bool needed =
        node.stateful || std::any_of(node.outputs.begin(), node.outputs.end(), [&](TensorId id) {
          return wanted[static_cast<std::size_t>(id)];
        });
    if (!needed) {
      drop[i] = true;
      ++changes;
      continue;
    }
    for (const TensorId id : node.inputs) want(id);
  }
  remove_nodes(graph, drop);
  return changes;
}

}  // namespace pinfer
