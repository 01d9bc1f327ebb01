// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <random>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using I32 = std::int32_t;

template <class T>
OneNode resize(const char* op, const Shape& shape, std::vector<T> values, std::vector<I32> size,
               ResizeParams params = {}, int threads = 1) {
  OneNode node(op, params, threads);
  node.input<T>(shape, std::move(values)).template known<I32>({2}, std::move(size));
  node.template output<T>();
  return node;
}

TEST(ResizeNearest, FollowsTheThreeConventions) {
  const std::vector<std::int8_t> row{10, 20, 30};
  OneNode plain = resize<std::int8_t>("RESIZE_NEAREST_NEIGHBOR", {1, 1, 3, 1}, row, {1, 5});
  EXPECT_EQ(plain.run(), Status::ok);
  EXPECT_THAT(plain.result<std::int8_t>(), ElementsAre(10, 10, 20, 20, 30));
  OneNode half = resize<std::int8_t>("RESIZE_NEAREST_NEIGHBOR", {1, 1, 3, 1}, row, {1, 5},
                                     {.half_pixel_centers = true});
  EXPECT_EQ(half.run(), Status::ok);
  EXPECT_THAT(half.result<std::int8_t>(), ElementsAre(10, 10, 20, 30, 30));
  OneNode corners = resize<std::int8_t>("RESIZE_NEAREST_NEIGHBOR", {1, 1, 3, 1}, row, {1, 4},
                                        {.align_corners = true});
  EXPECT_EQ(corners.run(), Status::ok);
  EXPECT_THAT(corners.result<std::int8_t>(), ElementsAre(10, 20, 20, 30));
}

TEST(ResizeNearest, MovesWholePixelsOfAnyType) {
  OneNode node = resize<float>("RESIZE_NEAREST_NEIGHBOR", {1, 2, 1, 2}, {1, 2, 3, 4}, {4, 1});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(1, 2, 1, 2, 3, 4, 3, 4));
}

TEST(ResizeBilinear, BlendsNeighboursInFloat) {
  OneNode node = resize<float>("RESIZE_BILINEAR", {1, 2, 2, 1}, {1, 3, 5, 7}, {4, 2});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(1, 3, 3, 5, 5, 7, 5, 7));
  OneNode half =
      resize<float>("RESIZE_BILINEAR", {1, 1, 2, 1}, {0, 4}, {1, 4}, {.half_pixel_centers = true});
  EXPECT_EQ(half.run(), Status::ok);
  EXPECT_THAT(half.result<float>(), ElementsAre(0, 1, 3, 4));
  OneNode corners =
      resize<float>("RESIZE_BILINEAR", {1, 1, 2, 1}, {0, 3}, {1, 4}, {.align_corners = true});
  EXPECT_EQ(corners.run(), Status::ok);
  EXPECT_THAT(corners.result<float>(), ElementsAre(0, 1, 2, 3));
}

TEST(ResizeBilinear, RoundsIntegersHalfAwayFromZero) {
  OneNode s8 = resize<std::int8_t>("RESIZE_BILINEAR", {1, 1, 3, 1}, {-1, -2, 1}, {1, 6});
  EXPECT_EQ(s8.run(), Status::ok);
  EXPECT_THAT(s8.result<std::int8_t>(), ElementsAre(-1, -2, -2, -1, 1, 1));
  OneNode u8 = resize<std::uint8_t>("RESIZE_BILINEAR", {1, 1, 2, 1}, {1, 2}, {1, 4});
  EXPECT_EQ(u8.run(), Status::ok);
  EXPECT_THAT(u8.result<std::uint8_t>(), ElementsAre(1, 2, 2, 2));
  OneNode s16 = resize<std::int16_t>("RESIZE_BILINEAR", {1, 1, 2, 1}, {-32768, 32767}, {1, 4},
                                     {.half_pixel_centers = true});
  EXPECT_EQ(s16.run(), Status::ok);
  EXPECT_THAT(s16.result<std::int16_t>(), ElementsAre(-32768, -16384, 16383, 32767));
}

TEST(ResizeBilinear, StaysInsideWhereTheRoundedScaleLeadsOut) {
  // 1024 / 150 rounds to 7, and 149 * 7 is behind the only pixel.
  OneNode node = resize<std::int8_t>("RESIZE_BILINEAR", {1, 1, 1, 1}, {77}, {1, 150});
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int8_t>(), testing::Each(77));
}

TEST(ResizeBilinear, GivesTheSameOnManyThreads) {
  std::mt19937 random(3);
  std::vector<std::int8_t> in(2 * 17 * 13 * 8);
  for (auto& value : in) value = static_cast<std::int8_t>(random());
  OneNode one = resize<std::int8_t>("RESIZE_BILINEAR", {2, 17, 13, 8}, in, {40, 31});
  OneNode four = resize<std::int8_t>("RESIZE_BILINEAR", {2, 17, 13, 8}, in, {40, 31}, {}, 4);
  ASSERT_EQ(one.run(), Status::ok);
  ASSERT_EQ(four.run(), Status::ok);
  EXPECT_EQ(one.result<std::int8_t>(), four.result<std::int8_t>());
}

TEST(ResizeBilinear, RefusesImpossibleSizes) {
  for (const auto& size : std::vector<std::vector<I32>>{{0, 1}, {1, -1}, {1, 0x7fffffff}})
    EXPECT_THAT(resize<float>("RESIZE_BILINEAR", {1, 1, 1, 1}, {1}, size).refusal(),
                HasSubstr("V5"));
  EXPECT_THAT(resize<float>("RESIZE_BILINEAR", {1, 0, 1, 1}, {}, {2, 2}).refusal(),
              HasSubstr("V5"));
  EXPECT_THAT(resize<float>("RESIZE_BILINEAR", {1, 1, 1, 1}, {1}, {2, 2},
                            {.align_corners = true, .half_pixel_centers = true})
                  .refusal(),
              HasSubstr("V5"));
}

}  // namespace
}  // namespace pinfer
