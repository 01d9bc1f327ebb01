// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/score.h"

#include <gmock/gmock.h>

namespace pinfer {
namespace {

using testing::DoubleNear;

TEST(Classification, CountsFirstAndFifthPlace) {
  Classification score;
  const std::vector<float> values = {.1f, .9f, .2f, .3f, .4f, .5f, .05f};
  score.add(1, values);  // first
  score.add(2, values);  // fifth
  score.add(0, values);  // sixth
  score.add(9, values);  // no such class
  EXPECT_EQ(score.examples(), 4);
  EXPECT_DOUBLE_EQ(score.top1(), 0.25);
  EXPECT_DOUBLE_EQ(score.top5(), 0.5);
  EXPECT_EQ(score.confusion().at({2, 1}), 1);
}

TEST(Classification, PrefersTheLowerClassAmongEquals) {
  Classification score;
  score.add(0, std::vector<float>{.5f, .5f});
  score.add(1, std::vector<float>{.5f, .5f});
  EXPECT_DOUBLE_EQ(score.top1(), 0.5);
  EXPECT_EQ(score.confusion().at({1, 0}), 1);
}

TEST(Classification, IsZeroOfNothing) { EXPECT_DOUBLE_EQ(Classification{}.top1(), 0.0); }

const Box kLeft{0.0f, 0.0f, 0.4f, 1.0f};
const Box kRight{0.6f, 0.0f, 1.0f, 1.0f};

TEST(Detection, IsOneWhenEverythingIsFound) {
  Detection score;
  score.add(std::vector<TrueBox>{{1, kLeft, false}, {2, kRight, false}},
            std::vector<FoundBox>{{2, .8f, kRight}, {1, .9f, kLeft}});
  EXPECT_DOUBLE_EQ(score.map50(), 1.0);
  EXPECT_EQ(score.examples(), 1);
}

TEST(Detection, IsTheAreaUnderTheFallingPrecision) {
  Detection score;
  // By score: right, wrong, right. Recall 1/2 at precision 1, recall 1 at precision 2/3.
  score.add(std::vector<TrueBox>{{1, kLeft, false}, {1, kRight, false}},
            std::vector<FoundBox>{{1, .9f, kLeft}, {1, .8f, kLeft}, {1, .7f, kRight}});
  const double expected = 0.5 * 1.0 + 0.5 * (2.0 / 3.0);
  EXPECT_THAT(score.map50(), DoubleNear(expected, 1e-12));
}

TEST(Detection, NeedsHalfAnOverlap) {
  Detection score;
  const std::vector<TrueBox> objects = {{1, {0, 0, 1, 1}, false}};
  score.add(objects, std::vector<FoundBox>{{1, .9f, {0, 0, .49f, 1}}});
  EXPECT_DOUBLE_EQ(score.map50(), 0.0);
  Detection half;
  half.add(objects, std::vector<FoundBox>{{1, .9f, {0, 0, .5f, 1}}});
  EXPECT_DOUBLE_EQ(half.map50(), 1.0);
}

TEST(Detection, SortsOverAllPictures) {
  Detection score;
  // The wrong box of the second picture scores higher than the right one of the first.
  score.add(std::vector<TrueBox>{{1, kLeft, false}}, std::vector<FoundBox>{{1, .5f, kLeft}});
  score.add({}, std::vector<FoundBox>{{1, .9f, kLeft}});
  EXPECT_THAT(score.map50(), DoubleNear(0.5, 1e-12));
}

TEST(Detection, LetsCrowdsCountNeitherWay) {
  Detection score;
  score.add(std::vector<TrueBox>{{1, kRight, false}, {1, kLeft, true}},
            std::vector<FoundBox>{{1, .9f, {0.1f, 0.1f, 0.2f, 0.2f}}, {1, .8f, kRight}});
  EXPECT_DOUBLE_EQ(score.map50(), 1.0);
}

TEST(Detection, AveragesOverCategoriesThatHaveObjects) {
  Detection score;
  score.add(std::vector<TrueBox>{{1, kLeft, false}, {2, kRight, false}},
            std::vector<FoundBox>{{1, .9f, kLeft}, {3, .9f, kRight}});
  EXPECT_DOUBLE_EQ(score.map50(), 0.5);
  ASSERT_EQ(score.categories().size(), 2u);
}

}  // namespace
}  // namespace pinfer
