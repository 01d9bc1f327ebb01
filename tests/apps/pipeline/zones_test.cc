// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/zones.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace pinfer {
namespace {

const std::vector<Point> kSquare = {{0.2f, 0.2f}, {0.8f, 0.2f}, {0.8f, 0.8f}, {0.2f, 0.8f}};
// A "U" open at the top.
const std::vector<Point> kHollow = {{0.0f, 0.0f}, {0.3f, 0.0f}, {0.3f, 0.7f}, {0.7f, 0.7f},
                                    {0.7f, 0.0f}, {1.0f, 0.0f}, {1.0f, 1.0f}, {0.0f, 1.0f}};

TEST(Zones, ContainWhatIsInside) {
  EXPECT_TRUE(contains(kSquare, {0.5f, 0.5f}));
  EXPECT_FALSE(contains(kSquare, {0.1f, 0.5f}));
  EXPECT_FALSE(contains(kSquare, {0.5f, 0.9f}));
}

TEST(Zones, MayBeHollow) {
  EXPECT_TRUE(contains(kHollow, {0.1f, 0.1f}));
  EXPECT_TRUE(contains(kHollow, {0.9f, 0.1f}));
  EXPECT_FALSE(contains(kHollow, {0.5f, 0.3f}));
  EXPECT_TRUE(contains(kHollow, {0.5f, 0.8f}));
}

TEST(Zones, OwnTheirLeftAndTopEdge) {
  EXPECT_TRUE(contains(kSquare, {0.2f, 0.5f}));
  EXPECT_TRUE(contains(kSquare, {0.5f, 0.2f}));
  EXPECT_FALSE(contains(kSquare, {0.8f, 0.5f}));
  EXPECT_FALSE(contains(kSquare, {0.5f, 0.8f}));
}

TEST(Zones, ContainNothingWithoutCorners) {
  EXPECT_FALSE(contains({}, {0.5f, 0.5f}));
  EXPECT_FALSE(contains(std::vector<Point>{{0.5f, 0.5f}}, {0.5f, 0.5f}));
}

TEST(Zones, OfTheWholePictureContainEveryBox) {
  const std::vector<Point> whole = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  for (const Box box : {Box{0, 0, 1, 1}, Box{1, 1, 1, 1}, Box{0, 0, 0, 0}, Box{0.9f, 0.9f, 1, 1}}) {
    EXPECT_TRUE(contains(whole, anchor_point(box, BoxAnchor::center)));
    EXPECT_TRUE(contains(whole, anchor_point(box, BoxAnchor::bottom)));
  }
}

TEST(Zones, TakeTheMiddleOrTheFootOfABox) {
  const Box box{0.2f, 0.1f, 0.6f, 0.5f};
  EXPECT_EQ(anchor_point(box, BoxAnchor::center), (Point{0.4f, 0.3f}));
  EXPECT_EQ(anchor_point(box, BoxAnchor::bottom), (Point{0.4f, 0.5f}));
}

float fraction() { return static_cast<float>(*rc::gen::inRange(0, 65536)) / 65536.0f; }

// A picture cut in two by a line is covered once everywhere.
RC_GTEST_PROP(ZoneEdges, BelongToOneOfTwoNeighbours, ()) {
  const float top = fraction();
  const float bottom = fraction();
  const std::vector<Point> left = {{0, 0}, {top, 0}, {bottom, 1}, {0, 1}};
  const std::vector<Point> right = {{top, 0}, {1, 0}, {1, 1}, {bottom, 1}};
  const float y = fraction();
  const Point anywhere{fraction(), y};
  const Point on_the_line{top + (bottom - top) * y, y};
  for (const Point point : {anywhere, on_the_line}) {
    if (point.x >= 1.0f) continue;
    RC_ASSERT(contains(left, point) != contains(right, point));
  }
}

RC_GTEST_PROP(ZoneEdges, DoNotDependOnWhereThePolygonStarts, ()) {
  std::vector<Point> polygon = kHollow;
  const Point point{fraction(), fraction()};
  const bool inside = contains(polygon, point);
  std::rotate(polygon.begin(), polygon.begin() + *rc::gen::inRange(0, 8), polygon.end());
  RC_ASSERT(contains(polygon, point) == inside);
  std::reverse(polygon.begin(), polygon.end());
  RC_ASSERT(contains(polygon, point) == inside);
}

}  // namespace
}  // namespace pinfer
