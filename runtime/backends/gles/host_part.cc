// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/host_part.h"

#include <algorithm>

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
  PINFER_TRY(const MemoryPlan memory, plan_memory(graph, options.budgets.arena_bytes));
  PINFER_TRY(part->tensors_, TensorMemory::create(graph, memory, part->scratch_bytes_,
                                                  options.budgets.arena_bytes));
  part->context_ = {part->tensors_.addresses(), nullptr, part->tensors_.scratch(), options.pool};
  return part;
}

}  // namespace pinfer::gles
