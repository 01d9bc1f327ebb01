// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <numeric>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using I32 = std::int32_t;

struct Spec {
  std::vector<I32> begin, end, stride;
};

OneNode slice_of(const Shape& shape, const Spec& spec, StridedSliceParams params = {}) {
  std::vector<I32> values(static_cast<std::size_t>(elements(shape)));
  std::iota(values.begin(), values.end(), 0);
  OneNode node("STRIDED_SLICE", params);
  const Shape count{static_cast<I32>(spec.begin.size())};
  node.input<I32>(shape, values)
      .known<I32>(count, spec.begin)
      .known<I32>({static_cast<I32>(spec.end.size())}, spec.end)
      .known<I32>(count, spec.stride)
      .output<I32>();
  return node;
}

TEST(StridedSlice, TakesEveryStepthElement) {
  OneNode node = slice_of({10}, {{1}, {8}, {3}});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(1, 4, 7));
}

TEST(StridedSlice, WalksBackwards) {
  OneNode node = slice_of({5}, {{-1}, {-4}, {-1}});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(4, 3, 2));
  OneNode all = slice_of({5}, {{0}, {0}, {-2}}, {.begin_mask = 1, .end_mask = 1});
  EXPECT_EQ(all.run(), Status::ok);
  EXPECT_THAT(all.result<I32>(), ElementsAre(4, 2, 0));
}

TEST(StridedSlice, ClampsWhatIsOutside) {
  OneNode node = slice_of({4}, {{-100}, {0x7fffffff}, {1}});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(0, 1, 2, 3));
  OneNode empty = slice_of({4}, {{3}, {1}, {1}});
  EXPECT_EQ(empty.run(), Status::ok);
  EXPECT_EQ(empty.shape(), (Shape{0}));
}

TEST(StridedSlice, DropsShrunkDimensions) {
  OneNode node = slice_of({2, 3}, {{1, 0}, {2, 3}, {1, 1}}, {.shrink_axis_mask = 1});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{3}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(3, 4, 5));
  OneNode last = slice_of({3}, {{-1}, {0}, {1}}, {.shrink_axis_mask = 1});
  EXPECT_EQ(last.run(), Status::ok);
  EXPECT_EQ(last.shape(), Shape{});
  EXPECT_THAT(last.result<I32>(), ElementsAre(2));
}

TEST(StridedSlice, ExpandsTheEllipsisAndAddsAxes) {
  // x[..., newaxis, 1]
  OneNode node = slice_of({2, 2, 2}, {{0, 0, 1}, {0, 0, 2}, {1, 1, 1}},
                          {.ellipsis_mask = 1, .new_axis_mask = 2, .shrink_axis_mask = 4});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 2, 1}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(1, 3, 5, 7));
  // x[newaxis, 1]
  OneNode front = slice_of({2, 2}, {{0, 1}, {0, 2}, {1, 1}}, {.new_axis_mask = 1});
  EXPECT_EQ(front.run(), Status::ok);
  EXPECT_EQ(front.shape(), (Shape{1, 1, 2}));
  EXPECT_THAT(front.result<I32>(), ElementsAre(2, 3));
}

TEST(StridedSlice, KeepsDimensionsThatItDoesNotName) {
  OneNode node = slice_of({2, 3, 2}, {{1}, {2}, {1}});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 3, 2}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(6, 7, 8, 9, 10, 11));
}

TEST(StridedSlice, EndMayBeAnOffsetFromTheBegin) {
  OneNode node = slice_of({8}, {{2}, {3}, {1}}, {.offset = true});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(2, 3, 4));
}

TEST(StridedSlice, CutsSixDimensions) {
  OneNode node =
      slice_of({2, 2, 2, 2, 2, 2}, {{1, 0, 1, 0, 1, 0}, {2, 1, 2, 1, 2, 2}, {1, 1, 1, 1, 1, 1}});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 1, 1, 1, 1, 2}));
  EXPECT_THAT(node.result<I32>(), ElementsAre(42, 43));
}

TEST(StridedSlice, RefusesBadSpecifications) {
  EXPECT_THAT(slice_of({4}, {{0}, {4}, {0}}).refusal(), HasSubstr("V6"));
  EXPECT_THAT(slice_of({4}, {{0, 0}, {4, 4}, {1, 1}}).refusal(), HasSubstr("V7"));
  EXPECT_THAT(slice_of({4}, {{4}, {5}, {1}}, {.shrink_axis_mask = 1}).refusal(), HasSubstr("V7"));
  EXPECT_THAT(slice_of({4}, {{0}, {4, 4}, {1}}).refusal(), HasSubstr("V8"));
  EXPECT_THAT(slice_of({4, 4}, {{0, 0}, {4, 4}, {1, 1}}, {.ellipsis_mask = 3}).refusal(),
              HasSubstr("V6"));
  OneNode huge =
      slice_of({4}, {{std::numeric_limits<I32>::min()}, {4}, {std::numeric_limits<I32>::min()}});
  EXPECT_THAT(huge.refusal(), HasSubstr("V6"));
}

TEST(StridedSlice, RefusesIndicesThatAreNotKnownAtLoad) {
  OneNode node("STRIDED_SLICE", StridedSliceParams{});
  node.input<I32>({4}, {0, 1, 2, 3}).input<I32>({1}, {0}).known<I32>({1}, {2}).known<I32>({1}, {1});
  EXPECT_THAT(node.output<I32>().refusal(), HasSubstr("must be known at load"));
}

}  // namespace
}  // namespace pinfer
