// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/session.h"

#include <cstring>

namespace pinfer {

struct Session::State {
  std::shared_ptr<const Model> model;
  std::unique_ptr<ThreadPool> pool;
  std::vector<AlignedBuffer> variable_memory;
  std::vector<std::byte*> variables;
  std::vector<std::unique_ptr<Plan>> init_plans;  // CALL_ONCE, in order
  std::unique_ptr<Plan> plan;
  std::vector<Tensor> inputs, outputs;
  std::int64_t macs = 0;

  Result<void> allocate_variables();
  Result<void> compile(const SessionOptions& options);
  Status reset() noexcept;
};

Result<void> Session::State::allocate_variables() {
  std::uint64_t total = 0;
  for (const Variable& variable : model->graph.variables) {
    const std::size_t bytes =
        variable.shape_known
            ? static_cast<std::size_t>(elements(variable.shape)) * size_of(variable.dtype)
            : 0;
    total += bytes;
    if (total > model->budgets.arena_bytes)
      return fail(ErrorCode::over_budget, "V12: variables need more than the {} bytes budgeted",
                  model->budgets.arena_bytes);
    PINFER_TRY(AlignedBuffer memory, AlignedBuffer::create(bytes));
    variables.push_back(memory.data());
    variable_memory.push_back(std::move(memory));
  }
  return {};
}

Result<void> Session::State::compile(const SessionOptions& options) {
  const Backend* backend = options.backend_record;
  if (backend == nullptr) {
    PINFER_TRY(backend, find_backend(options.backend));
  }
  PlanOptions plan_options{.isa = options.isa,
                           .uint8 = options.uint8,
                           .budgets = model->budgets,
                           .profile = false,
                           .pool = pool.get(),
                           .file = &model->file,
                           .variables = variables,
                           .cache_folder = options.cache_folder,
                           .armnn = options.armnn};
  for (const Node& node : model->graph.nodes) {
    const auto* call = std::get_if<CallOnceParams>(&node.params);
    if (call == nullptr) continue;
    const Graph& init = model->subgraphs[static_cast<std::size_t>(call->subgraph) - 1];
    PINFER_TRY(auto init_plan, backend->compile(init, plan_options));
    init_plans.push_back(std::move(init_plan));
  }
  plan_options.profile = options.profile;
  PINFER_TRY(plan, backend->compile(model->graph, plan_options));
  for (const TensorId id : model->graph.inputs) inputs.push_back(plan->tensor(id));
  for (const TensorId id : model->graph.outputs) outputs.push_back(plan->tensor(id));
  for (const StepReport& step : plan->steps()) macs += step.macs;
  return {};
}

Status Session::State::reset() noexcept {
  for (AlignedBuffer& memory : variable_memory)
    if (memory.size() != 0) std::memset(memory.data(), 0, memory.size());
  plan->reset_state();
  for (const auto& init : init_plans) {
    init->reset_state();
    if (const Status status = init->run(); status != Status::ok) return status;
  }
  return Status::ok;
}

Result<Session> Session::create(std::shared_ptr<const Model> model, const SessionOptions& options) {
  if (model == nullptr) return fail(ErrorCode::invalid_argument, "a session needs a model");
  auto state = std::make_unique<State>();
  state->model = std::move(model);
  PINFER_TRY(state->pool, ThreadPool::create(options.threads));
  PINFER_CHECK(state->allocate_variables());
  if (Result<void> compiled = state->compile(options); !compiled)
    return fail(compiled.error().code, "{}: {}", state->model->path, compiled.error().message);
  if (const Status status = state->reset(); status != Status::ok)
    return fail(ErrorCode::invalid_model, "{}: the initialisation graph failed: {}",
                state->model->path, to_string(status));
  return Session(std::move(state));
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::size_t Session::input_count() const noexcept { return state_->inputs.size(); }
std::size_t Session::output_count() const noexcept { return state_->outputs.size(); }
Tensor Session::input(std::size_t index) const noexcept { return state_->inputs[index]; }
Tensor Session::output(std::size_t index) const noexcept { return state_->outputs[index]; }
Status Session::run() noexcept { return state_->plan->run(); }
Status Session::run_observed(const StepObserver& observer) {
  return state_->plan->run_observed(observer);
}
Status Session::reset_state() noexcept { return state_->reset(); }
const Model& Session::model() const noexcept { return *state_->model; }
std::span<const StepReport> Session::steps() const noexcept { return state_->plan->steps(); }
std::span<const Placement> Session::placements() const noexcept {
  return state_->plan->placements();
}
std::size_t Session::arena_bytes() const noexcept { return state_->plan->arena_bytes(); }
std::int64_t Session::macs() const noexcept { return state_->macs; }

}  // namespace pinfer
