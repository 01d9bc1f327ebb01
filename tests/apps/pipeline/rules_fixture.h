// SPDX-License-Identifier: Apache-2.0
// What the rule tests share: predictions, times and rules in few words.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "apps/pipeline/rules.h"

namespace pinfer {

inline const std::vector<std::string> kTestLabels = {"person", "car", "dog"};

inline MonotonicTime at_ms(std::int64_t ms) {
  return {std::chrono::milliseconds(ms) + std::chrono::hours(1)};
}

inline Predictions seen(std::initializer_list<Prediction> list) { return Predictions(list); }
inline Prediction thing(std::int32_t class_id, float score, Box box = {}) {
  return {class_id, score, box};
}

inline Condition match(std::string label, float score = 0.5f) {
  Condition condition;
  condition.labels = {std::move(label)};
  condition.threshold_high = condition.threshold_low = score;
  return condition;
}

inline Condition group(ConditionKind kind, std::vector<Condition> children) {
  Condition condition;
  condition.kind = kind;
  condition.children = std::move(children);
  return condition;
}

inline RuleConfig rule_when(Condition condition) {
  RuleConfig config;
  config.name = "r";
  config.output = "gate";
  config.when = std::move(condition);
  return config;
}

// One rule and its state, fed in milliseconds.
class RunningRule {
 public:
  explicit RunningRule(const RuleConfig& config, std::vector<ZoneConfig> zones = {}) {
    auto rule = Rule::create(config, zones, kTestLabels);
    EXPECT_TRUE(rule) << rule.error().message;
    if (rule) rule_ = *std::move(rule);
    state_ = rule_.initial_state();
  }

  bool frame(std::int64_t ms, const Predictions& predictions) {
    return rule_.update(state_, predictions, at_ms(ms));
  }
  bool frame(std::int64_t ms, bool person) {
    return frame(ms, person ? seen({thing(0, 0.9f)}) : Predictions{});
  }
  bool tick(std::int64_t ms) { return rule_.tick(state_, at_ms(ms)); }
  // Milliseconds of the next change by time; -1: none.
  std::int64_t next_change() const {
    const auto next = rule_.next_change(state_);
    return next ? std::chrono::duration_cast<std::chrono::milliseconds>(*next - at_ms(0)).count()
                : -1;
  }
  std::string reason() const {
    char buffer[kMaxReason];
    return std::string(rule_.reason(state_, buffer));
  }
  const Rule& rule() const { return rule_; }
  RuleState& state() { return state_; }

 private:
  Rule rule_;
  RuleState state_;
};

}  // namespace pinfer
