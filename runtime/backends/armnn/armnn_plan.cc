// SPDX-License-Identifier: Apache-2.0
// The Arm NN backend: the net described to a plug-in, which has Arm NN run it whole.
#include <algorithm>

#include "runtime/backends/armnn/armnn_library.h"
#include "runtime/backends/armnn/description.h"
#include "runtime/backends/backend.h"
#include "runtime/backends/node_checks.h"
#include "runtime/graph/graph_copy.h"
#include "runtime/graph/tensor_memory.h"

namespace pinfer {
namespace {

constexpr std::size_t kMostReasons = 4;

class ArmnnPlan final : public Plan {
 public:
  static Result<std::unique_ptr<Plan>> create(const Graph& source, const PlanOptions& options);
  ~ArmnnPlan() override {
    if (loaded_ != nullptr) armnn_->unload(loaded_);
  }

  Status run() noexcept override;
  // Arm NN does not show what is between: only the last step is seen, with the net's outputs.
  Status run_observed(const StepObserver& observer) override;
  void reset_state() noexcept override {}  // nets with state are refused
  Tensor tensor(TensorId id) noexcept override {
    return {&graph_.tensor(id), tensors_.address(id)};
  }
  std::span<const StepReport> steps() const noexcept override { return reports_; }
  std::span<const Placement> placements() const noexcept override { return memory_.placements; }
  // Arm NN's own memory is not known.
  std::size_t arena_bytes() const noexcept override { return tensors_.bytes(); }

 private:
  ArmnnPlan(const nn::PluginTable* armnn, const Graph& source, bool profile)
      : armnn_(armnn), profile_(profile) {
    graph_.tensors = source.tensors;
    graph_.inputs = source.inputs;
    graph_.outputs = source.outputs;
  }

  Result<void> describe(Graph& whole, const Budgets& budgets, nn::Description& net);
  Result<void> load(nn::Description& net, const PlanOptions& options);
  void report_as_one();
  Result<std::vector<nn::NetPlace>> inputs(nn::Description& net);
  Result<std::vector<nn::NetPlace>> outputs(nn::Description& net);

