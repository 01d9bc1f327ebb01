// SPDX-License-Identifier: Apache-2.0
// What `pinfer gpio test` and `release-test` do with a line; the words are in gpio.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/pinfer/line_watch.h"
#include "drivers/output/output_spec.h"
#include "runtime/core/clock.h"
#include "runtime/core/result.h"

namespace pinfer {

struct BlinkOptions {
  int times = 3;
  Duration on = std::chrono::milliseconds(500);   // away from the safe level
  Duration off = std::chrono::milliseconds(500);  // back at it
};

struct BlinkStep {
  bool active = false;       // driven
  bool reads = false;        // what the driver reads
  std::optional<bool> wire;  // what is seen from outside
  [[nodiscard]] bool good() const { return reads == active && wire.value_or(active) == active; }
};

struct BlinkReport {
  std::vector<BlinkStep> steps;
  bool interrupted = false;
};

// Errors: those of LineOwner and LineWatch. The line is at its safe level afterwards, error or not.
Result<BlinkReport> blink(const OutputSpec& spec, const Board& board, const std::string& read_back,
                          const BlinkOptions& options);

struct ReleaseReport {
  bool seen = false;              // there was something to see it with
  std::string place;              // where it was seen
  std::optional<Duration> after;  // from the kill to the first safe level; nothing: never
  bool stays_safe = false;        // safe from then on until the end
  int changes = 0;                // level changes seen after the kill
  bool interrupted = false;
};

// Drives the output away from its safe level, kills the process that holds it, watches for `watch`
// and drives the safe level again.
Result<ReleaseReport> release(const OutputSpec& spec, const Board& board,
                              const std::string& read_back, Duration watch);

}  // namespace pinfer
