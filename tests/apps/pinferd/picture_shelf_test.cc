// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/picture_shelf.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace pinfer {
namespace {

constexpr int kWidth = 8, kHeight = 4;
constexpr std::size_t kBytes = kWidth * kHeight;

struct TestPicture {
  explicit TestPicture(std::uint64_t sequence)
      : pixels(kBytes, static_cast<std::uint8_t>(sequence)) {
    frame.data = pixels.data();
    frame.width = kWidth;
    frame.height = kHeight;
    frame.stride = kWidth;
    frame.format = PixelFormat::gray8;
    frame.sequence = sequence;
  }
  std::vector<std::uint8_t> pixels;
  Frame frame;
};

TEST(PictureShelf, KeepsCopiesOfTheLastFew) {
  PictureShelf shelf;
  shelf.prepare(kBytes);
  for (std::uint64_t i = 1; i <= 6; ++i) shelf.keep(TestPicture(i).frame);
  EXPECT_FALSE(shelf.find(1));
  EXPECT_FALSE(shelf.find(2));
  for (std::uint64_t i = 3; i <= 6; ++i) {
    const auto picture = shelf.find(i);
    ASSERT_TRUE(picture) << i;
    EXPECT_EQ(picture->bytes, std::vector<std::uint8_t>(kBytes, static_cast<std::uint8_t>(i)));
    EXPECT_EQ(geometry_of(picture->frame), geometry_of(TestPicture(i).frame));
  }
  EXPECT_TRUE(shelf.find(6)) << "two outputs may ask";
}

TEST(PictureShelf, KeepsNothingWithoutRoom) {
  PictureShelf shelf;
  shelf.keep(TestPicture(1).frame);
  EXPECT_FALSE(shelf.find(1));
  shelf.prepare(kBytes - 1);
  shelf.keep(TestPicture(2).frame);
  EXPECT_FALSE(shelf.find(2));
  shelf.prepare(kBytes);
  shelf.keep(TestPicture(3).frame);
  EXPECT_TRUE(shelf.find(3));
  shelf.prepare(0);
  EXPECT_FALSE(shelf.find(3));
}

TEST(PictureShelf, NeverGivesAPictureThatIsHalfAnother) {
  PictureShelf shelf;
  shelf.prepare(kBytes);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> newest{0};
  std::thread frames([&] {
    for (std::uint64_t i = 1; !stop; ++i) {
      shelf.keep(TestPicture(i).frame);
      newest = i;
    }
  });
  int found = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (found < 200 && std::chrono::steady_clock::now() < until) {
    const std::uint64_t wanted = newest;
    const auto picture = shelf.find(wanted);
    if (!picture) continue;
    ++found;
    EXPECT_EQ(picture->bytes, TestPicture(wanted).pixels);
  }
  stop = true;
  frames.join();
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace pinfer
