// SPDX-License-Identifier: Apache-2.0
// Random rules on random frames against a clock that walks in steps of one millisecond.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <map>
#include <set>

#include "tests/apps/pipeline/rules_fixture.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;

constexpr int kEnd = 400;  // milliseconds of a run

struct Times {
  int delayed_on = 0;
  int delayed_off = 0;
  int min_hold = 0;
  int max_hold = 0;
  int pulse = 0;
};

RuleConfig configure(const Times& times) {
  RuleConfig config = rule_when(match("person"));
  config.delayed_on = milliseconds(times.delayed_on);
  config.delayed_off = milliseconds(times.delayed_off);
  config.min_hold = milliseconds(times.min_hold);
  config.max_hold = milliseconds(times.max_hold);
  config.pulse = milliseconds(times.pulse);
  return config;
}

Times any_times() {
  const auto some = [] { return *rc::gen::element(0, 0, 1, 7, 20, 55); };
  Times times;
  times.delayed_on = some();
  times.delayed_off = some();
  times.pulse = some();
  if (times.pulse > 0) return times;
  times.min_hold = some();
  times.max_hold = *rc::gen::element(0, 60, 90);
  return times;
}

// Frames: millisecond -> is a person there.
std::map<int, bool> any_frames() {
  std::map<int, bool> frames;
  for (int t = *rc::gen::inRange(0, 30); t < kEnd; t += *rc::gen::inRange(1, 60)) {
    frames[t] = *rc::gen::arbitrary<bool>();
  }
  return frames;
}

// The level at the end of every millisecond, counted, not computed.
std::vector<bool> judge_by_counting(const Times& times, const std::map<int, bool>& frames) {
  std::vector<bool> levels;
  bool condition = false, wanted = false, level = false;
  int unlike = 0;  // for how long the condition has differed from what is wanted
  int on_for = 0;
  const auto settle = [&] {
    if (condition != wanted && unlike >= (condition ? times.delayed_on : times.delayed_off)) {
      wanted = condition;
      if (wanted && !level) {
        level = true;
        on_for = 0;
      }
    }
    if (!level) return;
    const bool over = times.pulse > 0 ? on_for >= times.pulse
                                      : (times.max_hold > 0 && on_for >= times.max_hold) ||
                                            (!wanted && on_for >= times.min_hold);
    if (over) level = false;
  };
  for (int t = 0; t < kEnd; ++t) {
    settle();
    if (const auto frame = frames.find(t); frame != frames.end() && frame->second != condition) {
      condition = frame->second;
      unlike = 0;
    }
    settle();
    levels.push_back(level);
    ++unlike;
    ++on_for;
  }
  return levels;
}

RC_GTEST_PROP(RuleTimes, AreThoseOfAClockThatCounts, ()) {
  const Times times = any_times();
  const std::map<int, bool> frames = any_frames();
  const auto ticks = *rc::gen::container<std::set<int>>(rc::gen::inRange(0, kEnd));
  const std::vector<bool> expected = judge_by_counting(times, frames);
  RunningRule rule(configure(times));
  for (int t = 0; t < kEnd; ++t) {
    if (const auto frame = frames.find(t); frame != frames.end()) {
      RC_ASSERT(rule.frame(t, frame->second) == expected[static_cast<std::size_t>(t)]);
    } else if (ticks.contains(t)) {
      RC_ASSERT(rule.tick(t) == expected[static_cast<std::size_t>(t)]);
    }
  }
}

RC_GTEST_PROP(RuleTimes, ChangeByTimeOnlyWhenNextChangeSaysSo, ()) {
  const Times times = any_times();
  const std::map<int, bool> frames = any_frames();
  RunningRule rule(configure(times));
  bool level = false;
  std::int64_t next = -1;
  for (int t = 0; t < kEnd; ++t) {
    const auto frame = frames.find(t);
    const bool now = frame == frames.end() ? rule.tick(t) : rule.frame(t, frame->second);
    if (now != level && frame == frames.end()) RC_ASSERT(t == next);
    level = now;
    next = rule.next_change();
    RC_ASSERT(next == -1 || next > t);
  }
}

