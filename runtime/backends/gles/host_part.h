// SPDX-License-Identifier: Apache-2.0
// HostPart: the nodes of a net that run on the CPU before and after the GPU, and the memory in
// which the caller finds inputs and outputs.
#pragma once

#include <memory>
#include <vector>

#include "runtime/backends/backend.h"
#include "runtime/backends/gles/division.h"
#include "runtime/graph/tensor_memory.h"
#include "runtime/ops/step.h"

namespace pinfer::gles {

class HostPart final {
 public:
  static Result<std::unique_ptr<HostPart>> create(const Graph& whole, const Division& division,
                                                  const PlanOptions& options);

  [[nodiscard]] std::size_t step_count() const noexcept { return steps_.size(); }
  [[nodiscard]] const Step& step(std::size_t i) const noexcept { return *steps_[i]; }
  // Heads first, then tails.
  [[nodiscard]] Status run(std::size_t i) const noexcept { return steps_[i]->run(context_); }
  [[nodiscard]] std::span<const TensorId> outputs(std::size_t i) const noexcept {
    return graph_.nodes[i].outputs;
  }
  // Of a tensor that the host has; valid as long as this.
  [[nodiscard]] std::byte* address(TensorId id) const noexcept { return tensors_.address(id); }
  [[nodiscard]] const TensorInfo& info(TensorId id) const noexcept { return graph_.tensor(id); }
  [[nodiscard]] std::size_t bytes() const noexcept { return tensors_.bytes(); }

 private:
  HostPart() = default;
  Result<void> prepare(const PlanOptions& options);

  Graph graph_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::size_t scratch_bytes_ = 0;
  TensorMemory tensors_;
  RunContext context_;
};

}  // namespace pinfer::gles
