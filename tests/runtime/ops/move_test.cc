// SPDX-License-Identifier: Apache-2.0
// Operators that only move bytes, against values worked out by hand and by naive loops.
#include <gmock/gmock.h>

#include <numeric>
#include <random>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using I32 = std::int32_t;

template <class T>
std::vector<T> counting(std::size_t count, int first = 0) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), static_cast<T>(first));
  return values;
}

TEST(Concatenation, PutsTensorsSideBySideAlongAnyAxis) {
  OneNode node("CONCATENATION", ConcatenationParams{.axis = -1});
  node.input<I32>({2, 2}, {1, 2, 3, 4}).input<I32>({2, 1}, {5, 6}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 3}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(1, 2, 5, 3, 4, 6));
}

TEST(Concatenation, RequantizesEightBitInputsToTheOutput) {
  OneNode node("CONCATENATION", ConcatenationParams{.axis = 0});
  // Input 1: real = 0.5 * (q - 10); output: real = 1 * (q - 20).
  node.input<std::uint8_t>({3}, {0, 128, 255}, OneNode::quant(1.0f, 20))
      .input<std::uint8_t>({5}, {10, 11, 13, 0, 255}, OneNode::quant(0.5f, 10))
      .output<std::uint8_t>(OneNode::quant(1.0f, 20));
  EXPECT_EQ(node.run(), Status::ok);
  // 0.5 and 1.5 are halves: away from zero; -5 + 20 = 15; 122.5 -> 123.
  EXPECT_THAT(node.result<std::uint8_t>(), ElementsAre(0, 128, 255, 20, 21, 22, 15, 143));
}

TEST(Concatenation, SaturatesWhenTheOutputIsFiner) {
  OneNode node("CONCATENATION", ConcatenationParams{.axis = 0});
  node.input<std::int8_t>({3}, {-128, 0, 127}, OneNode::quant(4.0f, 0))
      .output<std::int8_t>(OneNode::quant(1.0f, 0));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(-128, 0, 127));
}

TEST(Concatenation, RefusesWhatDoesNotFit) {
  OneNode shapes("CONCATENATION", ConcatenationParams{.axis = 0});
  shapes.input<I32>({1, 2}, {1, 2}).input<I32>({1, 3}, {1, 2, 3}).output<I32>();
  EXPECT_THAT(shapes.refusal(), HasSubstr("V8"));
  OneNode axis("CONCATENATION", ConcatenationParams{.axis = 2});
  axis.input<I32>({1, 2}, {1, 2}).output<I32>();
  EXPECT_THAT(axis.refusal(), HasSubstr("V6"));
  OneNode absent("CONCATENATION", ConcatenationParams{.axis = 0});
  absent.input<I32>({1}, {1}).absent().output<I32>();
  EXPECT_THAT(absent.refusal(), HasSubstr("V2"));
}

TEST(Pack, MakesANewDimensionWhereItIsTold) {
  OneNode node("PACK", PackParams{.count = 2, .axis = 1});
  node.input<float>({2}, {1, 2}).input<float>({2}, {3, 4}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 2}));
  EXPECT_THAT(node.result<float>(), ElementsAre(1, 3, 2, 4));
}

TEST(Pack, PacksScalars) {
  OneNode node("PACK", PackParams{.count = 3, .axis = 0});
  node.input<I32>({}, {7}).input<I32>({}, {8}).input<I32>({}, {9}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(7, 8, 9));
}

TEST(Split, CutsIntoEqualParts) {
  OneNode node("SPLIT", SplitParams{.num_splits = 2});
  node.known<I32>({}, {1}).input<I32>({2, 4}, counting<I32>(8)).output<I32>().output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(0), ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(node.result<I32>(1), ElementsAre(2, 3, 6, 7));
}

TEST(Split, RefusesZeroPartsAndUnevenOnes) {
  OneNode zero("SPLIT", SplitParams{.num_splits = 0});
  zero.known<I32>({}, {0}).input<I32>({4}, counting<I32>(4)).output<I32>();
  EXPECT_THAT(zero.refusal(), HasSubstr("V5"));
  OneNode uneven("SPLIT", SplitParams{.num_splits = 3});
  uneven.known<I32>({}, {0}).input<I32>({4}, counting<I32>(4));
  uneven.output<I32>().output<I32>().output<I32>();
  EXPECT_THAT(uneven.refusal(), HasSubstr("V5"));
}

