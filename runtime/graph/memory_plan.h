// SPDX-License-Identifier: Apache-2.0
// The memory plan: where each tensor lies in the one arena of a session.
//
// - Tensors that are never alive together may overlap. Alive: from the node that makes a tensor to
//   the last node that reads it; graph inputs, outputs and state are alive through the whole run.
// - Dropped reshapes (TensorInfo::alias_of) and in-place nodes share one place.
// - Greedy by size: the largest first, each at the lowest offset that is free for its lifetime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/core/result.h"
#include "runtime/graph/graph.h"

namespace pinfer {

// Where one tensor lies in the arena; steps are indices into Graph::nodes.
struct Placement {
  TensorId tensor = kNoTensor;
  std::size_t offset = 0;  // bytes, a multiple of kAlignment
  std::size_t bytes = 0;
  std::int32_t first_step = 0, last_step = 0;
};

struct MemoryPlan {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::vector<std::size_t> offsets;   // by TensorId; kNone for constants and unused tensors
  std::vector<Placement> placements;  // one a place, by offset
  std::size_t arena_bytes = 0;
};

// Nodes [first, end), which run together.
struct StepRange {
  std::int32_t first = 0, end = 0;
};

// Tensors of nodes that run `together` (ranges in order, none overlaps another) are all alive while
// any of them runs. Error over_budget (rule V12) when the arena would exceed `budget` bytes.
Result<MemoryPlan> plan_memory(const Graph& graph, std::uint64_t budget,
                               std::span<const StepRange> together = {});

// The tensor whose bytes `id` shares: itself unless it is an alias.
TensorId root_of(const Graph& graph, TensorId id);

}  // namespace pinfer
