// SPDX-License-Identifier: Apache-2.0
// TILE, BROADCAST_TO, FILL, ZEROS_LIKE, space/batch, RANGE, BROADCAST_ARGS, ONE_HOT.
#include <gmock/gmock.h>

#include <limits>
#include <numeric>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using I32 = std::int32_t;

TEST(Tile, RepeatsInEveryDimension) {
  OneNode node("TILE");
  node.input<I32>({2, 2}, {1, 2, 3, 4}).known<I32>({2}, {2, 3}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{4, 6}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4,  //
                                              1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4));
}

TEST(Tile, MakesNothingOfZeroTimesAndRefusesLess) {
  OneNode none("TILE");
  none.input<I32>({2}, {1, 2}).known<I32>({1}, {0}).output<I32>();
  EXPECT_EQ(none.run(), Status::ok);
  EXPECT_EQ(none.shape(), (Shape{0}));
  OneNode negative("TILE");
  negative.input<I32>({2}, {1, 2}).known<I32>({1}, {-1}).output<I32>();
  EXPECT_THAT(negative.refusal(), HasSubstr("V7"));
  OneNode huge("TILE");
  huge.input<I32>({2}, {1, 2}).known<std::int64_t>({1}, {std::numeric_limits<std::int64_t>::max()});
  EXPECT_THAT(huge.output<I32>().refusal(), HasSubstr("V7"));
}

TEST(BroadcastTo, StretchesOnesAndAddsDimensions) {
  OneNode node("BROADCAST_TO");
  node.input<std::int8_t>({2, 1}, {5, 6}).known<I32>({3}, {2, 2, 3}).output<std::int8_t>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(5, 5, 5, 6, 6, 6, 5, 5, 5, 6, 6, 6));
  OneNode wrong("BROADCAST_TO");
  wrong.input<I32>({2}, {1, 2}).known<I32>({1}, {3}).output<I32>();
  EXPECT_THAT(wrong.refusal(), HasSubstr("V8"));
}

TEST(Fill, WritesOneValueEverywhere) {
  OneNode node("FILL");
  node.known<I32>({2}, {3, 5}).input<I32>({}, {-70000}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{3, 5}));
  EXPECT_THAT(node.result<I32>(), Each(-70000));
  OneNode negative("FILL");
  negative.known<I32>({1}, {-3}).input<I32>({}, {1}).output<I32>();
  EXPECT_THAT(negative.refusal(), HasSubstr("V4"));
}

TEST(ZerosLike, HasTheShapeOfItsInput) {
  OneNode node("ZEROS_LIKE");
  node.input<float>({3}, {1, 2, 3}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(0, 0, 0));
}

TEST(SpaceToBatch, GivesEachPhaseAnImage) {
  OneNode node("SPACE_TO_BATCH_ND");
  node.input<I32>({1, 2, 3, 1}, {1, 2, 3, 4, 5, 6});
  node.known<I32>({2}, {2, 2}).known<I32>({2, 2}, {0, 0, 1, 0}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{4, 1, 2, 1}));
  // Padded: 0 1 2 3 / 0 4 5 6.
  EXPECT_THAT(node.result<I32>(), ElementsAre(0, 2, 1, 3, 0, 5, 4, 6));
}

TEST(SpaceToBatch, PadsQuantizedTensorsWithTheZeroPoint) {
  OneNode node("SPACE_TO_BATCH_ND");
  node.input<std::int8_t>({1, 1, 1, 1}, {9}, OneNode::quant(1, -5));
  node.known<I32>({2}, {1, 2}).known<I32>({2, 2}, {0, 0, 1, 2});
  node.output<std::int8_t>(OneNode::quant(1, -5));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(-5, -5, 9, -5));
}

