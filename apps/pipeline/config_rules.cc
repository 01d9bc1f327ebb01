// SPDX-License-Identifier: Apache-2.0
// zones: and rules:
#include <array>
#include <charconv>

#include "apps/pipeline/config_parts.h"
#include "apps/pipeline/rules.h"
#include "apps/pipeline/zones.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxRules = 64;
constexpr std::size_t kMaxZones = 64;
constexpr int kMaxClass = 65535;
constexpr Range<Duration> kHold = {0s, 24h};

constexpr std::array<Choice<BoxAnchor>, 2> kAnchors = {
    {{"center", BoxAnchor::center}, {"bottom", BoxAnchor::bottom}}};
constexpr std::array<std::string_view, 2> kLabelKeys = {"label", "labels"};
constexpr std::array<std::string_view, 2> kClassKeys = {"class", "classes"};
constexpr std::array<std::string_view, 3> kGroupKeys = {"all", "any", "not"};
constexpr std::array<std::string_view, 2> kSeenKeys = {"seen", "frames"};

// Reads the conditions of one rule and counts them.
class ConditionReader final {
 public:
  explicit ConditionReader(ConfigDraft& draft) : draft_(draft) {}

  void read(const ConfigValue& value, std::size_t depth, Condition& condition) {
    if (++count_ == kMaxConditions + 1) {
      value.error(fmt::format("more than {} conditions in one rule", kMaxConditions));
    }
    if (depth > kMaxConditionDepth) {
      value.error(fmt::format("more than {} levels of conditions", kMaxConditionDepth));
    }
    if (count_ > kMaxConditions || depth > kMaxConditionDepth) return;
    if (value.is_scalar()) {  // when: person
      read_label(value, condition);
      return;
    }
    if (value.is_sequence()) {
      value.error(
          "a list does not say how its conditions go together; write all: [...] or any: "
          "[...]");
      return;
    }
    Section section(value);
    if (!section) return;
    if (const auto v = section.find_one(kSeenKeys, false)) read_seen(*v, condition);
    if (const auto group = section.find_one(kGroupKeys, false)) {
      read_group(*group, depth, condition);
    } else {
      read_match(section, condition);
    }
    section.finish();
  }

 private:
  void read_group(const ConfigValue& value, std::size_t depth, Condition& condition) {
    const std::string_view path = value.path();
    const std::string_view key = path.substr(path.rfind('.') + 1);
    condition.kind = key == "all"   ? ConditionKind::all
                     : key == "any" ? ConditionKind::any
                                    : ConditionKind::negate;
    if (condition.kind == ConditionKind::negate && value.is_sequence()) {
      value.error("takes one condition; write not: {any: [...]}");
      return;
    }
    if (condition.kind != ConditionKind::negate &&
        (!value.is_sequence() || value.node().items.empty())) {
      value.mismatch("a list of conditions");
      return;
    }
    for (const ConfigValue& item : value.items()) {
      read(item, depth + 1, condition.children.emplace_back());
    }
  }

  void read_match(Section& section, Condition& condition) {
    if (const auto v = section.find_one(kLabelKeys, false)) {
      for (const ConfigValue& item : v->items()) read_label(item, condition);
    }
    if (const auto v = section.find_one(kClassKeys, false)) {
      for (const ConfigValue& item : v->items()) {
        item.integer({0, kMaxClass}, condition.classes.emplace_back());
      }
    }
    read_thresholds(section, condition);
    if (const auto v = section.find("zone"); v && v->text(condition.zone)) {
      draft_.zone_uses.push_back({condition.zone, *v});
    }
    if (const auto v = section.find("anchor")) {
      v->choice(kAnchors, condition.anchor);
      if (condition.zone.empty()) v->error_at_key("anchor means nothing without zone");
    }
    if (const auto v = section.find("min_count")) {
      v->integer({1, kMaxPredictions}, condition.min_count);
    }
  }

  void read_label(const ConfigValue& value, Condition& condition) {
    std::string label;
    if (!value.text(label)) return;
    condition.labels.push_back(label);
    draft_.label_uses.push_back({value.place(), label});
  }

  void read_score(const ConfigValue& value, float& score) const {
    // the values of a raw decoder are whatever the model says
    if (draft_.config.decoder.type == "raw") {
      value.number({-1e9, 1e9}, score);
    } else {
      value.fraction(score);
    }
  }

  void read_thresholds(Section& section, Condition& condition) {
    const auto min_score = section.find("min_score");
    const auto high = section.find("threshold_high");
    const auto low = section.find("threshold_low");
    if (min_score) {
      read_score(*min_score, condition.threshold_high);
      condition.threshold_low = condition.threshold_high;
      draft_.score_uses.push_back({condition.threshold_low, *min_score});
      if (high) high->error_at_key("min_score says it already; keep one of them");
      if (low) low->error_at_key("threshold_low needs threshold_high, not min_score, beside it");
      return;
    }
    if (high) read_score(*high, condition.threshold_high);
    condition.threshold_low = condition.threshold_high;
    if (!low) return;
    read_score(*low, condition.threshold_low);
    draft_.score_uses.push_back({condition.threshold_low, *low});
    if (!high) {
      low->error_at_key("threshold_low needs threshold_high beside it");
    } else if (condition.threshold_low > condition.threshold_high) {
      low->error(
          fmt::format("must not be above threshold_high, which is {:g}", condition.threshold_high));
    }
  }

