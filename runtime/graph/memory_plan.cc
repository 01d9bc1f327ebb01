// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "runtime/core/checked.h"

namespace pinfer {
namespace {

constexpr std::int32_t kNever = -1;

// Beyond this many places the quadratic search is not worth its time: every place gets its own.
constexpr std::size_t kSearchLimit = 10'000;

struct Place {
  std::size_t bytes = 0;
  std::int32_t first = kNever, last = kNever;
};

// Lifetimes of groups of tensors that share their bytes.
class Lifetimes final {
 public:
  Lifetimes(const Graph& graph, std::span<const StepRange> together)
      : graph_(graph), group_(graph.tensors.size()), places_(graph.tensors.size()) {
    for (std::size_t id = 0; id < group_.size(); ++id)
      group_[id] = root_of(graph, static_cast<TensorId>(id));
    note_uses(together);
    merge_in_place();
  }

  [[nodiscard]] TensorId group(TensorId id) const {
    TensorId root = group_[static_cast<std::size_t>(id)];
    while (group_[static_cast<std::size_t>(root)] != root)
      root = group_[static_cast<std::size_t>(root)];
    return root;
  }
  [[nodiscard]] const Place& place(TensorId root) const {
    return places_[static_cast<std::size_t>(root)];
  }

 private:
  void use(TensorId id, std::int32_t step) {
    Place& place = places_[static_cast<std::size_t>(group(id))];
    place.first = place.first == kNever ? step : std::min(place.first, step);
    place.last = std::max(place.last, step);
    place.bytes = std::max(place.bytes, graph_.tensor(id).bytes());
  }

  void use_throughout(TensorId id) {
    use(id, 0);
    use(id, std::max<std::int32_t>(0, static_cast<std::int32_t>(graph_.nodes.size()) - 1));
  }

  void note_uses(std::span<const StepRange> together) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto step = static_cast<std::int32_t>(i);
      while (!together.empty() && together.front().end <= step) together = together.subspan(1);
      const bool alone = together.empty() || step < together.front().first;
      const StepRange steps = alone ? StepRange{step, step + 1} : together.front();
      const auto use_in_steps = [&](TensorId id) {
        use(id, steps.first);
        use(id, steps.end - 1);
      };
      for (const TensorId id : graph_.nodes[i].inputs)
        if (id != kNoTensor) use_in_steps(id);
      for (const TensorId id : graph_.nodes[i].outputs) use_in_steps(id);
    }
    for (const TensorId id : graph_.inputs) use_throughout(id);
    // An output must still be there after the run, but it may be made late.
    for (const TensorId id : graph_.outputs) {
      if (places_[static_cast<std::size_t>(group(id))].first == kNever) use_throughout(id);
      use(id, std::max<std::int32_t>(0, static_cast<std::int32_t>(graph_.nodes.size()) - 1));
    }
    for (std::size_t id = 0; id < graph_.tensors.size(); ++id)
      if (graph_.tensors[id].is_variable) use_throughout(static_cast<TensorId>(id));
  }

  // Whether node `i` may write output 0 over input 0.
  [[nodiscard]] bool mergeable(std::size_t i) const {
    const Node& node = graph_.nodes[i];
    if (!node.in_place || node.outputs.empty() || node.inputs.empty()) return false;
    const TensorId in = node.inputs[0], out = node.outputs[0];
    if (in == kNoTensor) return false;
    const TensorId from = group(in), to = group(out);
    if (from == to || place(from).last != static_cast<std::int32_t>(i)) return false;
    const TensorInfo& info = graph_.tensor(from);
    const bool fixed =
        info.is_constant || info.is_variable || graph_.tensor(to).is_variable || pinned(from);
    if (fixed || place(from).bytes != place(to).bytes) return false;
    // Another operand in the same bytes must be read at the same positions.
    for (std::size_t k = 1; k < node.inputs.size(); ++k)
      if (node.inputs[k] != kNoTensor && node.inputs[k] != in && group(node.inputs[k]) == from)
        return false;
    return place(to).first == static_cast<std::int32_t>(i);
  }

