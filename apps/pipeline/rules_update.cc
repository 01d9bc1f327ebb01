// SPDX-License-Identifier: Apache-2.0
// The hot half of Rule: conditions on a frame, then delays, pulse and holds on time.
#include <algorithm>
#include <bit>

#include "apps/pipeline/rules.h"
#include "apps/pipeline/zones.h"

namespace pinfer {
namespace {

void set_level(RuleState& state, bool level, LevelCause cause) noexcept {
  state.level = level;
  state.level_since = state.now;
  state.cause = cause;
}

void take_earlier(std::optional<MonotonicTime>& first, MonotonicTime time) noexcept {
  if (!first || time < *first) first = time;
}

}  // namespace

bool Rule::match(const Node& node, ConditionState& state, const Predictions& predictions) noexcept {
  state.threshold = state.matched ? node.threshold_low : node.threshold_high;
  state.class_id = -1;
  state.score = 0.0f;
  state.count = 0;
  for (const Prediction& prediction : predictions) {
    const bool wanted_class =
        node.any_class ||
        std::binary_search(node.classes.begin(), node.classes.end(), prediction.class_id);
    if (!wanted_class) continue;
    if (!node.polygon.empty() &&
        !contains(node.polygon, anchor_point(prediction.box, node.anchor))) {
      continue;
    }
    if (state.class_id < 0) {  // the first is the best
      state.class_id = prediction.class_id;
      state.score = prediction.score;
    }
    if (prediction.score >= state.threshold) ++state.count;
  }
  return state.count >= node.min_count;
}

bool Rule::judge(std::size_t index, RuleState& state,
                 const Predictions& predictions) const noexcept {
  const Node& node = nodes_[index];
  if (node.kind == ConditionKind::match) return match(node, state.conditions[index], predictions);
  bool all = true;
  bool any = false;
  for (std::size_t child = index + 1; child < node.end; child = nodes_[child].end) {
    all = all && state.conditions[child].value;
    any = any || state.conditions[child].value;
  }
  switch (node.kind) {
    case ConditionKind::all:
      return all;
    case ConditionKind::any:
      return any;
    default:
      return !any;
  }
}

bool Rule::update(RuleState& state, const Predictions& predictions,
                  MonotonicTime time) const noexcept {
  advance(state, time);
  // Every condition is judged on every frame, whatever its neighbours say: its history and its
  // hysteresis must not depend on them. Backwards: children come before their parent.
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    ConditionState& condition = state.conditions[i];
    condition.matched = judge(i, state, predictions);
    condition.history = (condition.history << 1 | (condition.matched ? 1 : 0)) & nodes_[i].window;
    condition.value = std::popcount(condition.history) >= nodes_[i].seen;
  }
  if (state.conditions[0].value != state.condition) {
    state.condition = state.conditions[0].value;
    state.condition_since = state.now;
  }
  settle(state);
  return state.level;
}

bool Rule::tick(RuleState& state, MonotonicTime time) const noexcept {
  advance(state, time);
  return state.level;
}

std::optional<MonotonicTime> Rule::next_change(const RuleState& state) const noexcept {
  std::optional<MonotonicTime> first;
  if (state.condition != state.wanted) {
    const Duration delay = state.condition ? config_.delayed_on : config_.delayed_off;
    take_earlier(first, state.condition_since + delay);
  }
  if (!state.level) return first;
  if (config_.pulse > Duration::zero()) {
    take_earlier(first, state.level_since + config_.pulse);
    return first;
  }
  if (config_.max_hold > Duration::zero()) {
    take_earlier(first, state.level_since + config_.max_hold);
  }
  if (!state.wanted) take_earlier(first, state.level_since + config_.min_hold);
  return first;
}

// Plays every change up to `time`, each at its own moment: at most a handful, because the condition
// stands still between frames.
void Rule::advance(RuleState& state, MonotonicTime time) const noexcept {
  for (auto next = next_change(state); next && *next <= time; next = next_change(state)) {
    state.now = std::max(state.now, *next);
    settle(state);
  }
  state.now = std::max(state.now, time);
}

void Rule::settle(RuleState& state) const noexcept {
  const Duration delay = state.condition ? config_.delayed_on : config_.delayed_off;
  if (state.condition != state.wanted && state.now - state.condition_since >= delay) {
    state.wanted = state.condition;
    // Only the rise switches on: after a pulse or max_hold the condition must fall first. A rise at
    // the very moment a pulse ends is lost, rather than making one pulse of double length.
    if (state.wanted && !state.level) set_level(state, true, LevelCause::condition);
  }
  if (!state.level) return;
  const Duration on_for = state.now - state.level_since;
  if (config_.pulse > Duration::zero()) {
    if (on_for >= config_.pulse) set_level(state, false, LevelCause::pulse_over);
  } else if (config_.max_hold > Duration::zero() && on_for >= config_.max_hold) {
    set_level(state, false, LevelCause::max_hold_over);
  } else if (!state.wanted && on_for >= config_.min_hold) {
    set_level(state, false, LevelCause::condition);
  }
}

}  // namespace pinfer
