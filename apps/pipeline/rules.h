// SPDX-License-Identifier: Apache-2.0
// Rule: (predictions, time) -> level. Pure values and a separate state; no clock, no I/O.
//
// Conditions are judged on frames only; delays, holds and pulses run on time, between frames too:
//   condition -> delayed_on / delayed_off -> pulse, or min_hold / max_hold -> level
// Every change happens at its exact time, so the levels do not depend on how often tick() is
// called.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pipeline/config.h"
#include "apps/pipeline/prediction.h"
#include "runtime/core/clock.h"
#include "runtime/core/fixed_vector.h"
#include "runtime/core/result.h"

namespace pinfer {

inline constexpr std::size_t kMaxConditions = 32;     // in one rule
inline constexpr std::size_t kMaxConditionDepth = 8;  // of all/any/not
inline constexpr int kMaxFrameWindow = 64;            // the M of "N of M"
inline constexpr std::size_t kMaxReason = 160;        // bytes

// What one condition remembers from frame to frame.
struct ConditionState {
  bool matched = false;        // before "N of M"; the memory of the hysteresis
  bool value = false;          // after it
  std::uint64_t history = 0;   // newest frame in bit 0
  std::int32_t class_id = -1;  // match: the best matching prediction of the last frame; -1: none
  float score = 0.0f;
  float threshold = 0.0f;  // match: what a score had to reach at the last frame
  int count = 0;           // match: how many predictions reached the threshold
};

enum class LevelCause : std::uint8_t { start, condition, pulse_over, max_hold_over };

struct RuleState {
  FixedVector<ConditionState, kMaxConditions> conditions;
  MonotonicTime now;       // the latest time seen; time never goes back
  bool condition = false;  // the whole tree at the last frame
  MonotonicTime condition_since;
  bool wanted = false;  // after the delays
  bool level = false;   // after pulse and holds
  MonotonicTime level_since;
  LevelCause cause = LevelCause::start;  // why the level is what it is
};

class Rule final {
 public:
  // Resolves labels and zone. Errors name the rule: unknown label or zone, too many conditions.
  static Result<Rule> create(const RuleConfig& config, std::span<const ZoneConfig> zones,
                             std::span<const std::string> labels);

  [[nodiscard]] RuleState initial_state() const noexcept;

  // One frame; returns the level. A time before the latest one counts as the latest one.
  bool update(RuleState& state, const Predictions& predictions, MonotonicTime time) const noexcept;
  // Time without a frame; returns the level.
  bool tick(RuleState& state, MonotonicTime time) const noexcept;
  // When the level may change without a frame, to sleep until then.
  [[nodiscard]] std::optional<MonotonicTime> next_change(const RuleState& state) const noexcept;
  // Why the level is what it is: "7 0.98 >= 0.60, 3 of 5 frames". Written into `buffer`.
  std::string_view reason(const RuleState& state, std::span<char> buffer) const noexcept;

  [[nodiscard]] const RuleConfig& config() const noexcept { return config_; }
  // True when a state of `other` is a state of this rule: the same words and the same zones.
  [[nodiscard]] bool same_state(const Rule& other) const noexcept;
  [[nodiscard]] bool same_labels(const Rule& other) const noexcept;

 private:
  struct Node {
    ConditionKind kind = ConditionKind::match;
    BoxAnchor anchor = BoxAnchor::center;
    bool any_class = true;
    float threshold_high = 0.0f;
    float threshold_low = 0.0f;
    int min_count = 1;
    int seen = 1;
    std::uint64_t window = 1;  // mask of the last `of` frames
    int of = 1;
    std::vector<std::int32_t> classes;  // sorted
    std::string words;                  // the classes for people: "person or dog"
    std::string zone;
    std::vector<Point> polygon;  // empty: anywhere
    std::size_t end = 0;         // children are the nodes from here + 1 to end, in pre-order
  };

  Result<void> add_node(const Condition& condition, std::size_t depth,
                        std::span<const ZoneConfig> zones, std::span<const std::string> labels);
  static bool match(const Node& node, ConditionState& state,
                    const Predictions& predictions) noexcept;
  bool judge(std::size_t index, RuleState& state, const Predictions& predictions) const noexcept;
  void advance(RuleState& state, MonotonicTime time) const noexcept;
  void settle(RuleState& state) const noexcept;
  friend class RuleReason;

  RuleConfig config_;
  std::vector<Node> nodes_;          // pre-order: children after their parent
  std::vector<std::string> labels_;  // of the model, to name a class in reason()
};

// All rules of a configuration with their states.
class RuleSet final {
 public:
  RuleSet() = default;
  static Result<RuleSet> create(std::span<const RuleConfig> rules,
                                std::span<const ZoneConfig> zones,
                                std::span<const std::string> labels);

  void update(const Predictions& predictions, MonotonicTime time) noexcept;
  void tick(MonotonicTime time) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return rules_.size(); }
  [[nodiscard]] const Rule& rule(std::size_t i) const noexcept { return rules_[i]; }
  [[nodiscard]] const RuleState& state(std::size_t i) const noexcept { return states_[i]; }
  [[nodiscard]] bool level(std::size_t i) const noexcept { return states_[i].level; }
  std::string_view reason(std::size_t i, std::span<char> buffer) const noexcept;
  // The earliest next_change() of all rules.
  [[nodiscard]] std::optional<MonotonicTime> next_change() const noexcept;

  // Back to the start: what was seen before a gap says nothing about what is there after it.
  void reset() noexcept;

  // After a reload: rules with the same name and the same definition go on where `old` was.
  void adopt_state_from(const RuleSet& old) noexcept;

 private:
  std::vector<Rule> rules_;
  std::vector<RuleState> states_;
};

}  // namespace pinfer
