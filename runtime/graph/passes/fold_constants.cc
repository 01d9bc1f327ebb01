// SPDX-License-Identifier: Apache-2.0
// fold_constants: nodes whose outputs are all known at load need not run. The values were computed
// by the nodes' own kernels when the shapes were resolved, so they are the same bytes.
#include <algorithm>

#include "runtime/graph/passes/passes.h"

namespace pinfer {

std::int32_t fold_constants(Graph& graph);

std::int32_t fold_constants(Graph& graph) {
  std::vector<bool> drop(graph.nodes.size(), false);
  std::int32_t changes = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const bool known = !node.stateful && !node.outputs.empty() &&
                       std::all_of(node.outputs.begin(), node.outputs.end(), [&](TensorId id) {
                         return graph.tensor(id).data.size() == graph.tensor(id).bytes() &&
                                !graph.tensor(id).data.empty();
                       });
    if (!known) continue;
    for (const TensorId id : node.outputs) graph.tensor(id).is_constant = true;
    drop[i] = true;
    ++changes;
  }
  remove_nodes(graph, drop);
  return changes;
}

}  // namespace pinfer
