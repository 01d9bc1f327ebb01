// SPDX-License-Identifier: Apache-2.0
// The inputs, outputs and operators of one subgraph (rules V2 and V11).
#pragma once

#include "runtime/core/result.h"
#include "runtime/graph/graph.h"
#include "runtime/model/tflite_source.h"
#include "runtime/model/tflite_tensors.h"

namespace pinfer {

// Fills graph.inputs, graph.outputs and graph.nodes; graph.tensors is there already.
Result<void> read_operators(TfliteSource& source, const wire::SubGraph& from,
                            const UnusableTensors& unusable, Graph& graph);

}  // namespace pinfer
