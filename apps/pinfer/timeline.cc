// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/timeline.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace pinfer {
namespace {

// The next word of `text`, cut off its front; empty at the end.
std::string_view take_word(std::string_view& text) {
  const std::size_t start = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(start);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::int64_t> milliseconds(std::string_view word) {
  double seconds = 0.0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
  constexpr double kMaxSeconds = 1e9;
  if (error != std::errc{} || end != word.data() + word.size() || !(seconds >= 0.0) ||
      seconds > kMaxSeconds)
    return std::nullopt;
  return std::llround(seconds * 1000.0);
}

Result<TimelineEdge> parse_edge(std::string_view line, const std::string& place) {
  TimelineEdge edge;
  const std::string_view time = take_word(line), output = take_word(line), level = take_word(line);
  const auto at = milliseconds(time);
  if (!at)
    return fail(ErrorCode::config, "{}: '{}' is not a time in seconds, such as 1.240", place, time);
  if (output.empty() || (level != "on" && level != "off") || !take_word(line).empty())
    return fail(ErrorCode::config, "{}: expected `<seconds> <output> on|off`", place);
  edge.at_ms = *at;
  edge.output = output;
  edge.active = level == "on";
  return edge;
}

}  // namespace

std::string edge_text(const TimelineEdge& edge) {
  return fmt::format("{:4}.{:03} {} {}{}{}", edge.at_ms / 1000, edge.at_ms % 1000, edge.output,
                     edge.active ? "on" : "off", edge.comment.empty() ? "" : "  # ", edge.comment);
}

Result<Timeline> parse_timeline(std::string_view text, const std::string& name) {
  Timeline timeline;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = {line.begin(), std::find(line.begin(), line.end(), '#')};
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    PINFER_TRY(TimelineEdge edge, parse_edge(line, fmt::format("{}:{}", name, number)));
    timeline.push_back(std::move(edge));
  }
  return timeline;
}

// Both are in the order of time, so a merge is a diff.
std::string timeline_diff(const Timeline& want, const Timeline& got) {
  std::string text;
  std::size_t w = 0, g = 0;
  const auto missing = [&] { text += fmt::format("-{}\n", edge_text(want[w++])); };
  const auto unexpected = [&] { text += fmt::format("+{}\n", edge_text(got[g++])); };
  while (w < want.size() && g < got.size()) {
    if (want[w].same_edge(got[g])) {
      ++w;
      ++g;
      continue;
    }
    const bool later = std::any_of(got.begin() + static_cast<std::ptrdiff_t>(g), got.end(),
                                   [&](const TimelineEdge& e) { return e.same_edge(want[w]); });
    if (later)
      unexpected();
    else
      missing();
  }
  while (w < want.size()) missing();
  while (g < got.size()) unexpected();
  return text;
}

}  // namespace pinfer
