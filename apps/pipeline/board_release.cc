// SPDX-License-Identifier: Apache-2.0
// What a line does when its owner dies.
#include <charconv>

#include "apps/pipeline/board.h"

namespace pinfer {
namespace {

// The number at the start of `text`, which is cut off; nothing when there is none.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// "# R36 (release), REVISION: 4.3, GCID: ..." -> 36 and 4.
std::optional<std::pair<int, int>> release_of(std::string_view text) {
  constexpr std::string_view kStart = "# R";
  constexpr std::string_view kRevision = "REVISION: ";
  if (!text.starts_with(kStart)) return std::nullopt;
  text.remove_prefix(kStart.size());
  const auto major = take_number(text);
  const std::size_t at = text.find(kRevision);
  if (!major || at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kRevision.size());
  const auto minor = take_number(text);
  if (!minor) return std::nullopt;
  return std::pair(*major, *minor);
}

}  // namespace

std::string jetson_linux_version(std::string_view nv_tegra_release) {
  const auto release = release_of(nv_tegra_release);
  return release ? fmt::format("{}.{}", release->first, release->second) : "";
}

AfterRelease after_release(const Board& board, std::string_view parameter,
                           std::string_view nv_tegra_release) {
  const BoardAfterRelease& after = board.after_release;
  AfterRelease line = after.line;
  if (const auto release = release_of(nv_tegra_release)) {
    for (const BoardRelease& from : after.jetson_linux) {
      if (*release >= std::pair(from.major, from.minor)) line = from.line;
    }
  }
  if (after.parameter.empty() || parameter.empty()) return line;
  if (parameter.front() == 'Y' || parameter.front() == '1') return after.when_on;
  if (parameter.front() == 'N' || parameter.front() == '0') return after.when_off;
  return line;
}

std::string_view to_string(ResetPull pull) noexcept {
  switch (pull) {
    case ResetPull::none:
      return "none";
    case ResetPull::up:
      return "up";
    case ResetPull::down:
      return "down";
    case ResetPull::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(AfterRelease line) noexcept {
  switch (line) {
    case AfterRelease::keeps:
      return "keeps";
    case AfterRelease::input:
      return "input";
    case AfterRelease::floats:
      return "floats";
    case AfterRelease::safe:
      return "safe";
    case AfterRelease::unknown:
      break;
  }
  return "unknown";
}

}  // namespace pinfer
