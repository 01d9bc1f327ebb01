// SPDX-License-Identifier: Apache-2.0
// The GLES backend: a few nodes on the CPU, the net on the GPU, a few nodes on the CPU.
#include <algorithm>

#include "runtime/backends/backend.h"
#include "runtime/backends/gles/division.h"
#include "runtime/backends/gles/host_part.h"
#include "runtime/backends/gles/recording.h"
#include "runtime/graph/graph_copy.h"

namespace pinfer {
namespace {

using gles::Context;
using gles::Crossing;
using gles::Division;
using gles::HostPart;
using gles::Place;
using gles::Recording;

class GlesPlan final : public Plan {
 public:
  static Result<std::unique_ptr<Plan>> create(const Graph& source, const PlanOptions& options);

  Status run() noexcept override;
  Status run_observed(const StepObserver& observer) override;
  void reset_state() noexcept override {}  // nets with state are refused
  Tensor tensor(TensorId id) noexcept override { return {&host_->info(id), host_->address(id)}; }
  std::span<const StepReport> steps() const noexcept override { return reports_; }
  std::span<const Placement> placements() const noexcept override { return memory_.placements; }
  std::size_t arena_bytes() const noexcept override { return memory_.arena_bytes + host_->bytes(); }

 private:
  explicit GlesPlan(bool profile) : profile_(profile) {}
  Result<void> record(const Graph& whole, const Division& division, const PlanOptions& options);
  void drop_constants(const PlanOptions& options) const;
  void report(const Graph& whole, const Division& division);
  [[nodiscard]] std::vector<Crossing> crossings(std::span<const TensorId> roots) const;

  [[nodiscard]] Status run_host(std::size_t step, std::size_t report) noexcept;
  [[nodiscard]] Status run_device() noexcept;
  Status observe_device(const StepObserver& observer);