TEST(SplitV, TakesTheRestForMinusOne) {
  OneNode node("SPLIT_V", SplitParams{.num_splits = 3});
  node.input<I32>({6}, counting<I32>(6)).known<I32>({3}, {1, -1, 2}).known<I32>({}, {-1});
  node.output<I32>().output<I32>().output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(0), ElementsAre(0));
  EXPECT_THAT(node.result<I32>(1), ElementsAre(1, 2, 3));
  EXPECT_THAT(node.result<I32>(2), ElementsAre(4, 5));
}

TEST(SplitV, RefusesSizesThatDoNotAddUp) {
  for (const auto& sizes : std::vector<std::vector<I32>>{{1, 2}, {-1, -1}, {7, -1}, {-2, 8}}) {
    OneNode node("SPLIT_V", SplitParams{.num_splits = 2});
    node.input<I32>({6}, counting<I32>(6)).known<I32>({2}, sizes).known<I32>({}, {0});
    node.output<I32>().output<I32>();
    EXPECT_NE(node.refusal(), "");
  }
}

TEST(Unpack, TakesADimensionApart) {
  OneNode node("UNPACK", UnpackParams{.count = 2, .axis = 1});
  node.input<I32>({3, 2}, counting<I32>(6)).output<I32>().output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(0), (Shape{3}));
  EXPECT_THAT(node.result<I32>(0), ElementsAre(0, 2, 4));
  EXPECT_THAT(node.result<I32>(1), ElementsAre(1, 3, 5));
}

TEST(Slice, TakesAPartAndTheRestForMinusOne) {
  OneNode node("SLICE");
  node.input<I32>({3, 4}, counting<I32>(12)).known<I32>({2}, {1, 2}).known<I32>({2}, {-1, 1});
  node.output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(6, 10));
}

TEST(Slice, RefusesToReadOutside) {
  const auto refuses = [](I32 begin, I32 size) {
    OneNode node("SLICE");
    node.input<I32>({4}, counting<I32>(4)).known<I32>({1}, {begin}).known<I32>({1}, {size});
    return node.output<I32>().refusal();
  };
  EXPECT_EQ(refuses(4, 0), "");
  EXPECT_THAT(refuses(-1, 2), HasSubstr("V7"));
  EXPECT_THAT(refuses(3, 2), HasSubstr("V7"));
  EXPECT_THAT(refuses(5, -1), HasSubstr("V7"));
  EXPECT_THAT(refuses(0, -2), HasSubstr("V7"));
  EXPECT_THAT(refuses(1, 0x7fffffff), HasSubstr("V7"));
}

TEST(Transpose, EqualsANaiveLoopForEveryElementSize) {
  std::mt19937 random(7);
  const Shape shape{2, 3, 4, 5};
  std::vector<std::int64_t> in(120);
  for (auto& value : in) value = static_cast<std::int64_t>(random());
  std::vector<I32> order{0, 1, 2, 3};
  do {
    OneNode wide("TRANSPOSE"), narrow("TRANSPOSE");
    std::vector<std::int8_t> bytes(in.begin(), in.end());
    wide.input<std::int64_t>(shape, in).known<I32>({4}, order).output<std::int64_t>();
    narrow.input<std::int8_t>(shape, bytes).known<I32>({4}, order).output<std::int8_t>();
    ASSERT_EQ(wide.run(), Status::ok);
    ASSERT_EQ(narrow.run(), Status::ok);
    std::vector<std::int64_t> expected;
    std::array<int, 4> at{};
    const auto dim = [&](int i) {
      return shape[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])];
    };
    for (at[0] = 0; at[0] < dim(0); ++at[0])
      for (at[1] = 0; at[1] < dim(1); ++at[1])
        for (at[2] = 0; at[2] < dim(2); ++at[2])
          for (at[3] = 0; at[3] < dim(3); ++at[3]) {
            std::array<int, 4> from{};
            for (std::size_t i = 0; i < 4; ++i) from[static_cast<std::size_t>(order[i])] = at[i];
            expected.push_back(in[static_cast<std::size_t>(
                ((from[0] * 3 + from[1]) * 4 + from[2]) * 5 + from[3])]);
          }
    EXPECT_EQ(wide.result<std::int64_t>(), expected);
    EXPECT_EQ(narrow.result<std::int8_t>(),
              std::vector<std::int8_t>(expected.begin(), expected.end()));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Transpose, GivesTheSameOnManyThreads) {
  const Shape shape{64, 48, 40};
  OneNode one("TRANSPOSE"), four("TRANSPOSE", {}, 4);
  for (OneNode* node : {&one, &four}) {
    node->input<I32>(shape, counting<I32>(64 * 48 * 40)).known<I32>({3}, {2, 0, 1}).output<I32>();
    ASSERT_EQ(node->run(), Status::ok);
  }
  EXPECT_EQ(one.result<I32>(), four.result<I32>());
}

