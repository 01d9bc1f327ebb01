// SPDX-License-Identifier: Apache-2.0
// Rule V3: every tensor has one origin, and it comes before its uses.
#pragma once

#include "runtime/core/result.h"
#include "runtime/graph/graph.h"

namespace pinfer {

// "V3: operator 3 CONV_2D: <sentence>"
Error node_error(const Node& node, std::string_view rule, std::string_view sentence);

// Checks the nodes of `graph` in order. Operands without elements that nothing produces become
// constants: a file has no bytes for them. All ids were checked to be in range.
Result<void> check_order(Graph& graph);

}  // namespace pinfer
