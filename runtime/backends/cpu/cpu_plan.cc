// SPDX-License-Identifier: Apache-2.0
// The CPU backend: the operators' own steps, one after the other, over one arena.
#include <algorithm>
#include <cstring>

#include "runtime/backends/backend.h"
#include "runtime/backends/cpu/chains.h"
#include "runtime/backends/cpu/signed_graph.h"
#include "runtime/backends/node_checks.h"
#include "runtime/core/free_memory.h"
#include "runtime/graph/graph_copy.h"
#include "runtime/graph/tensor_memory.h"
#include "runtime/ops/flip.h"
#include "runtime/ops/operator.h"

namespace pinfer {
namespace {

class CpuPlan final : public Plan {
 public:
  static Result<std::unique_ptr<Plan>> create(const Graph& source, const PlanOptions& options);

  Status run() noexcept override {
    if (options_.profile) return run_all_steps();
    for (const Step* step : order_)
      if (const Status status = step->run(context_); status != Status::ok) return status;
    return Status::ok;
  }

  Status run_observed(const StepObserver& observer) override {
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (const Status status = run_step(i); status != Status::ok) return status;
      outputs.clear();
      for (const TensorId id : graph_.nodes[i].outputs) outputs.push_back(view(id));
      observer(i, outputs);
    }
    return Status::ok;
  }

  void reset_state() noexcept override {
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      const TensorInfo& info = graph_.tensors[i];
      std::byte* const bytes = tensors_.addresses()[i];
      if (!info.is_variable || bytes == nullptr) continue;
      // "Zero" of int8 state is its zero point, as in the reference runtime.
      const int value = info.dtype == DType::i8 ? info.zero_point() : 0;
      std::memset(bytes, value, info.bytes());
    }
  }

  Tensor tensor(TensorId id) noexcept override { return view(id); }
  std::span<const StepReport> steps() const noexcept override { return reports_; }
  std::span<const Placement> placements() const noexcept override { return memory_.placements; }
  std::size_t arena_bytes() const noexcept override { return tensors_.bytes(); }

 private:
  explicit CpuPlan(const Graph& source, const PlanOptions& options)
      : options_(options),
        graph_(without_blobs(source)),
        variables_(options.variables.begin(), options.variables.end()) {
    const bool vectors = options.isa != isa::scalar;
    if (options.uint8 == Uint8::as_int8 || (options.uint8 == Uint8::automatic && vectors)) {
      std::vector<TensorId> stands_for = sign_uint8(graph_);
      flipped_ = FlippedConstants(graph_, std::move(stands_for));
    }
  }

  Result<void> prepare_steps();
  void chain_steps();
  void drop_constants(const Node& node) const noexcept;
  void forget_constants();
  Result<void> place_tensors();

  Tensor view(TensorId id) noexcept { return {&graph_.tensor(id), tensors_.address(id)}; }

  Status run_all_steps() noexcept {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (const Status status = run_step(i); status != Status::ok) return status;
    return Status::ok;
  }
  Status run_step(std::size_t i) noexcept {
    if (!options_.profile) return steps_[i]->run(context_);
    const MonotonicTime start = MonotonicTime::now();
    const Status status = steps_[i]->run(context_);
    reports_[i].last = MonotonicTime::now() - start;
    reports_[i].total += reports_[i].last;
    return status;
  }

  PlanOptions options_;
  Graph graph_;
  FlippedConstants flipped_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::vector<Chain> chains_;
  std::vector<const Step*> order_;  // what run() runs: chains instead of their steps
  std::vector<StepReport> reports_;
  MemoryPlan memory_;
  std::size_t scratch_bytes_ = 0;
  TensorMemory tensors_;
  std::vector<std::byte*> variables_;
  RunContext context_;
};