TEST(BatchToSpace, UndoesSpaceToBatchWithCrops) {
  std::vector<I32> in(2 * 5 * 4 * 3);
  std::iota(in.begin(), in.end(), 1);
  const std::vector<I32> block{3, 2}, border{1, 3, 2, 0};
  OneNode to("SPACE_TO_BATCH_ND");
  to.input<I32>({2, 5, 4, 3}, in).known<I32>({2}, block).known<I32>({2, 2}, border).output<I32>();
  ASSERT_EQ(to.run(), Status::ok);
  EXPECT_EQ(to.shape(), (Shape{12, 3, 3, 3}));
  OneNode back("BATCH_TO_SPACE_ND");
  back.input<I32>(to.shape(), to.result<I32>()).known<I32>({2}, block).known<I32>({2, 2}, border);
  back.output<I32>();
  ASSERT_EQ(back.run(), Status::ok);
  EXPECT_EQ(back.shape(), (Shape{2, 5, 4, 3}));
  EXPECT_THAT(back.result<I32>(), ElementsAreArray(in));
}

TEST(SpaceToBatch, RefusesBlocksThatDoNotDivide) {
  for (const I32 block : {0, -1, 2, 100000}) {
    OneNode to("SPACE_TO_BATCH_ND");
    to.input<I32>({1, 3, 1}, {1, 2, 3}).known<I32>({1}, {block}).known<I32>({1, 2}, {0, 0});
    EXPECT_THAT(to.output<I32>().refusal(), HasSubstr("V5"));
    OneNode back("BATCH_TO_SPACE_ND");
    back.input<I32>({3, 1, 1}, {1, 2, 3}).known<I32>({1}, {block}).known<I32>({1, 2}, {0, 0});
    EXPECT_THAT(back.output<I32>().refusal(), HasSubstr("V5"));
  }
}

TEST(Range, CountsUpAndDown) {
  OneNode up("RANGE");
  up.known<I32>({}, {1}).known<I32>({}, {8}).known<I32>({}, {3}).output<I32>();
  EXPECT_EQ(up.run(), Status::ok);
  EXPECT_THAT(up.result<I32>(), ElementsAre(1, 4, 7));
  OneNode down("RANGE");
  down.known<float>({}, {1}).known<float>({}, {0}).known<float>({}, {-0.4f}).output<float>();
  EXPECT_EQ(down.run(), Status::ok);
  EXPECT_THAT(down.result<float>(), ElementsAre(1.0f, 1.0f - 0.4f, 1.0f - 0.4f - 0.4f));
}

TEST(Range, RefusesToRunForever) {
  const auto refusal = [](I32 start, I32 limit, I32 delta) {
    OneNode node("RANGE");
    node.known<I32>({}, {start}).known<I32>({}, {limit}).known<I32>({}, {delta});
    return node.output<I32>().refusal();
  };
  EXPECT_THAT(refusal(0, 5, 0), HasSubstr("V5"));
  EXPECT_THAT(refusal(0, 5, -1), HasSubstr("V5"));
  EXPECT_THAT(refusal(5, 0, 1), HasSubstr("V5"));
  EXPECT_THAT(refusal(-2147483647, 2147483647, 1), HasSubstr("V4"));
}

TEST(BroadcastArgs, GivesTheCommonShape) {
  OneNode node("BROADCAST_ARGS");
  node.known<std::int64_t>({3}, {2, 1, 4}).known<std::int64_t>({2}, {3, 1}).output<std::int64_t>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int64_t>(), ElementsAre(2, 3, 4));
}

TEST(OneHot, PutsTheNewDimensionWhereItIsTold) {
  OneNode last("ONE_HOT", OneHotParams{.axis = -1});
  last.input<I32>({2}, {2, 7}).known<I32>({}, {3}).known<float>({}, {1}).known<float>({}, {-1});
  last.output<float>();
  EXPECT_EQ(last.run(), Status::ok);
  EXPECT_EQ(last.shape(), (Shape{2, 3}));
  EXPECT_THAT(last.result<float>(), ElementsAre(-1, -1, 1, -1, -1, -1));
  OneNode first("ONE_HOT", OneHotParams{.axis = 0});
  first.input<I32>({2}, {1, 0}).known<I32>({}, {2}).known<float>({}, {1}).known<float>({}, {0});
  first.output<float>();
  EXPECT_EQ(first.run(), Status::ok);
  EXPECT_THAT(first.result<float>(), ElementsAre(0, 1, 1, 0));
}

}  // namespace
}  // namespace pinfer
