// SPDX-License-Identifier: Apache-2.0
// Verdict: whether the lines did what the rules say about what was shown.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "apps/demo/clip.h"
#include "apps/pipeline/config.h"

namespace pinfer {

// One level change of a line, on the clock of the clip.
struct Edge {
  std::size_t output = 0;  // index into Config::outputs
  bool active = false;
  Duration at{};  // since the first frame

  friend bool operator==(const Edge&, const Edge&) = default;
};

struct Verdict {
  std::size_t expected = 0;  // (showing, output) pairs that had to switch
  std::size_t met = 0;
  std::vector<std::string> complaints;  // one sentence each; empty: all is well

  [[nodiscard]] bool good() const noexcept { return complaints.empty(); }
};

// The outputs that a label must switch: those with a rule that names it outside of `not`.
std::vector<std::size_t> outputs_for(const Config& config, const std::string& label);

// - A showing of at least a second switches each of its outputs on once, not before it comes into
//   sight and at the latest when it has left it, and off again before the next one of that output.
// - No output goes on for anything else.
// - What is in sight when the run ends, and shorter showings, may switch or not.
Verdict judge(const Config& config, std::span<const Showing> showings, std::span<const Edge> edges,
              Duration ran_for);

}  // namespace pinfer
