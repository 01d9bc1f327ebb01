// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/config_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

constexpr std::size_t kShownBytes = 40;  // of a wrong value in a message

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr std::array<Unit, 7> kUnits = {{{"us", 1e3},
                                         {"ms", 1e6},
                                         {"s", 1e9},
                                         {"sec", 1e9},
                                         {"min", 60e9},
                                         {"h", 3600e9},
                                         {"d", 86400e9}}};

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "empty";
    case YamlNode::Kind::sequence:
      return fmt::format("a list of {}", node.items.size());
    case YamlNode::Kind::map:
      return "a map of keys";
    case YamlNode::Kind::scalar:
      break;
  }
  if (node.text.size() <= kShownBytes) return fmt::format("'{}'", node.text);
  std::size_t cut = kShownBytes;
  while ((static_cast<unsigned char>(node.text[cut]) & 0xC0) == 0x80) --cut;
  return fmt::format("'{}...'", node.text.substr(0, cut));
}

// The whole text as a finite number.
std::optional<double> parse_real(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string duration_text(Duration duration) {
  const auto count = static_cast<double>(duration.count());
  for (std::size_t i = kUnits.size(); i-- > 0;) {
    if (kUnits[i].name == "sec" || count < kUnits[i].nanoseconds) continue;
    return fmt::format("{:g}{}", count / kUnits[i].nanoseconds, kUnits[i].name);
  }
  return "0s";
}

TextPlace ConfigValue::value_place() const {
  return node().kind == YamlNode::Kind::null ? key_place_ : node().place;
}

void ConfigValue::report(TextPlace place, std::string path, std::string message) const {
  if (reader_->diagnostics.size() == kMaxDiagnostics) return;
  reader_->diagnostics.push_back(reader_->source.at(place, std::move(path), std::move(message)));
}

void ConfigValue::warn_at_key(std::string message) const {
  error_at_key(std::move(message));
  reader_->diagnostics.back().severity = Severity::warning;
}

Diagnostic ConfigValue::place() const { return reader_->source.at(value_place(), path_, ""); }

bool ConfigValue::mismatch(std::string_view wanted, std::string_view guess) const {
  if (node().reported) return false;
  error(fmt::format("must be {}, is {}{}", wanted, describe(node()),
                    guess.empty() ? "" : fmt::format(" (did you mean {}?)", guess)));
  return false;
}

std::optional<std::string> ConfigValue::scalar(std::string_view wanted) const {
  if (node().reported) return std::nullopt;
  if (is_scalar() && !node().text.empty()) return node().text;
  mismatch(wanted);
  return std::nullopt;
}

bool ConfigValue::text(std::string& out) const {
  const auto value = scalar("text");
  if (value) out = *value;
  return value.has_value();
}

bool ConfigValue::name(std::string& out) const {
  constexpr std::string_view kWanted = "a name of letters, digits, '_', '-' or '.', at most 31";
  const auto value = scalar(kWanted);
  if (!value) return false;
  const bool valid = value->size() <= 31 && std::all_of(value->begin(), value->end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                     });
  if (!valid) return mismatch(kWanted);
  out = *value;
  return true;
}

std::optional<std::size_t> ConfigValue::choose(std::span<const std::string_view> words) const {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " or " : ", ";
    list += words[i];
  }
  const auto value = scalar(list);
  if (!value) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  mismatch(list, nearest(*value, words).value_or(""));
  return std::nullopt;
}

bool ConfigValue::word(std::span<const std::string_view> words, std::string& out) const {
  const std::optional<std::size_t> index = choose(words);
  if (index) out = words[*index];
  return index.has_value();
}

bool ConfigValue::boolean(bool& out) const {
  constexpr std::array<Choice<bool>, 6> kWords = {{{"yes", true},
                                                   {"no", false},
                                                   {"true", true},
                                                   {"false", false},
                                                   {"on", true},
                                                   {"off", false}}};
  const auto value = scalar("yes or no");
  if (!value) return false;
  for (const auto& [word, meaning] : kWords) {
    if (*value != word) continue;
    out = meaning;
    return true;
  }
  return mismatch("yes or no");
}

