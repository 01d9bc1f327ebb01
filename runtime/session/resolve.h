// SPDX-License-Identifier: Apache-2.0
// Resolve: every shape known, every node checked, values that follow from constants computed.
#pragma once

#include "runtime/graph/graph.h"
#include "runtime/model/model.h"

namespace pinfer {

struct ResolveOptions {
  Budgets budgets = {};
  // Values up to this many bytes are computed at load when all their inputs are known.
  std::uint64_t value_bytes = 0;
};

// Runs every operator's `infer` in order, and evaluates nodes whose inputs are all known (and those
// whose result follows from shapes alone), so that SHAPE / STRIDED_SLICE / PACK chains become
// numbers. Errors name every operator that this build does not have, or the first broken rule.
Result<void> resolve(Graph& graph, const ResolveOptions& options);

}  // namespace pinfer
