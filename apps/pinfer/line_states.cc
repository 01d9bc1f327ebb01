// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/line_states.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace pinfer {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(' ') - start + 1);
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

struct ParsedChip {
  ChipState chip;
  std::uint32_t base = 0;  // number of its first line in this file
};

// "gpiochip0: GPIOs 569-622, parent: platform/1f000d0000.gpio, pinctrl-rp1:" or, without numbers
// of the whole machine, "gpiochip0: 54 GPIOs, parent: ..."
std::optional<ParsedChip> parse_chip(std::string_view line) {
  constexpr std::string_view kRange = "GPIOs ";
  ParsedChip parsed;
  const std::size_t colon = line.find(": ");
  if (!line.starts_with("gpiochip") || colon == std::string_view::npos) return std::nullopt;
  parsed.chip.device = line.substr(0, colon);
  std::string_view rest = line.substr(colon + 2);
  if (rest.starts_with(kRange)) {
    rest.remove_prefix(kRange.size());
    const auto first = take_number(rest);
    if (!first || !rest.starts_with('-')) return std::nullopt;
    rest.remove_prefix(1);
    const auto last = take_number(rest);
    if (!last || *last < *first) return std::nullopt;
    parsed.base = *first;
    parsed.chip.lines = *last - *first + 1;
  } else {
    const auto lines = take_number(rest);
    if (!lines) return std::nullopt;
    parsed.chip.lines = *lines;
  }
  if (rest.ends_with(':')) rest.remove_suffix(1);
  constexpr std::string_view kSleeps = ", can sleep";
  if (rest.ends_with(kSleeps)) rest.remove_suffix(kSleeps.size());
  const std::size_t comma = rest.rfind(", ");
  if (comma != std::string_view::npos) parsed.chip.label = trim(rest.substr(comma + 2));
  return parsed;
}

// " gpio-586 (GPIO17              |pinfer-guard        ) out lo"
void parse_line(std::string_view line, ParsedChip& parsed) {
  constexpr std::string_view kStart = "gpio-";
  line = trim(line);
  if (!line.starts_with(kStart)) return;
  line.remove_prefix(kStart.size());
  const auto number = take_number(line);
  const std::size_t open = line.find('('), close = line.rfind(')');
  if (!number || *number < parsed.base || *number - parsed.base >= parsed.chip.lines) return;
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
  const std::string_view inside = line.substr(open + 1, close - open - 1);
  const std::size_t bar = inside.find('|');
  LineState state;
  state.offset = *number - parsed.base;
  state.name = trim(inside.substr(0, bar));
  state.used = bar != std::string_view::npos;
  if (state.used) state.consumer = trim(inside.substr(bar + 1));
  parsed.chip.line.push_back(std::move(state));
}

}  // namespace

std::vector<ChipState> parse_debug_gpio(std::string_view text) {
  std::vector<ParsedChip> parsed;
  bool in_chip = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("gpiochip")) {
      auto chip = parse_chip(line);
      in_chip = chip.has_value();
      if (chip) parsed.push_back(*std::move(chip));
    } else if (in_chip) {
      parse_line(line, parsed.back());
    }
  }
  std::vector<ChipState> chips;
  for (ParsedChip& chip : parsed) chips.push_back(std::move(chip.chip));
  return chips;
}

const LineState* find_state(const std::vector<ChipState>& chips, std::string_view label,
                            std::uint32_t offset) noexcept {
  for (const ChipState& chip : chips) {
    if (chip.label != label) continue;
    for (const LineState& line : chip.line)
      if (line.offset == offset) return &line;
  }
  return nullptr;
}

}  // namespace pinfer
