// SPDX-License-Identifier: Apache-2.0
// "did you mean": the nearest of the known words.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string_view>
#include <vector>

namespace pinfer {

// Damerau-Levenshtein distance (optimal string alignment), O(a * b); for short words.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

// The candidate nearest to `word` if it is near enough to be a slip (a third of its length, at
// least 1, at most 3 edits); words over 64 characters get none.
template <std::ranges::input_range Words>
std::optional<std::string_view> nearest(std::string_view word, const Words& candidates) {
  if (word.empty() || word.size() > 64) return std::nullopt;
  std::size_t best = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  std::optional<std::string_view> found;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, std::string_view(candidate));
    if (distance < best) {
      best = distance;
      found = std::string_view(candidate);
    }
  }
  return found;
}

}  // namespace pinfer
