// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/edges.h"

#include <algorithm>

namespace pinfer {
namespace {

constexpr std::size_t kKeptDecisions = 32;

}  // namespace

void EdgeTracker::set_outputs(std::span<const OutputConfig> outputs) {
  std::vector<OutputState> states;
  std::vector<std::deque<Event>> decisions;
  for (const OutputConfig& output : outputs) {
    const auto same = std::find_if(configs_.begin(), configs_.end(),
                                   [&](const auto& config) { return config.spec == output.spec; });
    if (same != configs_.end()) {
      const auto i = static_cast<std::size_t>(same - configs_.begin());
      states.push_back(states_[i]);
      decisions.push_back(decisions_[i]);
    } else {
      states.push_back(
          {output.spec.name, output.spec.safe_active, Cause::start, MonotonicTime::now(), 0});
      decisions.emplace_back();
    }
  }
  configs_.assign(outputs.begin(), outputs.end());
  states_ = std::move(states);
  decisions_ = std::move(decisions);
}

std::optional<Event> EdgeTracker::on_decision(const Event& decision, bool dry_run) {
  note_frame(decision);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].name != decision.output) continue;
    decisions_[i].push_back(decision);
    if (decisions_[i].size() > kKeptDecisions) decisions_[i].pop_front();
    if (!dry_run || states_[i].active == decision.active) return std::nullopt;
    return make_edge(
        i, decision.active,
        decision.active == configs_[i].spec.safe_active ? Cause::released : Cause::decision,
        decision.at);
  }
  return std::nullopt;
}

std::optional<Event> EdgeTracker::on_report(const LineReport& report) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].name != report.name) continue;
    if (states_[i].active != report.active)
      return make_edge(i, report.active, report.cause, report.since);
    const bool news = states_[i].cause != report.cause && is_limit(report.cause);
    states_[i].cause = report.cause;
    if (news) return make_held(i, report.since);
  }
  return std::nullopt;
}

std::vector<Event> EdgeTracker::all_safe(Cause cause, MonotonicTime at) {
  std::vector<Event> edges;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const bool safe = configs_[i].spec.safe_active;
    if (states_[i].active != safe) edges.push_back(make_edge(i, safe, cause, at));
  }
  return edges;
}

bool EdgeTracker::any_away() const noexcept {
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (states_[i].active != configs_[i].spec.safe_active) return true;
  return false;
}

void EdgeTracker::note_frame(const Event& event) noexcept { newest_ = event; }

// The newest decision for that level which was there when the edge came.
const Event* EdgeTracker::find_decision(std::size_t output, bool active,
                                        MonotonicTime at) const noexcept {
  const Event* found = nullptr;
  for (const Event& decision : decisions_[output])
    if (decision.active == active && decision.at <= at) found = &decision;
  return found;
}

Event EdgeTracker::make_edge(std::size_t output, bool active, Cause cause, MonotonicTime at) {
  OutputState& state = states_[output];
  state.active = active;
  state.cause = cause;
  state.since = at;
  ++state.edges;
  // The rule explains the edge only when the guard did what the rule had asked for.
  const bool asked = cause == Cause::decision || cause == Cause::released;
  const Event* decision = asked ? find_decision(output, active, at) : nullptr;
  Event edge = decision != nullptr ? *decision : newest_;
  if (decision == nullptr) {
    edge.rule = {};
    edge.reason = {};
    edge.timed = false;
    edge.lease = {};
  }
  fill(edge, EventKind::edge, output, at);
  return edge;
}

// Not an edge: the guard keeps the line where it is, for a reason of its own.
Event EdgeTracker::make_held(std::size_t output, MonotonicTime at) const {
  Event held = newest_;
  held.rule = {};
  held.reason = {};
  held.timed = false;
  fill(held, EventKind::held, output, at);
  return held;
}

void EdgeTracker::fill(Event& event, EventKind kind, std::size_t output,
                       MonotonicTime at) const noexcept {
  const OutputState& state = states_[output];
  event.kind = kind;
  event.output = state.name;
  event.active = state.active;
  event.cause = state.cause;
  event.at = at;
}

}  // namespace pinfer
