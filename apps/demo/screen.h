// SPDX-License-Identifier: Apache-2.0
// Screen: one moment of the demo as text for a terminal, or as one line for a log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/camera/frame_source.h"
#include "runtime/core/clock.h"

namespace pinfer {

struct ScoredLabel {
  std::string label;
  float score = 0.0f;
};

struct Lamp {
  std::string name;
  bool active = false;
  std::uint64_t edges = 0;
};

struct Moment {
  Frame picture;  // may be empty
  std::vector<ScoredLabel> predictions;
  std::vector<Lamp> lamps;
  Duration elapsed{};
  std::uint64_t frames = 0;
  std::uint64_t dropped = 0;
  Duration inference{};        // of the newest frame
  Duration capture_to_edge{};  // median so far; 0: no edge yet
};

// The picture in half blocks beside predictions, lamps and figures; starts with "cursor home", so
// that the next moment is drawn over it. Every line ends in CR LF: the terminal may be raw.
std::string draw_screen(const Moment& moment, bool color);

// "12.0 s: 300 frames, 0 dropped, 7 98 %, on: gate".
std::string progress_line(const Moment& moment);

}  // namespace pinfer
