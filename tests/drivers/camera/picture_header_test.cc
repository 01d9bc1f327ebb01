// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/picture_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfer {
namespace {

using std::string_literals::operator""s;

Result<PictureSize> size_of_bytes(const std::string& bytes) {
  return read_picture_size(std::as_bytes(std::span(bytes.data(), bytes.size())), "x.png");
}

std::string png(const std::string& width, const std::string& height) {
  return "\x89PNG\r\n\x1a\n"s + "\0\0\0\x0dIHDR"s + width + height + "\x08\x02\0\0\0"s;
}

TEST(PictureHeader, ReadsPng) {
  EXPECT_EQ(*size_of_bytes(png("\0\0\1\x40"s, "\0\0\0\xf0"s)), (PictureSize{320, 240}));
}

TEST(PictureHeader, ReadsJpegBehindOtherSegments) {
  const std::string jpeg =
      "\xff\xd8\xff\xe0\x00\x04JF\xff\xff\xdb\x00\x03x\xff\xc2\x00\x0b\x08\x00\xf0\x01\x40\x01\x01\x11\x00"s;
  EXPECT_EQ(*size_of_bytes(jpeg), (PictureSize{320, 240}));
}

TEST(PictureHeader, ReadsBmpInBothDirectionsAndTheOldKind) {
  const std::string start = "BM" + std::string(12, '\0');
  EXPECT_EQ(*size_of_bytes(start + "\x28\0\0\0\x40\x01\0\0\xf0\0\0\0"s), (PictureSize{320, 240}));
  EXPECT_EQ(*size_of_bytes(start + "\x28\0\0\0\x40\x01\0\0\x10\xff\xff\xff"s),
            (PictureSize{320, 240}));
  EXPECT_EQ(*size_of_bytes(start + "\x0c\0\0\0\x40\x01\xf0\0"s), (PictureSize{320, 240}));
}

TEST(PictureHeader, ReadsPnmWithComments) {
  EXPECT_EQ(*size_of_bytes("P6\n# a 9 b\n320 # c\n 240\n255\n"), (PictureSize{320, 240}));
}

TEST(PictureHeader, RefusesABombFromItsHeader) {
  const auto size = size_of_bytes(png("\0\1\x86\xa0"s, "\0\1\x86\xa0"s));
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, ErrorCode::over_budget);
  EXPECT_THAT(size.error().message, testing::HasSubstr("100000x100000"));
  EXPECT_EQ(size_of_bytes(png("\0\0\0\1"s, "\x7f\xff\xff\xff"s)).error().code,
            ErrorCode::over_budget);
  EXPECT_EQ(size_of_bytes("P6 99999999999999999999 99999999999999999999 255").error().code,
            ErrorCode::over_budget);
}

TEST(PictureHeader, RefusesDamagedHeaders) {
  const std::string whole = png("\0\0\1\x40"s, "\0\0\0\xf0"s);
  for (std::size_t length = 8; length < 24; ++length)
    EXPECT_FALSE(size_of_bytes(whole.substr(0, length))) << length;
  EXPECT_FALSE(size_of_bytes(png("\0\0\0\0"s, "\0\0\0\1"s)));
  EXPECT_FALSE(size_of_bytes("\xff\xd8\xff\xd9"s));
  EXPECT_FALSE(size_of_bytes("\xff\xd8\xff\xe0\0\0"s));
  EXPECT_FALSE(size_of_bytes("\xff\xd8\xff\xff\xff\xff"s));
  EXPECT_FALSE(size_of_bytes("P6 -3 4"));
}

TEST(PictureHeader, RefusesOtherFiles) {
  EXPECT_EQ(size_of_bytes("").error().code, ErrorCode::unsupported);
  EXPECT_EQ(size_of_bytes("GIF89a....").error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace pinfer
