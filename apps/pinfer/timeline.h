// SPDX-License-Identifier: Apache-2.0
// Timeline: the edges of a replay as text, to read, to keep and to compare.
//
// One edge a line, `<seconds> <output> on|off`; what follows a `#` is for people and not compared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/clock.h"
#include "runtime/core/result.h"

namespace pinfer {

struct TimelineEdge {
  std::int64_t at_ms = 0;  // since the first frame
  std::string output;
  bool active = false;
  std::string comment;  // not compared

  [[nodiscard]] bool same_edge(const TimelineEdge& other) const {
    return at_ms == other.at_ms && output == other.output && active == other.active;
  }
};

using Timeline = std::vector<TimelineEdge>;

// "   1.240 gate on  # rule seven: 7 0.98 >= 0.70, 3 of 5 frames"
std::string edge_text(const TimelineEdge& edge);

// Errors name `name`, the line and what is wrong with it (code config).
Result<Timeline> parse_timeline(std::string_view text, const std::string& name);

// What differs, as a diff: lines that only `want` has begin with "-", those of `got` with "+".
// Empty when both say the same.
std::string timeline_diff(const Timeline& want, const Timeline& got);

}  // namespace pinfer
