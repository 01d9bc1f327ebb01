// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/limits.h"

#include <algorithm>
#include <array>

namespace pinfer {

std::string_view limits_fault(const LineSpec& spec) noexcept {
  const LineLimits& limits = spec.limits;
  constexpr Duration kNone = Duration::zero();
  if (spec.safe_active && limits != LineLimits{}) return "limits need a line that is safe when off";
  const std::array times{limits.min_on,  limits.min_off,     limits.max_on,      limits.cool_down,
                         limits.duty_on, limits.duty_window, limits.edge_window, limits.dead_time};
  for (const Duration time : times)
    if (time < kNone || time > kMaxLimit) return "a limit is a time of 0 to 24 hours";
  if (limits.max_on == kNone && limits.cool_down != kNone) return "cool_down needs max_on";
  if (limits.max_on != kNone && limits.min_on > limits.max_on) return "min_on is above max_on";
  if ((limits.duty_on == kNone) != (limits.duty_window == kNone) ||
      limits.duty_on > limits.duty_window)
    return "a duty limit is a part of a time";
  if (limits.duty_on != kNone && limits.min_on > limits.duty_on) return "min_on is above the duty";
  if ((limits.max_edges == 0) != (limits.edge_window == kNone) || limits.max_edges == 1 ||
      limits.max_edges > kMaxEdges)
    return "a rate limit is 2 to 32 level changes in a time";
  if (limits.interlocks == 0 && limits.dead_time != kNone) return "dead_time needs an interlock";
  return {};
}

}  // namespace pinfer
