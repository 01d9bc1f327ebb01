// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/tensor_memory.h"

#include <algorithm>
#include <cstring>

#include "runtime/core/checked.h"

namespace pinfer {

Result<TensorMemory> TensorMemory::create(const Graph& graph, const MemoryPlan& plan,
                                          std::size_t scratch_bytes, std::uint64_t budget) {
  std::vector<std::size_t> offsets = plan.offsets;
  std::size_t bytes = plan.arena_bytes;
  for (const TensorId id : graph.outputs) {
    std::size_t& offset = offsets[static_cast<std::size_t>(id)];
    if (!graph.tensor(id).is_constant || offset != MemoryPlan::kNone) continue;
    offset = bytes;
    bytes += round_up(graph.tensor(id).bytes(), kAlignment);
  }
  const std::uint64_t total = std::uint64_t{bytes} + scratch_bytes;
  if (total > budget)
    return fail(ErrorCode::over_budget, "V12: arena and scratch need {} bytes, the budget is {}",
                total, budget);
  TensorMemory memory;
  // One byte at least, so that empty tensors have an address too.
  PINFER_TRY(memory.arena_, AlignedBuffer::create(std::max<std::size_t>(bytes, 1)));
  PINFER_TRY(memory.scratch_, AlignedBuffer::create(scratch_bytes));
  memory.addresses_.assign(graph.tensors.size(), memory.arena_.data());
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const TensorInfo& info = graph.tensors[i];
    if (offsets[i] != MemoryPlan::kNone) {
      memory.addresses_[i] = memory.arena_.data() + offsets[i];
      if (info.is_constant) std::memcpy(memory.addresses_[i], info.data.data(), info.data.size());
    } else if (info.is_constant && !info.data.empty()) {
      // No step writes to a constant: it is nobody's output.
      memory.addresses_[i] = const_cast<std::byte*>(info.data.data());
    }
  }
  return memory;
}

}  // namespace pinfer
