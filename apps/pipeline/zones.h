// SPDX-License-Identifier: Apache-2.0
// Zones: is a box inside a polygon of the picture.
#pragma once

#include <algorithm>
#include <span>

#include "apps/pipeline/config.h"
#include "apps/pipeline/prediction.h"

namespace pinfer {

inline constexpr std::size_t kMaxZoneCorners = 64;

// Even-odd rule; the polygon closes by itself. Points on the left and top edges are inside, on the
// right and bottom edges outside, so that a point belongs to one of two zones that share an edge.
bool contains(std::span<const Point> polygon, Point point) noexcept;

// The point of a box that decides where the thing is: its middle, or where it stands. Kept off the
// right and bottom edge of the picture: what stands on the edge is inside a zone that reaches it.
constexpr Point anchor_point(const Box& box, BoxAnchor anchor) noexcept {
  constexpr float kLast = 0x1.fffffep-1f;  // the largest float below 1
  const float y = anchor == BoxAnchor::bottom ? box.bottom : (box.top + box.bottom) / 2;
  return {std::min((box.left + box.right) / 2, kLast), std::min(y, kLast)};
}

}  // namespace pinfer
