// SPDX-License-Identifier: Apache-2.0
// Section: the keys of one map, and what a wrong key may have been meant to be.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "apps/pipeline/config_value.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

// What the same thing is called in Frigate, ESPHome, rpicam-apps and Klipper.
struct Foreign {
  std::string_view theirs;
  std::string_view ours;
};
constexpr std::array<Foreign, 23> kForeign = {{
    {"cameras", "camera"},
    {"confidence_threshold", "min_score"},
    {"delayed_on_off", "delayed_on"},
    {"device", "source"},
    {"input", "source"},
    {"input_pixel_format", "color"},
    {"interpreter", "backend"},
    {"inverted", "active"},
    {"labelmap_path", "labels"},
    {"labels_file", "labels"},
    {"max_duration", "max_hold"},
    {"model_file", "path"},
    {"normalisation_offset", "mean"},
    {"normalisation_scale", "std"},
    {"num_threads", "threads"},
    {"number_of_threads", "threads"},
    {"objects", "rules"},
    {"pull", "bias"},
    {"refresh_rate", "fps"},
    {"restore_mode", "safe"},
    {"shutdown_value", "safe"},
    {"threshold", "min_score"},
    {"visible_frames", "seen"},
}};

}  // namespace

Section::Section(const ConfigValue& value) : value_(value), is_map_(value.is_map()) {
  if (!is_map_) value_.mismatch("a map of keys");
}

bool Section::knows(std::string_view key) const {
  return std::find(known_.begin(), known_.end(), key) != known_.end();
}

std::optional<ConfigValue> Section::find(std::string_view key) {
  if (!knows(key)) known_.emplace_back(key);
  if (!is_map_) return std::nullopt;
  const YamlDocument& document = value_.reader_->document;
  for (const YamlEntry& entry : value_.node().entries) {
    const YamlNode& name = document.nodes[entry.key];
    if (name.kind != YamlNode::Kind::scalar || name.text != key) continue;
    if (document.nodes[entry.value].reported) return std::nullopt;
    return ConfigValue(*value_.reader_, entry.value, name.place, join_path(value_.path_, key));
  }
  return std::nullopt;
}

std::optional<ConfigValue> Section::require(std::string_view key) {
  const std::array<std::string_view, 1> keys = {key};
  return find_one(keys, true);
}

std::optional<ConfigValue> Section::find_one(std::span<const std::string_view> keys,
                                             bool required) {
  std::optional<ConfigValue> found;
  std::string_view found_key;
  bool present = false;
  for (const std::string_view key : keys) {
    for (const YamlEntry& entry : value_.node().entries) {
      present = present || value_.reader_->document.nodes[entry.key].text == key;
    }
    const auto value = find(key);
    if (value && found) {
      value->report(value->key_place_, value->path_,
                    fmt::format("{} says it already; keep one of them", found_key));
    } else if (value) {
      found = value;
      found_key = key;
    }
  }
  if (!present && required && is_map_) missing_.emplace_back(keys.begin(), keys.end());
  return found;
}

std::vector<std::pair<std::string, ConfigValue>> Section::named_entries() {
  std::vector<std::pair<std::string, ConfigValue>> entries;
  const YamlDocument& document = value_.reader_->document;
  std::set<std::string_view> names;
  takes_any_ = true;
  for (const YamlEntry& entry : value_.node().entries) {
    const YamlNode& key = document.nodes[entry.key];
    if (key.kind != YamlNode::Kind::scalar || !names.insert(key.text).second) continue;
    const ConfigValue name(*value_.reader_, entry.key, key.place, value_.path_);
    std::string checked;
    if (!name.name(checked)) continue;
    entries.emplace_back(checked, ConfigValue(*value_.reader_, entry.value, key.place,
                                              join_path(value_.path_, checked)));
  }
  return entries;
}

std::string Section::guess(std::string_view key) const {
  for (const auto& [theirs, ours] : kForeign) {
    if (key == theirs && knows(ours)) return std::string(ours);
  }
  return std::string(nearest(key, known_).value_or(""));
}

std::string Section::sorted_keys() const {
  std::vector<std::string> sorted = known_;
  std::sort(sorted.begin(), sorted.end());
  return fmt::format("{}", fmt::join(sorted, ", "));
}

void Section::finish() {
  if (!is_map_ || takes_any_) return;
  const YamlDocument& document = value_.reader_->document;
  std::set<std::string_view> reported;
  std::vector<std::string> meant;  // known keys that unknown ones were meant to be
  for (const YamlEntry& entry : value_.node().entries) {
    const YamlNode& key = document.nodes[entry.key];
    if (key.kind != YamlNode::Kind::scalar || knows(key.text)) continue;
    if (!reported.insert(key.text).second) continue;
    const std::string ours = guess(key.text);
    meant.push_back(ours);
    value_.report(
        key.place, join_path(value_.path_, key.text),
        fmt::format("unknown key{}", ours.empty() ? "; known are " + sorted_keys()
                                                  : fmt::format(" (did you mean {}?)", ours)));
  }
  for (const std::vector<std::string>& keys : missing_) {
    // misspelt is not missing: one message is enough
    if (std::find_first_of(meant.begin(), meant.end(), keys.begin(), keys.end()) != meant.end()) {
      continue;
    }
    value_.error_at_key(fmt::format("the key '{}' is missing", fmt::join(keys, "' or '")));
  }
}

}  // namespace pinfer
