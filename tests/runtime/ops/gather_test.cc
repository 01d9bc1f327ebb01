// SPDX-License-Identifier: Apache-2.0
// Operators that read or write where run-time indices say: GATHER, EMBEDDING_LOOKUP, GATHER_ND,
// SCATTER_ND, DYNAMIC_UPDATE_SLICE.
#include <gmock/gmock.h>

#include <limits>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using I32 = std::int32_t;

TEST(Gather, PicksRowsAlongAnAxis) {
  OneNode rows("GATHER", GatherParams{.axis = 0});
  rows.input<I32>({3, 2}, {1, 2, 3, 4, 5, 6}).input<std::int64_t>({2}, {2, 0}).output<I32>();
  EXPECT_EQ(rows.run(), Status::ok);
  EXPECT_THAT(rows.result<I32>(), ElementsAre(5, 6, 1, 2));
  OneNode columns("GATHER", GatherParams{.axis = -1});
  columns.input<I32>({3, 2}, {1, 2, 3, 4, 5, 6}).input<I32>({}, {1}).output<I32>();
  EXPECT_EQ(columns.run(), Status::ok);
  EXPECT_EQ(columns.shape(), (Shape{3}));
  EXPECT_THAT(columns.result<I32>(), ElementsAre(2, 4, 6));
}

TEST(Gather, PicksInEachBatchByItsOwnIndices) {
  OneNode node("GATHER", GatherParams{.axis = 1, .batch_dims = 1});
  node.input<std::int8_t>({2, 3}, {1, 2, 3, 4, 5, 6}).input<I32>({2, 2}, {2, 0, 1, 1});
  node.output<std::int8_t>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 2}));
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(3, 1, 5, 5));
}

TEST(Gather, RefusesIndicesOutsideAtLoadAndAtRunTime) {
  for (const I32 index : {-1, 3, std::numeric_limits<I32>::min()}) {
    OneNode known("GATHER", GatherParams{.axis = 0});
    known.input<I32>({3}, {1, 2, 3}).known<I32>({1}, {index}).output<I32>();
    EXPECT_THAT(known.refusal(), HasSubstr("V7"));
    OneNode late("GATHER", GatherParams{.axis = 0});
    late.input<I32>({3}, {1, 2, 3}).input<I32>({1}, {index}).output<I32>();
    EXPECT_EQ(late.run(), Status::bad_index);
  }
  OneNode axis("GATHER", GatherParams{.axis = 0, .batch_dims = 1});
  axis.input<I32>({3}, {1, 2, 3}).input<I32>({3}, {0, 0, 0}).output<I32>();
  EXPECT_THAT(axis.refusal(), HasSubstr("V6"));
}

TEST(EmbeddingLookup, PicksRowsOfATable) {
  OneNode node("EMBEDDING_LOOKUP");
  node.input<I32>({2}, {1, 1}).input<float>({2, 2}, {1, 2, 3, 4}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(3, 4, 3, 4));
  OneNode outside("EMBEDDING_LOOKUP");
  outside.input<I32>({1}, {2}).input<float>({2, 2}, {1, 2, 3, 4}).output<float>();
  EXPECT_EQ(outside.run(), Status::bad_index);
}

TEST(GatherNd, PicksSlicesByTuples) {
  OneNode node("GATHER_ND");
  node.input<I32>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}).input<I32>({2, 2}, {1, 0, 0, 1});
  node.output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 2}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(4, 5, 2, 3));
}

TEST(GatherNd, RefusesTuplesOutside) {
  OneNode late("GATHER_ND");
  late.input<I32>({2, 2}, {0, 1, 2, 3}).input<I32>({1, 2}, {1, 2}).output<I32>();
  EXPECT_EQ(late.run(), Status::bad_index);
  OneNode deep("GATHER_ND");
  deep.input<I32>({2}, {0, 1}).input<I32>({1, 2}, {1, 1}).output<I32>();
  EXPECT_THAT(deep.refusal(), HasSubstr("V8"));
}

TEST(ScatterNd, AddsUpSlicesThatAreNamedTwice) {
  OneNode node("SCATTER_ND");
  node.input<I32>({3, 1}, {2, 0, 2}).input<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  node.known<I32>({2}, {4, 2}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(3, 4, 0, 0, 6, 8, 0, 0));
}

TEST(ScatterNd, RefusesIndicesAndUpdatesThatDoNotFit) {
  OneNode late("SCATTER_ND");
  late.input<I32>({1, 1}, {4}).input<I32>({1}, {1}).known<I32>({1}, {4}).output<I32>();
  EXPECT_EQ(late.run(), Status::bad_index);
  OneNode updates("SCATTER_ND");
  updates.input<I32>({2, 1}, {0, 1}).input<I32>({3}, {1, 2, 3}).known<I32>({1}, {4}).output<I32>();
  EXPECT_THAT(updates.refusal(), HasSubstr("V8"));
}

TEST(DynamicUpdateSlice, ReplacesAPartAndKeepsItInside) {
  const auto run = [](std::vector<I32> start) {
    OneNode node("DYNAMIC_UPDATE_SLICE");
    node.input<I32>({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}).input<I32>({2, 1}, {-1, -2});
    node.input<I32>({2}, std::move(start)).output<I32>();
    EXPECT_EQ(node.run(), Status::ok);
    return node.result<I32>();
  };
  EXPECT_THAT(run({1, 1}), ElementsAre(1, 2, 3, 4, -1, 6, 7, -2, 9));
  EXPECT_THAT(run({5, -5}), ElementsAre(1, 2, 3, -1, 5, 6, -2, 8, 9));
}

TEST(DynamicUpdateSlice, RefusesAnUpdateThatIsTooLarge) {
  OneNode node("DYNAMIC_UPDATE_SLICE");
  node.input<I32>({2}, {1, 2}).input<I32>({3}, {1, 2, 3}).input<I32>({1}, {0}).output<I32>();
  EXPECT_THAT(node.refusal(), HasSubstr("V8"));
}

}  // namespace
}  // namespace pinfer
