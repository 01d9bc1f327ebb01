// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "drivers/camera/picture.h"
#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;
constexpr MonotonicTime kNever{Duration::max()};

class Pictures : public testing::Test {
 protected:
  void SetUp() override {
    if (camera_library() == "built without OpenCV") GTEST_SKIP() << "no OpenCV in this build";
    folder_ = std::filesystem::path(testing::TempDir()) / "pinfer_pictures";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  // A picture of one colour; PPM holds red, green, blue.
  void write(const std::string& name, char level, int side = 2) const {
    std::ofstream(folder_ / name, std::ios::binary)
        << "P6 " << side << ' ' << side << " 255\n"
        << std::string(static_cast<std::size_t>(side * side * 3), level);
  }
  std::string uri() const { return "file://" + folder_.string(); }

  std::filesystem::path folder_;
};

TEST_F(Pictures, ComeInTheOrderOfTheirNames) {
  write("b.ppm", 20);
  write("a.ppm", 10);
  write("c.PPM", 30);
  std::ofstream(folder_ / "notes.txt") << "no picture";
  const auto source = create_source({.uri = uri(), .fps = 4});
  ASSERT_TRUE(source) << source.error().message;
  Frame frame;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ((*source)->next(frame, kNever), Status::ok);
    EXPECT_EQ(frame.data[0], 10 * (i + 1));
    EXPECT_EQ(frame.captured_at.since_boot, std::chrono::milliseconds(250 * i));
    EXPECT_EQ(frame.sequence, static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ((*source)->next(frame, kNever), Status::end);
  EXPECT_EQ((*source)->next(frame, kNever), Status::end);
}

TEST_F(Pictures, StartAgainInALoop) {
  write("a.ppm", 10);
  write("b.ppm", 20);
  const auto source = create_source({.uri = uri(), .fps = 1, .loop = true});
  ASSERT_TRUE(source);
  Frame frame;
  for (int i = 0; i < 7; ++i) {
    ASSERT_EQ((*source)->next(frame, kNever), Status::ok);
    EXPECT_EQ(frame.data[0], i % 2 == 0 ? 10 : 20);
    EXPECT_EQ(frame.captured_at.since_boot, std::chrono::seconds(i));
  }
}

TEST_F(Pictures, OrderOfColoursIsBlueGreenRed) {
  std::ofstream(folder_ / "a.ppm", std::ios::binary) << "P6 1 1 255\n"
                                                     << "\x01\x02\x03";
  const auto picture = load_picture((folder_ / "a.ppm").string());
  ASSERT_TRUE(picture);
  const Frame frame = picture->view();
  EXPECT_EQ(frame.data[0], 3);
  EXPECT_EQ(frame.data[1], 2);
  EXPECT_EQ(frame.data[2], 1);
}

TEST_F(Pictures, ABombInTheFolderIsRefusedBeforeTheRunByItsName) {
  write("a.ppm", 10);
  std::ofstream(folder_ / "z.ppm") << "P6 100000 100000 255\n";
  const auto source = create_source({.uri = uri()});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::over_budget);
  EXPECT_THAT(source.error().message, HasSubstr("z.ppm"));
}

TEST_F(Pictures, AFolderWithoutPicturesSaysSo) {
  const auto source = create_source({.uri = uri()});
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, HasSubstr("holds no pictures"));
}

TEST_F(Pictures, ADamagedPictureIsAnError) {
  std::ofstream(folder_ / "a.png", std::ios::binary)
      << "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0garbage"s;
  const auto picture = load_picture((folder_ / "a.png").string());
  ASSERT_FALSE(picture);
  EXPECT_THAT(picture.error().message, HasSubstr("a.png"));
}

}  // namespace
}  // namespace pinfer
