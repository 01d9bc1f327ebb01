// SPDX-License-Identifier: Apache-2.0
// How the subgraphs of a file hang together: who runs whom (rule V3), and the variables they share.
#pragma once

#include "runtime/core/result.h"
#include "runtime/model/tflite_source.h"

namespace pinfer {

// Operators that run another subgraph name one that exists, never end up in themselves, and nest
// at most 8 deep.
Result<void> check_calls(const TfliteSource& source);

// Gives every VAR_HANDLE of every subgraph its index into model.graph.variables: the same container
// and name is the same variable.
void number_variables(Model& model);

}  // namespace pinfer
