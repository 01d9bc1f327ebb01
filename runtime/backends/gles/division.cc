// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/division.h"

#include <algorithm>
#include <optional>
#include <string>

#include "runtime/backends/node_checks.h"
#include "runtime/graph/memory_plan.h"

namespace pinfer::gles {
namespace {

constexpr std::size_t kMostReasons = 4;

class Divider final {
 public:
  Divider(Graph& graph, Division& result)
      : graph_(graph), result_(result), made_at_(graph.tensors.size()) {}

  Result<void> run(const Budgets& budgets) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) PINFER_CHECK(look_at(i, budgets));
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) place(i);
    const bool none = result_.nodes_at(Place::device).empty();
    for (std::size_t i = 0; none && refused_ == 0 && i < why_not_.size(); ++i) refuse(i);
    if (refused_ > 0 || none)
      return fail(
          ErrorCode::unsupported, "gles: the GPU cannot take the net{}: {}{}", none ? "" : " whole",
          reasons_.empty() ? "it has no operators" : reasons_,
          refused_ > kMostReasons ? fmt::format(" and {} more", refused_ - kMostReasons) : "");
    note_crossings();
    return {};
  }

 private:
  // Whether the GPU can, and what it costs.
  Result<void> look_at(std::size_t i, const Budgets& budgets) {
    const Node& node = graph_.nodes[i];
    const Operator* op = find_operator(node.op);
    if (op == nullptr)
      return fail(ErrorCode::unsupported, "operator {} {}: not supported by this build",
                  node.source_index, node.op);
    const NodeContext context(graph_, i, isa::scalar);
    PINFER_TRY(const auto step, op->prepare(context));
    PINFER_CHECK(add_work(node, step->info().work(), budgets, work_));
    result_.macs.push_back(step->info().macs);
    auto lowered = lower(context, *step, result_.constants);
    why_not_.push_back(lowered ? std::string() : lowered.error().message);
    result_.dispatches.push_back(lowered ? *std::move(lowered) : std::vector<Dispatch>());
    return {};
  }

  [[nodiscard]] bool keeps_state(std::size_t i) const {
    const Node& node = graph_.nodes[i];
    const auto is_state = [&](TensorId id) {
      return id != kNoTensor && (graph_.tensor(root_of(graph_, id)).is_variable ||
                                 graph_.tensor(id).dtype == DType::resource);
    };
    return node.stateful || std::any_of(node.inputs.begin(), node.inputs.end(), is_state);
  }

  // Whether an input of node `i` is made at `place`.
  [[nodiscard]] bool needs(std::size_t i, Place place) const {
    const auto& inputs = graph_.nodes[i].inputs;
    return std::any_of(inputs.begin(), inputs.end(), [&](TensorId id) {
      return id != kNoTensor && made_at_[static_cast<std::size_t>(root_of(graph_, id))] == place;
    });
  }

  void place(std::size_t i) {
    const bool can = why_not_[i].empty();
    Place place = Place::tail;
    if (can && !needs(i, Place::tail))
      place = Place::device;
    else if (!can && !needs(i, Place::tail) && !needs(i, Place::device))
      place = Place::head;
    if (place != Place::device && (result_.macs[i] != 0 || keeps_state(i))) refuse(i);
    if (place != Place::device) result_.dispatches[i].clear();
    result_.places.push_back(place);
    for (const TensorId id : graph_.nodes[i].outputs)
      made_at_[static_cast<std::size_t>(id)] = place;
  }

  void refuse(std::size_t i) {
    if (++refused_ > kMostReasons) return;
    const Node& node = graph_.nodes[i];
    const NodeContext context(graph_, i, isa::scalar);
    const std::string reason = keeps_state(i)         ? "it keeps state"
                               : !why_not_[i].empty() ? why_not_[i]
                                                      : waits_for(i);
    reasons_ += fmt::format(
        "{}operator {} {}{}: {}", reasons_.empty() ? "" : "; ", node.source_index, node.op,
        node.outputs.empty() ? std::string() : " (" + context.name_of(node.outputs[0]) + ")",
        reason);
  }

  // A node that the GPU could run, but whose input comes from one that it cannot.
  [[nodiscard]] std::string waits_for(std::size_t i) const {
    for (const TensorId id : graph_.nodes[i].inputs) {
      if (id == kNoTensor) continue;
      const TensorId root = root_of(graph_, id);
      if (made_at_[static_cast<std::size_t>(root)] != Place::tail) continue;
      for (std::size_t k = 0; k < i; ++k) {
        const Node& node = graph_.nodes[k];
        if (std::find(node.outputs.begin(), node.outputs.end(), root) == node.outputs.end())
          continue;
        return fmt::format("it needs the result of operator {} {}, which runs on the CPU ({})",
                           node.source_index, node.op,
                           why_not_[k].empty() ? "as does what comes before it" : why_not_[k]);
      }
    }
    return "it needs a result of the CPU";
  }

  void note_crossings() {
    std::vector<bool> noted(graph_.tensors.size(), false);  // a root crosses one way only
    const auto note = [&](std::vector<TensorId>& list, TensorId root) {
      if (!noted[static_cast<std::size_t>(root)]) list.push_back(root);
      noted[static_cast<std::size_t>(root)] = true;
    };
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      for (const TensorId id : graph_.nodes[i].inputs) {
        if (id == kNoTensor) continue;
        const TensorId root = root_of(graph_, id);
        const auto made = made_at_[static_cast<std::size_t>(root)];
        const bool on_device = result_.places[i] == Place::device;
        if (on_device && made != Place::device && !graph_.tensor(root).is_constant)
          note(result_.uploads, root);
        if (!on_device && made == Place::device) note(result_.downloads, root);
      }
    for (const TensorId id : graph_.outputs) {
      const TensorId root = root_of(graph_, id);
      if (made_at_[static_cast<std::size_t>(root)] == Place::device) note(result_.downloads, root);
    }
  }

  Graph& graph_;
  Division& result_;
  std::vector<std::string> why_not_;           // by node; empty: the GPU can
  std::vector<std::optional<Place>> made_at_;  // by root; nothing for inputs and constants
  std::int64_t work_ = 0;
  std::size_t refused_ = 0;
  std::string reasons_;
};

}  // namespace

std::vector<std::size_t> Division::nodes_at(Place place) const {
  std::vector<std::size_t> nodes;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i] == place) nodes.push_back(i);
  return nodes;
}

Result<Division> divide(Graph& graph, const Budgets& budgets) {
  Division result;
  PINFER_CHECK(Divider(graph, result).run(budgets));
  return result;
}

}  // namespace pinfer::gles
