// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/host_part.h"

#include <algorithm>
#include <cstring>

#include "runtime/core/checked.h"
#include "runtime/graph/memory_plan.h"
#include "runtime/ops/operator.h"

namespace pinfer::gles {

Result<void> HostPart::prepare(const PlanOptions& options) {
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const NodeContext context(graph_, i, options.isa);
    PINFER_TRY(auto step, find_operator(graph_.nodes[i].op)->prepare(context));
    scratch_bytes_ = std::max(scratch_bytes_, step->info().scratch_bytes);
    steps_.push_back(std::move(step));
  }
  return {};
}

Result<void> HostPart::place(const PlanOptions& options) {
  PINFER_TRY(const MemoryPlan memory, plan_memory(graph_, options.budgets.arena_bytes));
  std::vector<std::size_t> offsets = memory.offsets;
  std::size_t bytes = memory.arena_bytes;
  // Outputs that are known at load get a place too, so that the caller may treat all alike.
  for (const TensorId id : graph_.outputs) {
    std::size_t& offset = offsets[static_cast<std::size_t>(id)];
    if (!graph_.tensor(id).is_constant || offset != MemoryPlan::kNone) continue;
    offset = bytes;
    bytes += round_up(graph_.tensor(id).bytes(), kAlignment);
  }
  if (std::uint64_t{bytes} + scratch_bytes_ > options.budgets.arena_bytes)
    return fail(ErrorCode::over_budget, "V12: arena and scratch need {} bytes, the budget is {}",
                bytes + scratch_bytes_, options.budgets.arena_bytes);
  PINFER_TRY(arena_, AlignedBuffer::create(std::max<std::size_t>(bytes, 1)));
  PINFER_TRY(scratch_, AlignedBuffer::create(scratch_bytes_));
  addresses_.assign(graph_.tensors.size(), arena_.data());
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const TensorInfo& info = graph_.tensors[i];
    if (offsets[i] != MemoryPlan::kNone) {
      addresses_[i] = arena_.data() + offsets[i];
      if (info.is_constant) std::memcpy(addresses_[i], info.data.data(), info.data.size());
    } else if (info.is_constant && !info.data.empty()) {
      // No step writes to a constant: it is nobody's output.
      addresses_[i] = const_cast<std::byte*>(info.data.data());
    }
  }
  return {};
}

Result<std::unique_ptr<HostPart>> HostPart::create(const Graph& whole, const Division& division,
                                                   const PlanOptions& options) {
  std::unique_ptr<HostPart> part(new HostPart);
  Graph& graph = part->graph_;
  graph.tensors = whole.tensors;
  for (const Place place : {Place::head, Place::tail})
    for (const std::size_t i : division.nodes_at(place)) graph.nodes.push_back(whole.nodes[i]);
  // What crosses is alive throughout.
  graph.inputs = whole.inputs;
  graph.inputs.insert(graph.inputs.end(), division.downloads.begin(), division.downloads.end());
  graph.outputs = whole.outputs;
  graph.outputs.insert(graph.outputs.end(), division.uploads.begin(), division.uploads.end());
  PINFER_CHECK(part->prepare(options));
  PINFER_CHECK(part->place(options));
  part->context_ = {part->addresses_.data(), nullptr, part->scratch_.data(), options.pool};
  return part;
}

}  // namespace pinfer::gles
