// SPDX-License-Identifier: Apache-2.0
// Plan: a graph made executable by a backend; Backend: the record each backend fills.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/clock.h"
#include "runtime/core/result.h"
#include "runtime/core/status.h"
#include "runtime/cpu/isa.h"
#include "runtime/cpu/thread_pool.h"
#include "runtime/graph/graph.h"
#include "runtime/graph/memory_plan.h"
#include "runtime/model/model.h"

namespace pinfer {

// One step as it ran last, for profiles and plans.
struct StepReport {
  std::int32_t source_index = 0;  // operator index in the file
  std::string_view op;            // "CONV_2D"
  std::string_view kernel;        // "conv_s8__scalar"
  std::int64_t macs = 0;
  TensorId output = kNoTensor;  // the first one
  bool chained = false;         // runs together with the step before, but when steps are watched
  Duration last{0};             // time of the last run; zero unless profiling
  Duration total{0};            // over all runs
};

// Sees the outputs of each step right after it ran (debugging, tests).
using StepObserver = std::function<void(std::size_t step, std::span<const Tensor> outputs)>;

// How uint8 nets run: as they are, or as int8, which gives the same bytes.
enum class Uint8 : std::uint8_t {
  automatic,  // as int8 where there are vector instructions, which is what int8 kernels are for
  plain,
  as_int8,
};

// How Arm NN runs a net; only the armnn backend reads it.
struct ArmnnOptions {
  std::vector<std::string> devices = {};  // "GpuAcc", ...; empty: GpuAcc, CpuAcc, CpuRef
  bool fast_math = false;                 // float convolutions that round otherwise
  bool fp16 = false;                      // float nets compute in halves
  friend bool operator==(const ArmnnOptions&, const ArmnnOptions&) = default;
};

struct PlanOptions {
  IsaBits isa = 0;
  Uint8 uint8 = Uint8::automatic;
  Budgets budgets = {};
  bool profile = false;
  ThreadPool* pool = nullptr;  // outlives the plan
  // Where constants of the graph may lie; pages that nobody will read are given back. Or null.
  const MappedFile* file = nullptr;
  std::span<std::byte* const> variables;  // by index into Graph::variables; outlives the plan
  std::string cache_folder = {};          // where what takes long may be kept; empty: nowhere
  ArmnnOptions armnn = {};
};

// One thread at a time.
class Plan {
 public:
  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  virtual ~Plan() = default;

  // One inference; allocates nothing.
  [[nodiscard]] virtual Status run() noexcept = 0;
  [[nodiscard]] virtual Status run_observed(const StepObserver& observer) = 0;
  // Recurrent state (TensorInfo::is_variable) back to its start value.
  virtual void reset_state() noexcept = 0;

  // A view of a graph input or output; stays valid as long as the plan.
  [[nodiscard]] virtual Tensor tensor(TensorId id) noexcept = 0;
  [[nodiscard]] virtual std::span<const StepReport> steps() const noexcept = 0;
  [[nodiscard]] virtual std::span<const Placement> placements() const noexcept = 0;
  [[nodiscard]] virtual std::size_t arena_bytes() const noexcept = 0;
};

// How far from the cpu backend's results those of a backend may be.
struct Tolerance {
  std::int64_t steps = 0;  // of 8-bit and 16-bit outputs; all other integers are the same
  double relative = 0;     // of float outputs: of the largest value
};

struct Backend {
  std::string_view name;  // the `backend:` key
  // The graph has been resolved: every node is inferred, every shape known.
  Result<std::unique_ptr<Plan>> (*compile)(const Graph& graph,
                                           const PlanOptions& options) = nullptr;
  Tolerance tolerance = {};
  bool threads = false;  // whether more than one thread can make it faster
  // What it runs on, with versions: a choice made for another one is worth nothing. Null: only this
  // program. Errors say why it cannot run here.
  Result<std::string> (*describe)() = nullptr;
};

// All backends of this build, in the order of backends.inc.
std::span<const Backend* const> backends();
// Error invalid_argument with the known names.
Result<const Backend*> find_backend(std::string_view name);

}  // namespace pinfer
