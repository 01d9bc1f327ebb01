// SPDX-License-Identifier: Apache-2.0
// The tensors of one subgraph (rules V2, V4, V9, V10, V11).
#pragma once

#include <map>
#include <string>

#include "runtime/core/result.h"
#include "runtime/graph/graph.h"
#include "runtime/model/tflite_source.h"

namespace pinfer {

// Tensors that this build cannot hold (rule V11), with the reason. The file is refused when
// something uses one of them; converters leave unused ones behind.
using UnusableTensors = std::map<TensorId, std::string>;

// Fills graph.tensors, and graph.blobs with the constants that the file does not hold as needed.
Result<UnusableTensors> read_tensors(TfliteSource& source, const wire::SubGraph& from,
                                     Graph& graph);

}  // namespace pinfer
