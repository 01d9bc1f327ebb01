// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/jpeg_splitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

namespace pinfer {
namespace {

using std::string_literals::operator""s;

// With what makes it hard: an end marker inside a comment, stuffed and restart markers, fill bytes,
// two scans.
const std::string kJpeg =
    "\xff\xd8\xff\xfe\x00\x06\xff\xd9\xff\xd8\xff\xff\xdb\x00\x03x"
    "\xff\xda\x00\x04gh\x12\xff\x00\x34\xff\xd3\x56\xff\xc4\x00\x03y"
    "\xff\xda\x00\x02\x78\xff\xff\xd9"s;

// Everything that comes out when `stream` goes in by pieces of `step` bytes.
std::vector<std::string> split(JpegSplitter& splitter, std::string_view stream, std::size_t step) {
  std::vector<std::string> pictures;
  while (!stream.empty()) {
    const std::size_t size = std::min({step, stream.size(), JpegSplitter::kChunkBytes});
    std::memcpy(splitter.room().data(), stream.data(), size);
    splitter.fill(size);
    stream.remove_prefix(size);
    while (const auto picture = splitter.next())
      pictures.emplace_back(reinterpret_cast<const char*>(picture->data()), picture->size());
  }
  return pictures;
}

TEST(JpegSplitter, GivesEachPictureWithItsLastByte) {
  for (const std::size_t step : {1u, 2u, 3u, 7u, 1000u}) {
    JpegSplitter splitter;
    const auto pictures = split(splitter, kJpeg + kJpeg + "noise\xff\xd8 "s + kJpeg, step);
    EXPECT_EQ(pictures, std::vector<std::string>(3, kJpeg)) << step;
    EXPECT_EQ(splitter.damaged(), 0u);
  }
}

TEST(JpegSplitter, DropsAPictureThatBreaksOffAndKeepsTheNext) {
  // A segment that is cut in its length may swallow 64 KB.
  std::string tail;
  while (tail.size() < 100'000) tail += kJpeg;
  for (std::size_t cut = 3; cut < kJpeg.size(); ++cut) {
    JpegSplitter splitter;
    const auto pictures = split(splitter, kJpeg.substr(0, cut) + tail, 4096);
    const auto whole = std::count(pictures.begin(), pictures.end(), kJpeg);
    EXPECT_GE(whole, 30'000 / static_cast<std::ptrdiff_t>(kJpeg.size())) << cut;
    EXPECT_LE(static_cast<std::ptrdiff_t>(pictures.size()) - whole, 1) << cut;
  }
  JpegSplitter splitter;
  const std::string half = kJpeg.substr(0, 25);  // in its first scan
  EXPECT_EQ(split(splitter, half + kJpeg, 1000), std::vector<std::string>{kJpeg});
  EXPECT_EQ(splitter.damaged(), 1u);
}

TEST(JpegSplitter, NoiseNeitherGrowsTheMemoryNorHidesWhatFollows) {
  std::mt19937 random(7);
  JpegSplitter splitter;
  std::string noise(1u << 20, '\0');
  for (int round = 0; round < 20; ++round) {
    for (char& byte : noise)  // rich in markers
      byte = static_cast<char>(random() % 4 == 0 ? 0xFFU : 0xC0U + random() % 0x40U);
    split(splitter, noise, 60000);
  }
  EXPECT_GT(splitter.damaged(), 100u);
  // No segment is longer than 64 KB: after so much, a start is seen again.
  const auto pictures = split(splitter, std::string(70000, '\0') + kJpeg + kJpeg, 4096);
  ASSERT_FALSE(pictures.empty());
  EXPECT_EQ(pictures.back(), kJpeg);
}

TEST(JpegSplitter, APictureWithoutEndIsDropped) {
  JpegSplitter splitter;
  const std::string endless = kJpeg.substr(0, 24) + std::string(JpegSplitter::kMaxBytes, 'x');
  EXPECT_TRUE(split(splitter, endless, JpegSplitter::kChunkBytes).empty());
  EXPECT_EQ(splitter.damaged(), 1u);
  EXPECT_EQ(split(splitter, kJpeg, 1000), std::vector<std::string>{kJpeg});
}

}  // namespace
}  // namespace pinfer