  // seen: 3 of 5, or frames: {seen: 3, of: 5}
  static void read_seen(const ConfigValue& value, Condition& condition) {
    constexpr std::string_view kWanted = "as in '3 of 5' frames, of at most 64";
    int seen = 0;
    int of = 0;
    if (value.is_map()) {
      Section section(value);
      const auto n = section.require("seen");
      const auto m = section.require("of");
      section.finish();
      const bool good =
          n && m && n->integer({1, kMaxFrameWindow}, seen) && m->integer({1, kMaxFrameWindow}, of);
      if (!good) return;
    } else {
      std::string text;
      if (!value.is_scalar()) {
        value.mismatch(kWanted);
        return;
      }
      if (!value.text(text)) return;
      const char* const end = text.data() + text.size();
      const auto first = std::from_chars(text.data(), end, seen);
      std::string_view rest(first.ptr, static_cast<std::size_t>(end - first.ptr));
      const std::string_view joint = rest.starts_with(" of ") ? " of " : "/";
      if (!rest.starts_with(joint)) {
        value.mismatch(kWanted);
        return;
      }
      rest.remove_prefix(joint.size());
      const auto second = std::from_chars(rest.data(), end, of);
      if (first.ec != std::errc{} || second.ec != std::errc{} || second.ptr != end) {
        value.mismatch(kWanted);
        return;
      }
    }
    if (seen < 1 || of > kMaxFrameWindow || seen > of) {
      value.error(fmt::format("{} of {} frames cannot be; it must be 1 <= N <= M <= {}", seen, of,
                              kMaxFrameWindow));
      return;
    }
    condition.seen = seen;
    condition.of = of;
  }

  ConfigDraft& draft_;
  std::size_t count_ = 0;
};

void read_times(Section& section, RuleConfig& rule) {
  if (const auto v = section.find("delayed_on")) v->duration(kHold, rule.delayed_on);
  if (const auto v = section.find("delayed_off")) v->duration(kHold, rule.delayed_off);
  const auto min_hold = section.find("min_hold");
  if (min_hold) min_hold->duration(kHold, rule.min_hold);
  const auto max_hold = section.find("max_hold");
  if (max_hold) max_hold->duration({1ms, 24h}, rule.max_hold);
  const auto pulse = section.find("pulse");
  if (pulse) pulse->duration({1ms, 1h}, rule.pulse);
  for (const auto* hold : {&min_hold, &max_hold}) {
    if (pulse && *hold) (*hold)->error_at_key("a pulse has its own length; keep one of them");
  }
  if (!pulse && min_hold && max_hold && rule.max_hold > Duration::zero() &&
      rule.min_hold > rule.max_hold) {
    max_hold->error(fmt::format("must not be shorter than min_hold, which is {}",
                                duration_text(rule.min_hold)));
  }
}

void read_rule(const std::string& name, const ConfigValue& value, ConfigDraft& draft) {
  RuleConfig rule;
  rule.name = name;
  Section section(value);
  if (const auto v = section.require("output"); v && v->text(rule.output)) {
    draft.rule_places.push_back({rule.output, *v});
  }
  if (const auto v = section.require("when")) ConditionReader(draft).read(*v, 1, rule.when);
  read_times(section, rule);
  section.finish();
  draft.config.rules.push_back(std::move(rule));
}

void read_zone(const std::string& name, const ConfigValue& value, ConfigDraft& draft) {
  constexpr std::string_view kWanted = "a list of three or more corners [x, y]";
  draft.zone_names.push_back(name);
  ZoneConfig zone;
  zone.name = name;
  if (!value.is_sequence() || value.node().items.size() < 3 ||
      value.node().items.size() > kMaxZoneCorners) {
    if (value.is_sequence()) {
      value.error(fmt::format("must be {}, at most {}; has {}", kWanted, kMaxZoneCorners,
                              value.node().items.size()));
    } else {
      value.mismatch(kWanted);
    }
    return;
  }
  for (const ConfigValue& corner : value.items()) {
    const std::vector<ConfigValue> numbers = corner.items();
    if (!corner.is_sequence() || numbers.size() != 2) {
      corner.mismatch("a corner [x, y]");
      continue;
    }
    Point point;
    const bool x = numbers[0].fraction(point.x);
    const bool y = numbers[1].fraction(point.y);
    if (x && y) zone.polygon.push_back(point);
  }
  draft.config.zones.push_back(std::move(zone));
}

}  // namespace

void read_zones(const ConfigValue& value, ConfigDraft& draft) {
  Section section(value);
  for (const auto& [name, entry] : section.named_entries()) {
    if (draft.zone_names.size() == kMaxZones) {
      entry.error_at_key(fmt::format("more than {} zones", kMaxZones));
      return;
    }
    read_zone(name, entry, draft);
  }
}

void read_rules(const ConfigValue& value, ConfigDraft& draft) {
  if (value.is_sequence()) {
    value.error("must be a map of named rules: write 'open_gate:' before each, not '-'");
    return;
  }
  Section section(value);
  for (const auto& [name, entry] : section.named_entries()) {
    if (draft.config.rules.size() == kMaxRules) {
      entry.error_at_key(fmt::format("more than {} rules", kMaxRules));
      return;
    }
    read_rule(name, entry, draft);
  }
}

}  // namespace pinfer
