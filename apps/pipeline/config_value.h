// SPDX-License-Identifier: Apache-2.0
// ConfigValue and Section: typed reading of a YAML tree that reports every mistake at its place.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/pipeline/config_yaml.h"
#include "runtime/core/clock.h"

namespace pinfer {

// One file being read.
struct ConfigReader {
  const ConfigSource& source;
  const YamlDocument& document;
  std::vector<Diagnostic>& diagnostics;
};

template <class T>
struct Range {
  T low;
  T high;
};

// One word of a fixed list and what it stands for.
template <class T>
struct Choice {
  std::string_view word;
  T value;
};

// A value at its path. The readers below report what is wrong and then return false, with `out` as
// it was.
class ConfigValue final {
 public:
  ConfigValue(ConfigReader& reader, YamlId id, TextPlace key_place, std::string path)
      : reader_(&reader), id_(id), key_place_(key_place), path_(std::move(path)) {}

  [[nodiscard]] const YamlNode& node() const { return reader_->document.nodes[id_]; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool is_map() const { return node().kind == YamlNode::Kind::map; }
  [[nodiscard]] bool is_sequence() const { return node().kind == YamlNode::Kind::sequence; }
  [[nodiscard]] bool is_scalar() const { return node().kind == YamlNode::Kind::scalar; }

  bool text(std::string& out) const;
  bool name(std::string& out) const;  // letters, digits, '_', '-', '.'; at most 31
  bool boolean(bool& out) const;      // yes, no, true, false, on, off
  bool integer(Range<std::int64_t> range, std::int64_t& out) const;
  bool integer(Range<std::int64_t> range, int& out) const;
  bool number(Range<double> range, double& out) const;
  bool number(Range<double> range, float& out) const;
  bool fraction(float& out) const;                            // 0..1, or 0%..100%
  bool duration(Range<Duration> range, Duration& out) const;  // 100ms, 10s, 1.5min, 2h

  bool word(std::span<const std::string_view> words, std::string& out) const;  // one of them

  // The values of a list; a single value counts as a list of one.
  [[nodiscard]] std::vector<ConfigValue> items() const;

  template <class T, std::size_t N>
  bool choice(const std::array<Choice<T>, N>& words, T& out) const {
    std::vector<std::string_view> known;
    for (const Choice<T>& word : words) known.push_back(word.word);
    const std::optional<std::size_t> index = choose(known);
    if (!index) return false;
    out = words[*index].value;
    return true;
  }

  void error(std::string message) const { report(value_place(), path_, std::move(message)); }
  // For what the value lacks: at its key.
  void error_at_key(std::string message) const { report(key_place_, path_, std::move(message)); }
  void warn_at_key(std::string message) const;
  // "must be <wanted>, is <what it is>"; `guess` is what may have been meant.
  bool mismatch(std::string_view wanted, std::string_view guess = {}) const;
  [[nodiscard]] Diagnostic place() const;

 private:
  friend class Section;
  [[nodiscard]] TextPlace value_place() const;
  void report(TextPlace place, std::string path, std::string message) const;
  [[nodiscard]] std::optional<std::string> scalar(std::string_view wanted) const;
  [[nodiscard]] std::optional<std::size_t> choose(std::span<const std::string_view> words) const;
  [[nodiscard]] std::optional<double> real(std::string_view wanted) const;

  ConfigReader* reader_;
  YamlId id_;
  TextPlace key_place_;
  std::string path_;
};

// The keys of one map. Every key that is asked for is a known key; finish() reports the others.
class Section final {
 public:
  explicit Section(const ConfigValue& value);  // reports a value that is no map

  // The value of a key, or nothing where it is absent or has an error already.
  std::optional<ConfigValue> find(std::string_view key);
  // The same; finish() reports its absence at the key of the map.
  std::optional<ConfigValue> require(std::string_view key);
  // The one of `keys` that is there. Reports it when there are more; finish(), when there is none
  // and one is required.
  std::optional<ConfigValue> find_one(std::span<const std::string_view> keys, bool required);
  // All entries of a map whose keys are names of the user's choice.
  std::vector<std::pair<std::string, ConfigValue>> named_entries();
  void finish();

  [[nodiscard]] const ConfigValue& value() const noexcept { return value_; }
  explicit operator bool() const noexcept { return is_map_; }

 private:
  [[nodiscard]] bool knows(std::string_view key) const;
  [[nodiscard]] std::string guess(
      std::string_view key) const;  // the known key meant by `key`, or ""
  [[nodiscard]] std::string sorted_keys() const;

  ConfigValue value_;
  bool is_map_;
  bool takes_any_ = false;  // every key is a name of the user's choice
  std::vector<std::string> known_;
  std::vector<std::vector<std::string>> missing_;  // alternatives of each required key
};

// "500ms", "1.5s": for messages.
std::string duration_text(Duration duration);
// The same the other way; nothing when it is no time with its unit, or out of all bounds.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace pinfer
