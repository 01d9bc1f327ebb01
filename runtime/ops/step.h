// SPDX-License-Identifier: Apache-2.0
// Step: one operator, checked and prepared, ready to run again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/core/status.h"
#include "runtime/cpu/thread_pool.h"
#include "runtime/graph/tensor.h"

namespace pinfer {

// Where everything is during one run. Steps hold ids, never addresses.
struct RunContext {
  std::byte* const* tensors = nullptr;    // by TensorId; null for absent, resource and unused ones
  std::byte* const* variables = nullptr;  // by index into Graph::variables
  std::byte* scratch = nullptr;           // 64-byte aligned, as large as the largest request
  ThreadPool* pool = nullptr;

  // Bytes of a tensor; null for kNoTensor.
  template <class T>
  [[nodiscard]] T* data(TensorId id) const noexcept {
    return id == kNoTensor ? nullptr : reinterpret_cast<T*>(tensors[id]);
  }
};

// What set-up knows of a step; shown by profiles and plans.
struct StepInfo {
  std::string_view kernel;        // "conv_s8__scalar"; a string with static storage
  std::int64_t macs = 0;          // multiply-accumulates of one run
  std::int64_t reads = 0;         // elements that windows read again and again: as dear as macs
  std::size_t scratch_bytes = 0;  // wanted at RunContext::scratch
  bool weights_packed = false;    // run() reads no constant operand: the step has its own copies

  // What counts against Budgets::macs. Pools have no macs, the others no reads.
  [[nodiscard]] std::int64_t work() const noexcept { return macs + reads; }
};

class Step {
 public:
  explicit Step(const StepInfo& info) : info_(info) {}
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  // Const: all state is in the arena and the variables, so sessions can share steps.
  [[nodiscard]] virtual Status run(const RunContext& context) const noexcept = 0;
  [[nodiscard]] const StepInfo& info() const noexcept { return info_; }

 private:
  StepInfo info_;
};

// A step from a function object: Status operator()(const RunContext&) const noexcept. The object
// holds ids, shapes, packed weights: whatever set-up has computed.
template <class Function>
std::unique_ptr<Step> make_step(const StepInfo& info, Function function) {
  static_assert(std::is_nothrow_invocable_r_v<Status, const Function&, const RunContext&>);
  class FunctionStep final : public Step {
   public:
    FunctionStep(const StepInfo& step_info, Function&& f)
        : Step(step_info), function_(std::move(f)) {}
    Status run(const RunContext& context) const noexcept override { return function_(context); }

   private:
    Function function_;
  };
  return std::make_unique<FunctionStep>(info, std::move(function));
}

// A step that shows what it hands to its kernels (addresses of tensors are null), for backends that
// do the same arithmetic on other hardware.
template <class Args>
class OpenStep : public Step {
 public:
  OpenStep(const StepInfo& info, Args args) : Step(info), args_(std::move(args)) {}
  [[nodiscard]] const Args& args() const noexcept { return args_; }

 private:
  Args args_;
};

// make_step with `args` shown. What they point to may belong to `function`: it stays where it is.
template <class Args, class Function>
std::unique_ptr<Step> make_open_step(const StepInfo& info, Args args, Function function) {
  static_assert(std::is_nothrow_invocable_r_v<Status, const Function&, const RunContext&>);
  class FunctionStep final : public OpenStep<Args> {
   public:
    FunctionStep(const StepInfo& step_info, Args&& a, Function&& f)
        : OpenStep<Args>(step_info, std::move(a)), function_(std::move(f)) {}
    Status run(const RunContext& context) const noexcept override { return function_(context); }

   private:
    Function function_;
  };
  return std::make_unique<FunctionStep>(info, std::move(args), std::move(function));
}

// Null when the step shows no such arguments.
template <class Args>
const Args* args_of(const Step& step) noexcept {
  const auto* open = dynamic_cast<const OpenStep<Args>*>(&step);
  return open == nullptr ? nullptr : &open->args();
}

}  // namespace pinfer