bool ConfigValue::integer(Range<std::int64_t> range, std::int64_t& out) const {
  const std::string wanted = fmt::format("a whole number from {} to {}", range.low, range.high);
  const auto value = scalar(wanted);
  if (!value) return false;
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, number);
  if (error != std::errc{} || stop != end || number < range.low || number > range.high) {
    const std::size_t digits = value->find_first_of("0123456789");  // GPIO17
    const bool prefixed = digits != 0 && digits != std::string::npos && (*value)[0] != '-' &&
                          value->find_first_not_of("0123456789", digits) == std::string::npos;
    return mismatch(wanted, prefixed ? value->substr(digits) : "");
  }
  out = number;
  return true;
}

bool ConfigValue::integer(Range<std::int64_t> range, int& out) const {
  std::int64_t wide = 0;
  if (!integer(range, wide)) return false;
  out = static_cast<int>(wide);
  return true;
}

bool ConfigValue::number(Range<double> range, double& out) const {
  const std::string wanted = fmt::format("a number from {:g} to {:g}", range.low, range.high);
  const auto value = scalar(wanted);
  if (!value) return false;
  const auto number = parse_real(*value);
  if (!number || *number < range.low || *number > range.high) return mismatch(wanted);
  out = *number;
  return true;
}

bool ConfigValue::number(Range<double> range, float& out) const {
  double wide = 0.0;
  if (!number(range, wide)) return false;
  out = static_cast<float>(wide);
  return true;
}

bool ConfigValue::fraction(float& out) const {
  constexpr std::string_view kWanted = "a number from 0 to 1, or 0% to 100%";
  const auto value = scalar(kWanted);
  if (!value) return false;
  std::string_view digits = *value;
  const bool percent = digits.ends_with('%');
  if (percent) digits.remove_suffix(1);
  const auto number = parse_real(digits);
  const double high = percent ? 100.0 : 1.0;
  if (!number || *number < 0.0 || *number > high) {
    const bool forgot_percent = number && !percent && *number > 1.0 && *number <= 100.0;
    return mismatch(kWanted, forgot_percent ? fmt::format("{:g}%", *number) : "");
  }
  out = static_cast<float>(percent ? *number / 100.0 : *number);
  return true;
}

bool ConfigValue::duration(Range<Duration> range, Duration& out) const {
  const std::string wanted =
      fmt::format("a time from {} to {}", duration_text(range.low), duration_text(range.high));
  const auto value = scalar(wanted);
  if (!value) return false;
  const std::size_t split = std::min(value->find_first_not_of("0123456789.+-eE"), value->size());
  std::string_view unit = std::string_view(*value).substr(split);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto number = parse_real(std::string_view(*value).substr(0, split));
  if (!number) return mismatch(wanted + ", such as 500ms");
  if (unit.empty() && *number == 0.0) unit = "s";
  const auto known = std::find_if(kUnits.begin(), kUnits.end(),
                                  [&](const Unit& candidate) { return candidate.name == unit; });
  if (known == kUnits.end()) {
    const bool minutes = unit == "m";
    const std::string guess = unit.empty() ? fmt::format("{:g}ms", *number)
                              : minutes    ? fmt::format("{:g}min", *number)
                                           : "";
    return mismatch(wanted + " with its unit us, ms, s, min, h or d", guess);
  }
  const double nanoseconds = *number * known->nanoseconds;
  if (nanoseconds < static_cast<double>(range.low.count()) ||
      nanoseconds > static_cast<double>(range.high.count())) {
    return mismatch(wanted);
  }
  out = Duration(std::llround(nanoseconds));
  return true;
}

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr double kMaxNanoseconds = 1e17;  // three years
  const std::size_t split = std::min(text.find_first_not_of("0123456789.+-eE"), text.size());
  const auto number = parse_real(text.substr(0, split));
  const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
    return candidate.name == text.substr(split);
  });
  if (!number || unit == kUnits.end()) return std::nullopt;
  const double nanoseconds = *number * unit->nanoseconds;
  if (!(nanoseconds >= 0.0 && nanoseconds <= kMaxNanoseconds)) return std::nullopt;
  return Duration(std::llround(nanoseconds));
}

std::vector<ConfigValue> ConfigValue::items() const {
  if (!is_sequence()) return {*this};
  std::vector<ConfigValue> values;
  for (std::size_t i = 0; i < node().items.size(); ++i) {
    const YamlId id = node().items[i];
    values.emplace_back(*reader_, id, reader_->document.nodes[id].place, join_path(path_, i));
  }
  return values;
}

}  // namespace pinfer