// The step has its own copies of weights and bias. Small ones are not worth the system call.
void CpuPlan::drop_constants(const Node& node) const noexcept {
  constexpr std::size_t kWorthwhile = 16 << 10;
  if (options_.file == nullptr) return;
  for (const TensorId id : node.inputs) {
    if (id == kNoTensor) continue;
    const TensorInfo& info = graph_.tensor(flipped_.stands_for(id));
    if (info.is_constant && info.data.size() >= kWorthwhile) options_.file->drop(info.data);
  }
}

Result<void> CpuPlan::prepare_steps() {
  std::int64_t work = 0;
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    const Operator* op = node.op == flip_operator.name ? &flip_operator : find_operator(node.op);
    if (op == nullptr)
      return fail(ErrorCode::unsupported, "operator {} {}: not supported by this build",
                  node.source_index, node.op);
    const NodeContext context(graph_, i, options_.isa);
    PINFER_CHECK(flipped_.make(graph_, node));
    PINFER_TRY(std::unique_ptr<Step> step, op->prepare(context));
    const StepInfo& info = step->info();
    flipped_.release(graph_, node, !info.weights_packed);
    if (info.weights_packed) drop_constants(node);
    PINFER_CHECK(add_work(node, info.work(), options_.budgets, work));
    scratch_bytes_ = std::max(scratch_bytes_, info.scratch_bytes);
    reports_.push_back(
        {.source_index = node.source_index,
         .op = op->name,
         .kernel = info.kernel,
         .macs = info.macs,
         .output = flipped_.stands_for(node.outputs.empty() ? kNoTensor : node.outputs[0])});
    steps_.push_back(std::move(step));
  }
  return {};
}

// Steps have what they need by now. Only graph outputs are shown to callers, and what steps read in
// each run (shapes, small tables) comes back from the file.
void CpuPlan::forget_constants() {
  const auto& outputs = graph_.outputs;
  for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
    TensorInfo& info = graph_.tensors[i];
    if (!info.is_constant ||
        std::find(outputs.begin(), outputs.end(), static_cast<TensorId>(i)) != outputs.end())
      continue;
    info.quant = {};
    std::string().swap(info.name);
  }
  if (options_.file != nullptr) options_.file->drop(options_.file->span());
  return_free_memory();
}

// Steps are seen one by one in profiles and by observers: those run without chains.
void CpuPlan::chain_steps() {
  chains_ = find_chains(graph_, steps_);
  auto chain = chains_.begin();
  for (std::size_t i = 0; i < steps_.size();) {
    if (chain != chains_.end() && chain->together.first == static_cast<std::int32_t>(i)) {
      order_.push_back(chain->step.get());
      scratch_bytes_ = std::max(scratch_bytes_, chain->step->info().scratch_bytes);
      while (++i < static_cast<std::size_t>(chain->together.end)) reports_[i].chained = true;
      ++chain;
    } else {
      order_.push_back(steps_[i++].get());
    }
  }
}

Result<void> CpuPlan::place_tensors() {
  std::vector<StepRange> together;
  for (const Chain& chain : chains_) together.push_back(chain.together);
  PINFER_TRY(memory_, plan_memory(graph_, options_.budgets.arena_bytes, together));
  for (Placement& place : memory_.placements) place.tensor = flipped_.stands_for(place.tensor);
  PINFER_TRY(tensors_,
             TensorMemory::create(graph_, memory_, scratch_bytes_, options_.budgets.arena_bytes));
  return {};
}

Result<std::unique_ptr<Plan>> CpuPlan::create(const Graph& source, const PlanOptions& options) {
  std::unique_ptr<CpuPlan> plan(new CpuPlan(source, options));
  PINFER_CHECK(plan->prepare_steps());
  plan->chain_steps();
  plan->forget_constants();
  PINFER_CHECK(plan->place_tensors());
  plan->context_ = {plan->tensors_.addresses(), plan->variables_.data(), plan->tensors_.scratch(),
                    options.pool};
  plan->reset_state();
  return plan;
}

}  // namespace

extern const Backend cpu_backend;
const Backend cpu_backend{.name = "cpu", .compile = CpuPlan::create, .threads = true};

}  // namespace pinfer
