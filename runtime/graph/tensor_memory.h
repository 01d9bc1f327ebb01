// SPDX-License-Identifier: Apache-2.0
// TensorMemory: the bytes of a graph's tensors where a memory plan places them, and scratch memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/core/aligned_buffer.h"
#include "runtime/core/result.h"
#include "runtime/graph/graph.h"
#include "runtime/graph/memory_plan.h"

namespace pinfer {

class TensorMemory final {
 public:
  TensorMemory() = default;

  // Constants stay where the model has them, but for those that are graph outputs: they get a place
  // behind the arena, so that the caller may treat every output alike. Error over_budget (V12):
  // more than `budget` bytes in all, or the system has no memory.
  static Result<TensorMemory> create(const Graph& graph, const MemoryPlan& plan,
                                     std::size_t scratch_bytes, std::uint64_t budget);

  // By TensorId; valid as long as this, wherever it moves.
  [[nodiscard]] std::byte* const* addresses() const noexcept { return addresses_.data(); }
  [[nodiscard]] std::byte* address(TensorId id) const noexcept {
    return addresses_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] std::byte* scratch() noexcept { return scratch_.data(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return arena_.size() + scratch_.size(); }

 private:
  AlignedBuffer arena_, scratch_;
  std::vector<std::byte*> addresses_;
};

}  // namespace pinfer
