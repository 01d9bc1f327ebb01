// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/rules.h"

#include <algorithm>

#include "apps/pipeline/labels.h"
#include "apps/pipeline/zones.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

std::uint64_t window_mask(int frames) {
  return frames >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << frames) - 1;
}

Result<std::vector<std::int32_t>> resolve_classes(const Condition& condition,
                                                  std::span<const std::string> labels) {
  std::vector<std::int32_t> classes = condition.classes;
  for (const std::string& label : condition.labels) {
    if (labels.empty()) {
      return fail(ErrorCode::config,
                  "label '{}': the model has no labels; give model.labels, or use class: <number>",
                  label);
    }
    const std::vector<std::int32_t> found = classes_of(labels, label);
    if (found.empty()) {
      const auto guess = nearest(label, labels);
      return fail(ErrorCode::config, "label '{}' is not one of the {} labels of the model{}", label,
                  labels.size(), guess ? fmt::format(" (did you mean {}?)", *guess) : "");
    }
    classes.insert(classes.end(), found.begin(), found.end());
  }
  std::sort(classes.begin(), classes.end());
  return classes;
}

std::string class_words(const Condition& condition) {
  std::string words;
  const auto add = [&words](std::string_view word) {
    words += words.empty() ? "" : " or ";
    words += word;
  };
  for (const std::string& label : condition.labels) add(label);
  for (const std::int32_t number : condition.classes) add(fmt::format("class {}", number));
  return words.empty() ? "prediction" : words;
}

Result<std::vector<Point>> find_zone(const std::string& name, std::span<const ZoneConfig> zones) {
  if (name.empty()) return std::vector<Point>{};
  for (const ZoneConfig& zone : zones) {
    if (zone.name == name && zone.polygon.size() >= 3) return zone.polygon;
  }
  return fail(ErrorCode::config, "there is no zone '{}'", name);
}

bool same_polygons(const auto& a, const auto& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.polygon == y.polygon; });
}

}  // namespace

Result<Rule> Rule::create(const RuleConfig& config, std::span<const ZoneConfig> zones,
                          std::span<const std::string> labels) {
  Rule rule;
  rule.config_ = config;
  rule.labels_.assign(labels.begin(), labels.end());
  if (auto added = rule.add_node(config.when, 1, zones, labels); !added) {
    return fail(added.error().code, "rules.{}: {}", config.name, added.error().message);
  }
  return rule;
}

Result<void> Rule::add_node(const Condition& condition, std::size_t depth,
                            std::span<const ZoneConfig> zones,
                            std::span<const std::string> labels) {
  if (nodes_.size() == kMaxConditions || depth > kMaxConditionDepth) {
    return fail(ErrorCode::config, "more than {} conditions, or more than {} levels of them",
                kMaxConditions, kMaxConditionDepth);
  }
  if (condition.of < 1 || condition.of > kMaxFrameWindow || condition.seen < 1 ||
      condition.seen > condition.of) {
    return fail(ErrorCode::config, "seen {} of {} frames: must be 1 <= N <= M <= {}",
                condition.seen, condition.of, kMaxFrameWindow);
  }
  Node node;
  node.kind = condition.kind;
  node.anchor = condition.anchor;
  node.any_class = condition.labels.empty() && condition.classes.empty();
  node.threshold_high = condition.threshold_high;
  node.threshold_low = condition.threshold_low;
  node.min_count = condition.min_count;
  node.seen = condition.seen;
  node.of = condition.of;
  node.window = window_mask(condition.of);
  PINFER_TRY(node.classes, resolve_classes(condition, labels));
  PINFER_TRY(node.polygon, find_zone(condition.zone, zones));
  node.zone = condition.zone;
  node.words = class_words(condition);
  const std::size_t index = nodes_.size();
  nodes_.push_back(std::move(node));
  for (const Condition& child : condition.children) {
    PINFER_CHECK(add_node(child, depth + 1, zones, labels));
  }
  nodes_[index].end = nodes_.size();
  return {};
}

RuleState Rule::initial_state() const noexcept {
  RuleState state;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!state.conditions.push_back({})) break;  // never: create() counted them
  }
  return state;
}

bool Rule::same_state(const Rule& other) const noexcept {
  return config_ == other.config_ && same_polygons(nodes_, other.nodes_);
}

bool Rule::same_labels(const Rule& other) const noexcept { return labels_ == other.labels_; }

Result<RuleSet> RuleSet::create(std::span<const RuleConfig> rules,
                                std::span<const ZoneConfig> zones,
                                std::span<const std::string> labels) {
  RuleSet set;
  for (const RuleConfig& config : rules) {
    PINFER_TRY(Rule rule, Rule::create(config, zones, labels));
    set.states_.push_back(rule.initial_state());
    set.rules_.push_back(std::move(rule));
  }
  return set;
}

void RuleSet::update(const Predictions& predictions, MonotonicTime time) noexcept {
  for (std::size_t i = 0; i < rules_.size(); ++i) rules_[i].update(states_[i], predictions, time);
}

void RuleSet::tick(MonotonicTime time) noexcept {
  for (std::size_t i = 0; i < rules_.size(); ++i) rules_[i].tick(states_[i], time);
}

std::string_view RuleSet::reason(std::size_t i, std::span<char> buffer) const noexcept {
  return rules_[i].reason(states_[i], buffer);
}

std::optional<MonotonicTime> RuleSet::next_change() const noexcept {
  std::optional<MonotonicTime> first;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const auto next = rules_[i].next_change(states_[i]);
    if (next && (!first || *next < *first)) first = next;
  }
  return first;
}

void RuleSet::reset() noexcept {
  for (std::size_t i = 0; i < rules_.size(); ++i) states_[i] = rules_[i].initial_state();
}

void RuleSet::adopt_state_from(const RuleSet& old) noexcept {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    for (std::size_t j = 0; j < old.rules_.size(); ++j) {
      if (!rules_[i].same_state(old.rules_[j])) continue;
      states_[i] = old.states_[j];
      if (rules_[i].same_labels(old.rules_[j])) continue;
      // another model, the same words: the numbers of its classes mean something else now
      for (ConditionState& condition : states_[i].conditions) condition.class_id = -1;
    }
  }
}

}  // namespace pinfer
