// SPDX-License-Identifier: Apache-2.0
// Showings: what a clip has in full sight from when to when, the truth that the demo is judged by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/clock.h"
#include "runtime/core/result.h"

namespace pinfer {

struct Showing {
  Duration from{};  // since the first frame of the clip
  Duration to{};
  std::string label;

  friend bool operator==(const Showing&, const Showing&) = default;
};

// A csv with the header from_seconds,to_seconds,label; rows in order, not overlapping.
Result<std::vector<Showing>> parse_showings(std::string_view text, std::string_view name);

// parse_showings() of a file.
Result<std::vector<Showing>> load_showings(const std::string& path);

// The same for a clip of `length` that starts again at its end, up to `until`.
std::vector<Showing> looped(const std::vector<Showing>& showings, Duration length, Duration until);

}  // namespace pinfer
