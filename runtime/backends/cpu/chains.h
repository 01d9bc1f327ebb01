// SPDX-License-Identifier: Apache-2.0
// Which steps of a plan run together (runtime/ops/conv_chain.h).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/graph/graph.h"
#include "runtime/graph/memory_plan.h"
#include "runtime/ops/step.h"

namespace pinfer {

// `step` stands for the steps of nodes [together.first, together.end).
struct Chain {
  StepRange together;
  std::unique_ptr<Step> step;
};

// In the order of the nodes, which have one step each. Longer chains come first.
std::vector<Chain> find_chains(const Graph& graph, std::span<const std::unique_ptr<Step>> steps);

}  // namespace pinfer
