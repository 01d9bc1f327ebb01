// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/zones.h"

namespace pinfer {

bool contains(std::span<const Point> polygon, Point point) noexcept {
  bool inside = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    if ((polygon[i].y > point.y) == (polygon[j].y > point.y)) continue;
    // always from the upper end: the crossing of a shared edge is the same number for both zones
    const bool down = polygon[i].y < polygon[j].y;
    const Point a = down ? polygon[i] : polygon[j];
    const Point b = down ? polygon[j] : polygon[i];
    const double crossing = (static_cast<double>(b.x) - a.x) *
                                (static_cast<double>(point.y) - a.y) /
                                (static_cast<double>(b.y) - a.y) +
                            a.x;
    if (point.x < crossing) inside = !inside;
  }
  return inside;
}

}  // namespace pinfer