RC_GTEST_PROP(RuleTimes, AreKeptByAReloadAtAnyMoment, ()) {
  const std::vector<RuleConfig> configs = {configure(any_times())};
  const std::map<int, bool> frames = any_frames();
  const auto reloads = *rc::gen::container<std::set<int>>(rc::gen::inRange(0, kEnd));
  RuleSet straight = RuleSet::create(configs, {}, kTestLabels).value();
  RuleSet reloaded = straight;
  for (int t = 0; t < kEnd; ++t) {
    if (reloads.contains(t)) {
      RuleSet fresh = RuleSet::create(configs, {}, kTestLabels).value();
      fresh.adopt_state_from(reloaded);
      reloaded = std::move(fresh);
    }
    if (const auto frame = frames.find(t); frame != frames.end()) {
      const Predictions predictions = frame->second ? seen({thing(0, 0.9f)}) : Predictions{};
      straight.update(predictions, at_ms(t));
      reloaded.update(predictions, at_ms(t));
    }
    RC_ASSERT(straight.level(0) == reloaded.level(0));
  }
}

RC_GTEST_PROP(RuleWindows, CountLikeAQueueOfFrames, ()) {
  Condition condition = match("person");
  condition.of = *rc::gen::inRange(1, kMaxFrameWindow + 1);
  condition.seen = *rc::gen::inRange(1, condition.of + 1);
  RunningRule rule(rule_when(condition));
  std::deque<bool> window;
  const auto frames = *rc::gen::container<std::vector<bool>>(200, rc::gen::arbitrary<bool>());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    window.push_back(frames[i]);
    if (window.size() > static_cast<std::size_t>(condition.of)) window.pop_front();
    const auto count = std::count(window.begin(), window.end(), true);
    RC_ASSERT(rule.frame(static_cast<int>(i), frames[i]) == (count >= condition.seen));
  }
}

Condition any_tree(int depth) {
  const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 4);
  if (kind == 0) return match(*rc::gen::elementOf(kTestLabels));
  if (kind == 1) return group(ConditionKind::negate, {any_tree(depth - 1)});
  std::vector<Condition> children;
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) children.push_back(any_tree(depth - 1));
  return group(kind == 2 ? ConditionKind::all : ConditionKind::any, children);
}

bool judge_tree(const Condition& condition, const std::array<bool, 3>& present) {
  const auto& kids = condition.children;
  const auto judge = [&](const Condition& child) { return judge_tree(child, present); };
  switch (condition.kind) {
    case ConditionKind::match:
      for (std::size_t i = 0; i < present.size(); ++i) {
        if (kTestLabels[i] == condition.labels[0]) return present[i];
      }
      return false;
    case ConditionKind::all:
      return std::all_of(kids.begin(), kids.end(), judge);
    case ConditionKind::any:
      return std::any_of(kids.begin(), kids.end(), judge);
    case ConditionKind::negate:
      return !judge(kids[0]);
  }
  return false;
}

RC_GTEST_PROP(RuleTrees, AreJudgedLikeLogic, ()) {
  const Condition tree = any_tree(3);
  const auto rule = Rule::create(rule_when(tree), {}, kTestLabels);
  RC_PRE(rule.has_value());  // not more than kMaxConditions
  RuleState state = rule->initial_state();
  for (int frame = 0; frame < 8; ++frame) {
    const std::array<bool, 3> present = {(frame & 1) != 0, (frame & 2) != 0, (frame & 4) != 0};
    Predictions predictions;
    for (std::int32_t i = 0; i < 3; ++i) {
      if (!present[static_cast<std::size_t>(i)]) continue;
      RC_ASSERT(predictions.push_back(thing(i, 0.9f)));
    }
    RC_ASSERT(rule->update(state, predictions, at_ms(frame)) == judge_tree(tree, present));
  }
}

}  // namespace
}  // namespace pinfer
