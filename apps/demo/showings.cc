// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/showings.h"

#include <charconv>
#include <cmath>

#include "runtime/core/files.h"

namespace pinfer {
namespace {

constexpr std::string_view kHeader = "from_seconds,to_seconds,label";
constexpr double kLongestSeconds = 24.0 * 3600.0;

// The text up to `separator`, which is dropped from `rest` with it.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool parse_seconds(std::string_view text, Duration& out) {
  double seconds = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  if (!(seconds >= 0.0 && seconds <= kLongestSeconds)) return false;
  out = Duration(std::llround(seconds * 1e9));
  return true;
}

}  // namespace

Result<std::vector<Showing>> parse_showings(std::string_view text, std::string_view name) {
  if (cut(text, '\n') != kHeader)
    return fail(ErrorCode::config, "{}:1: the first line must be '{}'", name, kHeader);
  std::vector<Showing> showings;
  for (int line = 2; !text.empty(); ++line) {
    std::string_view row = cut(text, '\n');
    Showing showing;
    const std::string_view from = cut(row, ',');
    const std::string_view to = cut(row, ',');
    showing.label = row;
    if (!parse_seconds(from, showing.from) || !parse_seconds(to, showing.to) || row.empty())
      return fail(ErrorCode::config, "{}:{}: not two times in seconds and a label", name, line);
    const Duration earliest = showings.empty() ? Duration{} : showings.back().to;
    if (showing.from < earliest || showing.to <= showing.from)
      return fail(ErrorCode::config, "{}:{}: the times must rise from row to row", name, line);
    showings.push_back(std::move(showing));
  }
  return showings;
}

Result<std::vector<Showing>> load_showings(const std::string& path) {
  PINFER_TRY(const std::string text, read_file(path, 1u << 20));
  return parse_showings(text, path);
}

std::vector<Showing> looped(const std::vector<Showing>& showings, Duration length, Duration until) {
  std::vector<Showing> all;
  if (length <= Duration{}) return all;
  for (Duration start{}; start < until; start += length) {
    for (const Showing& showing : showings) {
      if (start + showing.from >= until) return all;
      all.push_back({start + showing.from, start + showing.to, showing.label});
    }
  }
  return all;
}

}  // namespace pinfer