  bool profile_ = false;
  bool broken_ = false;  // the device has failed once; its results cannot be trusted any more
  std::size_t heads_ = 0;
  Graph device_graph_;
  MemoryPlan memory_;  // of the device
  std::unique_ptr<Context> context_;
  std::unique_ptr<HostPart> host_;
  std::unique_ptr<Recording> recording_;
  std::vector<StepReport> reports_;
  std::vector<Duration> times_;  // of the device's nodes
};

std::vector<Crossing> GlesPlan::crossings(std::span<const TensorId> roots) const {
  std::vector<Crossing> list;
  for (const TensorId id : roots)
    list.push_back({.device_offset = memory_.offsets[static_cast<std::size_t>(id)],
                    .bytes = device_graph_.tensor(id).bytes(),
                    .host = host_->address(id)});
  return list;
}

Result<void> GlesPlan::record(const Graph& whole, const Division& division,
                              const PlanOptions& options) {
  device_graph_.tensors = whole.tensors;
  device_graph_.inputs = division.uploads;
  device_graph_.outputs = division.downloads;
  std::vector<std::vector<gles::Dispatch>> dispatches;
  for (const std::size_t i : division.nodes_at(Place::device)) {
    device_graph_.nodes.push_back(whole.nodes[i]);
    dispatches.push_back(division.dispatches[i]);
  }
  PINFER_TRY(memory_, plan_memory(device_graph_, options.budgets.arena_bytes));
  times_.resize(dispatches.size());
  const Context::Current current(*context_);
  if (!current.ok())
    return fail(ErrorCode::unavailable, "gles: the context cannot be used in this thread");
  PINFER_TRY(recording_, Recording::create(*context_, {.graph = device_graph_,
                                                       .memory = memory_,
                                                       .dispatches = dispatches,
                                                       .constants = division.constants,
                                                       .uploads = crossings(division.uploads),
                                                       .downloads = crossings(division.downloads),
                                                       .timed = profile_}));
  return {};
}

// In the order in which they run.
void GlesPlan::report(const Graph& whole, const Division& division) {
  std::size_t host = 0;
  for (const Place place : {Place::head, Place::device, Place::tail})
    for (const std::size_t i : division.nodes_at(place)) {
      const Node& node = whole.nodes[i];
      const bool on_device = place == Place::device;
      std::string_view kernel = "nothing__gles";  // moves of no bytes
      if (!on_device)
        kernel = host_->step(host++).info().kernel;
      else if (!division.dispatches[i].empty())
        kernel = division.dispatches[i].back().kernel;
      reports_.push_back({.source_index = node.source_index,
                          .op = find_operator(node.op)->name,
                          .kernel = kernel,
                          .macs = division.macs[i],
                          .output = node.outputs.empty() ? kNoTensor : node.outputs[0]});
    }
  heads_ = division.nodes_at(Place::head).size();
}

// The GPU has its own copies. Small ones are not worth the system call.
void GlesPlan::drop_constants(const PlanOptions& options) const {
  constexpr std::size_t kWorthwhile = 16 << 10;
  if (options.file == nullptr) return;
  for (const Node& node : device_graph_.nodes)
    for (const TensorId id : node.inputs) {
      if (id == kNoTensor) continue;
      const TensorInfo& info = device_graph_.tensor(id);
      if (info.is_constant && info.data.size() >= kWorthwhile) options.file->drop(info.data);
    }
}

Result<std::unique_ptr<Plan>> GlesPlan::create(const Graph& source, const PlanOptions& options) {
  std::unique_ptr<GlesPlan> plan(new GlesPlan(options.profile));
  Graph whole = without_blobs(source);
  PINFER_TRY(const Division division, gles::divide(whole, options.budgets));
  PINFER_TRY(plan->host_, HostPart::create(whole, division, options));
  PINFER_TRY(plan->context_, Context::create(options.cache_folder));
  PINFER_CHECK(plan->record(whole, division, options));
  plan->report(whole, division);
  plan->drop_constants(options);
  return plan;
}

Status GlesPlan::run_host(std::size_t step, std::size_t report) noexcept {
  if (!profile_) return host_->run(step);
  const MonotonicTime start = MonotonicTime::now();
  const Status status = host_->run(step);
  reports_[report].last = MonotonicTime::now() - start;
  reports_[report].total += reports_[report].last;
  return status;
}

Status GlesPlan::run_device() noexcept {
  const Context::Current current(*context_);
  if (!current.ok()) return Status::backend_fault;
  if (!profile_) return recording_->run();
  if (const Status status = recording_->run_timed(times_); status != Status::ok) return status;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    reports_[heads_ + i].last = times_[i];
    reports_[heads_ + i].total += times_[i];
  }
  return Status::ok;
}

Status GlesPlan::run() noexcept {
  if (broken_) return Status::backend_fault;
  for (std::size_t i = 0; i < heads_; ++i)
    if (const Status status = run_host(i, i); status != Status::ok) return status;
  if (const Status status = run_device(); status != Status::ok) {
    broken_ = true;
    return status;
  }
  for (std::size_t i = heads_; i < host_->step_count(); ++i)
    if (const Status status = run_host(i, i + times_.size()); status != Status::ok) return status;
  return Status::ok;
}

Status GlesPlan::observe_device(const StepObserver& observer) {
  const Context::Current current(*context_);
  if (!current.ok()) return Status::backend_fault;
  recording_->upload();
  std::vector<std::vector<std::byte>> bytes;
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < device_graph_.nodes.size(); ++i) {
    recording_->dispatch(i);
    bytes.clear();
    outputs.clear();
    for (const TensorId id : device_graph_.nodes[i].outputs) {
      const TensorInfo& info = device_graph_.tensor(id);
      bytes.emplace_back(info.bytes());
      const Crossing crossing{.device_offset = memory_.offsets[static_cast<std::size_t>(id)],
                              .bytes = info.bytes(),
                              .host = bytes.back().data()};
      if (const Status status = recording_->peek(crossing); status != Status::ok) return status;
      outputs.push_back({&info, bytes.back().data()});
    }
    observer(heads_ + i, outputs);
  }
  return recording_->download();
}

Status GlesPlan::run_observed(const StepObserver& observer) {
  if (broken_) return Status::backend_fault;
  const auto run_and_show = [&](std::size_t step, std::size_t report) {
    const Status status = run_host(step, report);
    std::vector<Tensor> outputs;
    for (const TensorId id : host_->outputs(step)) outputs.push_back(tensor(id));
    if (status == Status::ok) observer(report, outputs);
    return status;
  };
  for (std::size_t i = 0; i < heads_; ++i)
    if (const Status status = run_and_show(i, i); status != Status::ok) return status;
  if (const Status status = observe_device(observer); status != Status::ok) {
    broken_ = true;
    return status;
  }
  for (std::size_t i = heads_; i < host_->step_count(); ++i)
    if (const Status status = run_and_show(i, i + times_.size()); status != Status::ok)
      return status;
  return Status::ok;
}

Result<std::string> describe() {
  PINFER_TRY(const auto context, gles::Context::create(""));
  return context->driver();
}

}  // namespace

extern const Backend gles_backend;
const Backend gles_backend{.name = "gles",
                           .compile = GlesPlan::create,
                           .tolerance = {.relative = 1e-4},
                           .describe = describe};

}  // namespace pinfer
