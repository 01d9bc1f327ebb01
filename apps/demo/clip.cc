// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/clip.h"

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

bool parse_number(std::string_view text, double low, double high, double& out) {
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  if (!(number >= low && number <= high)) return false;
  out = number;
  return true;
}

bool parse_seconds(std::string_view text, Duration& out) {
  double seconds = 0.0;
  if (!parse_number(text, 0.0, kLongestSeconds, seconds)) return false;
  out = Duration(std::llround(seconds * 1e9));
  return true;
}

bool parse_length(std::string_view row, Clip& clip) {
  double per_second = 0.0;
  if (cut(row, ',') != "length" || !parse_seconds(cut(row, ','), clip.length)) return false;
  if (cut(row, ',') != "frames_per_second" || !parse_number(row, 0.01, 1000.0, per_second))
    return false;
  clip.frame_time = Duration(std::llround(1e9 / per_second));
  return clip.length > Duration{};
}

}  // namespace

Result<Clip> parse_clip(std::string_view text, std::string_view name) {
  Clip clip;
  if (!parse_length(cut(text, '\n'), clip))
    return fail(ErrorCode::config, "{}:1: not 'length,<seconds>,frames_per_second,<number>'", name);
  if (cut(text, '\n') != kHeader) return fail(ErrorCode::config, "{}:2: not '{}'", name, kHeader);
  for (int line = 3; !text.empty(); ++line) {
    std::string_view row = cut(text, '\n');
    Showing showing;
    const std::string_view from = cut(row, ',');
    const std::string_view to = cut(row, ',');
    showing.label = row;
    if (!parse_seconds(from, showing.from) || !parse_seconds(to, showing.to) || row.empty())
      return fail(ErrorCode::config, "{}:{}: not two times in seconds and a label", name, line);
    const Duration earliest = clip.showings.empty() ? Duration{} : clip.showings.back().to;
    if (showing.from < earliest || showing.to <= showing.from || showing.to > clip.length)
      return fail(ErrorCode::config, "{}:{}: the times must rise, up to the length of the clip",
                  name, line);
    clip.showings.push_back(std::move(showing));
  }
  return clip;
}

Result<Clip> load_clip(const std::string& path) {
  PINFER_TRY(const std::string text, read_file(path, 1u << 20));
  return parse_clip(text, path);
}

std::vector<Showing> looped(const Clip& clip, Duration until) {
  std::vector<Showing> all;
  if (clip.length <= Duration{}) return all;
  for (Duration start{}; start < until; start += clip.length) {
    for (const Showing& showing : clip.showings) {
      if (start + showing.from >= until) return all;
      all.push_back({start + showing.from, start + showing.to, showing.label});
    }
  }
  return all;
}

}  // namespace pinfer