  // Nobody writes over the caller's inputs, nor over an output that the last node reads.
  [[nodiscard]] bool pinned(TensorId root) const {
    const auto is_root = [&](TensorId id) { return group(id) == root; };
    return std::any_of(graph_.inputs.begin(), graph_.inputs.end(), is_root) ||
           std::any_of(graph_.outputs.begin(), graph_.outputs.end(), is_root);
  }

  void merge_in_place() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!mergeable(i)) continue;
      const TensorId from = group(graph_.nodes[i].inputs[0]),
                     to = group(graph_.nodes[i].outputs[0]);
      Place& kept = places_[static_cast<std::size_t>(from)];
      kept.last = std::max(kept.last, place(to).last);
      group_[static_cast<std::size_t>(to)] = from;
    }
  }

  const Graph& graph_;
  std::vector<TensorId> group_;
  std::vector<Place> places_;
};

bool overlap_in_time(const Placement& a, const Placement& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

// The lowest offset at which `wanted` fits beside those of `placed` (sorted by offset) that are
// alive at the same time.
std::size_t lowest_free_offset(const Placement& wanted, const std::vector<Placement>& placed) {
  std::size_t offset = 0;
  for (const Placement& other : placed) {
    if (!overlap_in_time(wanted, other)) continue;
    if (offset + wanted.bytes <= other.offset) break;
    offset = std::max(offset, other.offset + round_up(other.bytes, kAlignment));
  }
  return offset;
}

void place_greedily(std::vector<Placement>& wanted) {
  std::vector<Placement> placed;
  placed.reserve(wanted.size());
  const bool search = wanted.size() <= kSearchLimit;
  for (Placement& place : wanted) {
    if (search)
      place.offset = lowest_free_offset(place, placed);
    else if (!placed.empty())
      place.offset = placed.back().offset + round_up(placed.back().bytes, kAlignment);
    const auto position = std::upper_bound(
        placed.begin(), placed.end(), place,
        [](const Placement& a, const Placement& b) { return a.offset < b.offset; });
    placed.insert(position, place);
  }
  wanted = std::move(placed);
}

}  // namespace

TensorId root_of(const Graph& graph, TensorId id) {
  while (graph.tensor(id).alias_of != kNoTensor) id = graph.tensor(id).alias_of;
  return id;
}

Result<MemoryPlan> plan_memory(const Graph& graph, std::uint64_t budget,
                               std::span<const StepRange> together) {
  const Lifetimes lifetimes(graph, together);
  MemoryPlan plan;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    const Place& place = lifetimes.place(id);
    if (lifetimes.group(id) != id || place.first == kNever || graph.tensor(id).is_constant)
      continue;
    if (place.bytes > budget)
      return fail(ErrorCode::over_budget, "V12: tensor {} '{}' {} needs {} bytes, the budget is {}",
                  i, graph.tensors[i].name, to_string(graph.tensors[i].shape), place.bytes, budget);
    sum += round_up<std::uint64_t>(place.bytes, kAlignment);
    if (place.bytes != 0) plan.placements.push_back({id, 0, place.bytes, place.first, place.last});
  }
  if (plan.placements.size() > kSearchLimit && sum > budget)
    return fail(ErrorCode::over_budget, "V12: {} tensors need {} bytes, the budget is {}",
                plan.placements.size(), sum, budget);
  std::stable_sort(plan.placements.begin(), plan.placements.end(),
                   [](const Placement& a, const Placement& b) { return a.bytes > b.bytes; });
  place_greedily(plan.placements);
  std::vector<std::size_t> by_root(graph.tensors.size(), MemoryPlan::kNone);
  for (const Placement& place : plan.placements) {
    by_root[static_cast<std::size_t>(place.tensor)] = place.offset;
    plan.arena_bytes = std::max(plan.arena_bytes, place.offset + round_up(place.bytes, kAlignment));
  }
  if (plan.arena_bytes > budget)
    return fail(ErrorCode::over_budget, "V12: the arena needs {} bytes, the budget is {}",
                plan.arena_bytes, budget);
  plan.offsets.resize(graph.tensors.size());
  for (std::size_t i = 0; i < plan.offsets.size(); ++i)
    plan.offsets[i] = by_root[static_cast<std::size_t>(lifetimes.group(static_cast<TensorId>(i)))];
  return plan;
}

}  // namespace pinfer
