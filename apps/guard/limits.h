// SPDX-License-Identifier: Apache-2.0
// LineLimits: what a line may do, whatever its client wants. LineSpec: a line with its limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "drivers/output/output_spec.h"
#include "runtime/core/clock.h"

namespace pinfer {

inline constexpr Duration kMaxLimit = std::chrono::hours(24);
inline constexpr std::uint32_t kMaxEdges = 32;
inline constexpr std::size_t kMaxInterlocks = 32;  // groups in one client's table

// "On" is away from the safe level here; lines that are safe when active have no limits. 0: none.
struct LineLimits {
  Duration min_on{};            // an ordinary end waits until then; a fault never does
  Duration min_off{};           // off at least so long
  Duration max_on{};            // on at most so long
  Duration cool_down{};         // off so long after max_on; 0: until nobody wants it on
  Duration duty_on{};           // on at most so much ...
  Duration duty_window{};       // ... of any time this long
  Duration edge_window{};       // in any time this long ...
  std::uint32_t max_edges = 0;  // ... at most so many level changes, 2 to kMaxEdges
  std::uint32_t interlocks =
      0;                 // bit n: in group n of its client's table; one of a group at a time
  Duration dead_time{};  // off at least so long after the others of its groups

  friend bool operator==(const LineLimits&, const LineLimits&) = default;
};

struct LineSpec : OutputSpec {
  LineLimits limits;

  friend bool operator==(const LineSpec&, const LineSpec&) = default;
};

// Why a line cannot have such limits; empty when it can.
std::string_view limits_fault(const LineSpec& spec) noexcept;

}  // namespace pinfer
