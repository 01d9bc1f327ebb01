// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/resample.h"

#include <gmock/gmock.h>

#include <cstring>

namespace pinfer {
namespace {

using testing::ElementsAre;

// One channel repeated three times.
Picture gray(int width, int height, const std::vector<std::uint8_t>& values) {
  Picture picture;
  picture.width = width;
  picture.height = height;
  picture.pixels = *AlignedBuffer::create(values.size() * 3);
  for (std::size_t i = 0; i < values.size(); ++i)
    std::memset(picture.pixels.data() + 3 * i, values[i], 3);
  return picture;
}

std::vector<int> first_channel(const Picture& picture) {
  std::vector<int> values;
  for (int i = 0; i < picture.width * picture.height; ++i)
    values.push_back(std::to_integer<int>(picture.pixels.data()[3 * i]));
  return values;
}

PixelBox all(const Picture& p) {
  return {0, 0, static_cast<float>(p.width), static_cast<float>(p.height)};
}

TEST(Resample, KeepsAPictureOfTheRightSize) {
  const Picture picture = gray(3, 2, {1, 2, 3, 250, 251, 255});
  const auto same = resample(picture, all(picture), 3, 2);
  ASSERT_TRUE(same);
  EXPECT_THAT(first_channel(*same), ElementsAre(1, 2, 3, 250, 251, 255));
}

TEST(Resample, CountsEveryPixelOfAReduction) {
  // Four to one: centre 2, reach 4: weights 0.625, 0.875, 0.875, 0.625 over 3.
  const Picture picture = gray(4, 1, {0, 0, 240, 0});
  const auto one = resample(picture, all(picture), 1, 1);
  ASSERT_TRUE(one);
  EXPECT_THAT(first_channel(*one), ElementsAre(70));
  // Four to two: reach 2; the left one sees weights 0.75, 0.75, 0.25 over 1.75.
  const auto two = resample(picture, all(picture), 2, 1);
  ASSERT_TRUE(two);
  EXPECT_THAT(first_channel(*two), ElementsAre(34, 103));
}

TEST(Resample, InterpolatesWhenItEnlarges) {
  const Picture picture = gray(2, 1, {0, 100});
  const auto four = resample(picture, all(picture), 4, 1);
  ASSERT_TRUE(four);
  EXPECT_THAT(first_channel(*four), ElementsAre(0, 25, 75, 100));
}

TEST(Resample, TakesTheBoxEvenBetweenPixels) {
  const Picture picture = gray(1, 4, {0, 100, 200, 200});
  // Half of the first pixel, the second, half of the third: centre at 1.5, reach 2.
  const auto one = resample(picture, {0, 0.5f, 1, 2.5f}, 1, 1);
  ASSERT_TRUE(one);
  EXPECT_THAT(first_channel(*one), ElementsAre(100));
}

TEST(Resample, TreatsChannelsApart) {
  Picture picture = gray(2, 1, {0, 0});
  std::memcpy(picture.pixels.data(), "\x0a\x14\x1e\x1e\x28\x32", 6);
  const auto one = resample(picture, all(picture), 1, 1);
  ASSERT_TRUE(one);
  EXPECT_THAT((std::vector<int>{std::to_integer<int>(one->pixels.data()[0]),
                                std::to_integer<int>(one->pixels.data()[1]),
                                std::to_integer<int>(one->pixels.data()[2])}),
              ElementsAre(20, 30, 40));
}

}  // namespace
}  // namespace pinfer