  const nn::PluginTable* armnn_;
  nn::LoadedNet* loaded_ = nullptr;
  bool profile_ = false;
  bool broken_ = false;  // Arm NN has failed once; its results cannot be trusted any more
  Graph graph_;          // tensors, inputs and outputs; Arm NN has the nodes
  MemoryPlan memory_;
  TensorMemory tensors_;
  std::vector<StepReport> reports_;
};

// Every node, or an error with the reason of each that cannot be described.
Result<void> ArmnnPlan::describe(Graph& whole, const Budgets& budgets, nn::Description& net) {
  std::int64_t work = 0;
  std::size_t refused = 0;
  std::string reasons;
  for (std::size_t i = 0; i < whole.nodes.size(); ++i) {
    const Node& node = whole.nodes[i];
    const Operator* op = find_operator(node.op);
    if (op == nullptr)
      return fail(ErrorCode::unsupported, "operator {} {}: not supported by this build",
                  node.source_index, node.op);
    const NodeContext context(whole, i, isa::scalar);
    PINFER_TRY(const auto step, op->prepare(context));
    PINFER_CHECK(add_work(node, step->info().work(), budgets, work));
    reports_.push_back({.source_index = node.source_index,
                        .op = op->name,
                        .kernel = "armnn",
                        .macs = step->info().macs,
                        .output = node.outputs.empty() ? kNoTensor : node.outputs[0]});
    if (const auto described = nn::describe(context, net); !described && ++refused <= kMostReasons)
      reasons += fmt::format(
          "{}operator {} {}{}: {}", reasons.empty() ? "" : "; ", node.source_index, node.op,
          node.outputs.empty() ? std::string() : " (" + context.name_of(node.outputs[0]) + ")",
          described.error().message);
  }
  if (refused == 0 && net.layer_count() != 0) return {};
  return fail(ErrorCode::unsupported, "armnn: Arm NN cannot take the net whole: {}{}",
              refused == 0 ? "it has no operators" : reasons,
              refused > kMostReasons ? fmt::format(" and {} more", refused - kMostReasons) : "");
}

Result<std::vector<nn::NetPlace>> ArmnnPlan::inputs(nn::Description& net) {
  std::vector<nn::NetPlace> places;
  for (const TensorId id : graph_.inputs) {
    PINFER_TRY(const std::int32_t tensor, net.tensor(id));
    places.push_back({tensor, tensors_.address(id)});
  }
  return places;
}

// But for constants and inputs, whose bytes are where the caller looks already.
Result<std::vector<nn::NetPlace>> ArmnnPlan::outputs(nn::Description& net) {
  std::vector<nn::NetPlace> places;
  for (const TensorId id : graph_.outputs) {
    const TensorId root = root_of(graph_, id);
    const bool there =
        graph_.tensor(root).is_constant ||
        std::find(graph_.inputs.begin(), graph_.inputs.end(), root) != graph_.inputs.end();
    const auto same = [&](const nn::NetPlace& place) { return place.data == tensors_.address(id); };
    if (there || std::any_of(places.begin(), places.end(), same)) continue;
    PINFER_TRY(const std::int32_t tensor, net.tensor(id));
    places.push_back({tensor, tensors_.address(id)});
  }
  return places;
}

ErrorCode code_of(nn::LoadOutcome outcome) {
  switch (outcome) {
    case nn::LoadOutcome::refused:
      return ErrorCode::unsupported;
    case nn::LoadOutcome::unavailable:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::internal;
  }
}

Result<void> ArmnnPlan::load(nn::Description& net, const PlanOptions& options) {
  PINFER_TRY(memory_, plan_memory(graph_, options.budgets.arena_bytes));
  PINFER_TRY(tensors_, TensorMemory::create(graph_, memory_, 0, options.budgets.arena_bytes));
  PINFER_TRY(const auto from, inputs(net));
  PINFER_TRY(const auto to, outputs(net));
  std::vector<const char*> devices;
  for (const std::string& device : options.armnn.devices) devices.push_back(device.c_str());
  const nn::NetOptions net_options{.devices = devices.data(),
                                   .device_count = static_cast<std::int32_t>(devices.size()),
                                   .fast_math = options.armnn.fast_math ? 1 : 0,
                                   .fp16 = options.armnn.fp16 ? 1 : 0};
  const nn::Net described = net.net(from, to);
  nn::Sentence why;
  const nn::LoadOutcome outcome = armnn_->load(&described, &net_options, &loaded_, &why);
  if (outcome == nn::LoadOutcome::loaded) {
    if (!armnn_->shares_memory(loaded_))
      for (StepReport& report : reports_) report.kernel = "armnn__copying";
    return {};
  }
  why.text[sizeof why.text - 1] = '\0';
  loaded_ = nullptr;
  return fail(code_of(outcome), "armnn: {}", why.text);
}

Result<std::unique_ptr<Plan>> ArmnnPlan::create(const Graph& source, const PlanOptions& options) {
  PINFER_TRY(const nn::PluginTable* armnn, nn::armnn_table());
  std::unique_ptr<ArmnnPlan> plan(new ArmnnPlan(armnn, source, options.profile));
  Graph whole = without_blobs(source);
  nn::Description net(whole);
  PINFER_CHECK(plan->describe(whole, options.budgets, net));
  PINFER_CHECK(plan->load(net, options));
  if (options.profile) plan->report_as_one();
  return plan;
}

// Arm NN's layers are not timed one by one: a profile has one line.
void ArmnnPlan::report_as_one() {
  StepReport net = reports_.back();
  net.op = "all operators";
  net.macs = 0;
  for (const StepReport& report : reports_) net.macs += report.macs;
  reports_ = {net};
}

Status ArmnnPlan::run() noexcept {
  if (broken_) return Status::backend_fault;
  const MonotonicTime start = profile_ ? MonotonicTime::now() : MonotonicTime{};
  if (!armnn_->run(loaded_)) {
    broken_ = true;
    return Status::backend_fault;
  }
  if (profile_) {
    reports_.back().last = MonotonicTime::now() - start;
    reports_.back().total += reports_.back().last;
  }
  return Status::ok;
}

Status ArmnnPlan::run_observed(const StepObserver& observer) {
  if (const Status status = run(); status != Status::ok) return status;
  std::vector<Tensor> seen;
  for (const TensorId id : graph_.outputs)
    if (id == reports_.back().output) seen.push_back(tensor(id));
  observer(reports_.size() - 1, seen);
  return Status::ok;
}

}  // namespace

extern const Backend armnn_backend;
const Backend armnn_backend{.name = "armnn",
                            .compile = ArmnnPlan::create,
                            .tolerance = {.steps = 1, .relative = 1e-4},
                            .describe = nn::describe_armnn};

}  // namespace pinfer
