// SPDX-License-Identifier: Apache-2.0
// A graph to change: all but the blobs, which stay with the model that owns them.
#pragma once

#include "runtime/graph/graph.h"

namespace pinfer {

// Valid as long as `source`, to whose constants its tensors point.
inline Graph without_blobs(const Graph& source) {
  Graph copy;
  copy.tensors = source.tensors;
  copy.nodes = source.nodes;
  copy.inputs = source.inputs;
  copy.outputs = source.outputs;
  copy.variables = source.variables;
  return copy;
}

}  // namespace pinfer
