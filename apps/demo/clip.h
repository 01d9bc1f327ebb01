// SPDX-License-Identifier: Apache-2.0
// Clip: what a clip has in full sight from when to when, the truth that the demo is judged by.
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

struct Clip {
  Duration length{};
  Duration frame_time{};  // from one frame to the next
  std::vector<Showing> showings;
};

// A csv: the line "length,<seconds>,frames_per_second,<number>", the line
// "from_seconds,to_seconds,label", then the showings, in order and not overlapping.
Result<Clip> parse_clip(std::string_view text, std::string_view name);

// parse_clip() of a file.
Result<Clip> load_clip(const std::string& path);

// All showings up to `until` of a clip that starts again at its end.
std::vector<Showing> looped(const Clip& clip, Duration until);

}  // namespace pinfer