TEST(Transpose, RefusesWhatIsNoPermutation) {
  for (const auto& order : std::vector<std::vector<I32>>{{0, 0}, {0, 2}, {0}, {0, 100000}}) {
    OneNode node("TRANSPOSE");
    node.input<I32>({2, 2}, counting<I32>(4))
        .known<I32>({static_cast<I32>(order.size())}, order)
        .output<I32>();
    EXPECT_THAT(node.refusal(), HasSubstr("V6"));
  }
}

TEST(DepthToSpace, TurnsChannelsIntoPixelsAndBack) {
  OneNode node("DEPTH_TO_SPACE", DepthSpaceParams{.block_size = 2});
  node.input<I32>({1, 1, 2, 4}, {0, 1, 2, 3, 4, 5, 6, 7}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 2, 4, 1}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(0, 1, 4, 5, 2, 3, 6, 7));
  OneNode back("SPACE_TO_DEPTH", DepthSpaceParams{.block_size = 2});
  back.input<I32>({1, 2, 4, 1}, node.result<I32>()).output<I32>();
  EXPECT_EQ(back.run(), Status::ok);
  EXPECT_THAT(back.result<I32>(), ElementsAreArray(counting<I32>(8)));
}

TEST(DepthToSpace, KeepsTheChannelsOfAPixelTogether) {
  OneNode node("DEPTH_TO_SPACE", DepthSpaceParams{.block_size = 2});
  node.input<I32>({1, 1, 1, 8}, counting<I32>(8)).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 2, 2, 2}));
  EXPECT_THAT(node.result<I32>(), ElementsAreArray(counting<I32>(8)));
}

TEST(DepthToSpace, RefusesBlocksThatDoNotDivide) {
  for (const I32 block : {0, -1, 3, 0x7fffffff}) {
    OneNode deep("DEPTH_TO_SPACE", DepthSpaceParams{.block_size = block});
    EXPECT_THAT(deep.input<I32>({1, 1, 1, 4}, counting<I32>(4)).output<I32>().refusal(),
                HasSubstr("V5"));
    OneNode wide("SPACE_TO_DEPTH", DepthSpaceParams{.block_size = block});
    EXPECT_THAT(wide.input<I32>({1, 2, 2, 1}, counting<I32>(4)).output<I32>().refusal(),
                HasSubstr("V5"));
  }
}

TEST(ReverseV2, TurnsAxesAround) {
  OneNode node("REVERSE_V2");
  node.input<I32>({2, 3}, counting<I32>(6)).known<I32>({2}, {1, -2}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(5, 4, 3, 2, 1, 0));
}

TEST(Squeeze, DropsOnesAndExpandDimsAddsThem) {
  OneNode all("SQUEEZE", SqueezeParams{});
  all.input<I32>({1, 2, 1, 3}, counting<I32>(6)).output<I32>();
  EXPECT_EQ(all.run(), Status::ok);
  EXPECT_EQ(all.shape(), (Shape{2, 3}));
  EXPECT_THAT(all.result<I32>(), ElementsAreArray(counting<I32>(6)));
  OneNode one("SQUEEZE", SqueezeParams{.dims = {-2}});
  one.input<I32>({1, 2, 1, 3}, counting<I32>(6)).output<I32>();
  EXPECT_EQ(one.run(), Status::ok);
  EXPECT_EQ(one.shape(), (Shape{1, 2, 3}));
  OneNode expand("EXPAND_DIMS");
  expand.input<I32>({2, 3}, counting<I32>(6)).known<I32>({}, {-1}).output<I32>();
  EXPECT_EQ(expand.run(), Status::ok);
  EXPECT_EQ(expand.shape(), (Shape{2, 3, 1}));
  OneNode wrong("SQUEEZE", SqueezeParams{.dims = {1}});
  EXPECT_THAT(wrong.input<I32>({1, 2}, {1, 2}).output<I32>().refusal(), HasSubstr("V14"));
}

TEST(Shape, GivesShapeAndRankInTheWantedType) {
  OneNode node("SHAPE", ShapeOpParams{.int64_output = true});
  node.input<float>({2, 3}, counting<float>(6)).output<std::int64_t>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int64_t>(), ElementsAre(2, 3));
  OneNode rank("RANK");
  rank.input<float>({2, 3}, counting<float>(6)).output<I32>();
  EXPECT_EQ(rank.run(), Status::ok);
  EXPECT_THAT(rank.result<I32>(), ElementsAre(2));
}

}  // namespace
}  // namespace pinfer
