// SPDX-License-Identifier: Apache-2.0
// What every backend checks of a node before it makes something of it.
#pragma once

#include "runtime/core/checked.h"
#include "runtime/graph/graph.h"
#include "runtime/model/model.h"

namespace pinfer {

// Adds the work of a node (StepInfo::work) to that of the net. Error over_budget: rule V12.
inline Result<void> add_work(const Node& node, std::int64_t work, const Budgets& budgets,
                             std::int64_t& sum) {
  const auto next = checked_add(sum, work);
  if (!next || *next > budgets.macs)
    return fail(
        ErrorCode::over_budget,
        "V12: operator {} {}: more than {} multiply-accumulates or reads of windows in one run",
        node.source_index, node.op, budgets.macs);
  sum = *next;
  return {};
}

}  // namespace pinfer
