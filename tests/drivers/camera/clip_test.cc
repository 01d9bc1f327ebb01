// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

constexpr MonotonicTime kNever{Duration::max()};
// The demo's clip: 27 s at 25 frames a second.
constexpr const char* kClip = "file://apps/demo/digits.avi";

std::uint64_t sum_of(const Frame& frame) {
  return std::accumulate(frame.data,
                         frame.data + frame.stride * static_cast<std::size_t>(frame.height),
                         std::uint64_t{0});
}

class Clip : public testing::Test {
 protected:
  void SetUp() override {
    if (camera_library() == "built without OpenCV") GTEST_SKIP() << "no OpenCV in this build";
  }
};

TEST_F(Clip, GivesTheSameFramesAndTimesEveryRun) {
  std::vector<std::uint64_t> runs[2];
  for (auto& sums : runs) {
    const auto source = create_source({.uri = kClip});
    ASSERT_TRUE(source) << source.error().message;
    EXPECT_TRUE((*source)->is_replay());
    Frame frame;
    Status status = Status::ok;
    while ((status = (*source)->next(frame, kNever)) == Status::ok) {
      EXPECT_EQ(frame.sequence, sums.size());
      EXPECT_EQ(frame.captured_at.since_boot, std::chrono::milliseconds(40) * sums.size());
      sums.push_back(sum_of(frame));
    }
    EXPECT_EQ(status, Status::end);
  }
  EXPECT_GT(runs[0].size(), 600u);
  EXPECT_EQ(runs[0], runs[1]);
}

TEST_F(Clip, LoopsWithTimeThatGoesOn) {
  const auto source = create_source({.uri = kClip, .loop = true});
  ASSERT_TRUE(source);
  Frame frame;
  std::vector<std::uint64_t> sums;
  for (int i = 0; i < 1500; ++i) {
    ASSERT_EQ((*source)->next(frame, kNever), Status::ok);
    sums.push_back(sum_of(frame));
  }
  EXPECT_EQ(frame.sequence, 1499u);
  EXPECT_EQ(frame.captured_at.since_boot, std::chrono::milliseconds(40) * 1499);
  const auto again = std::find(sums.begin() + 100, sums.end(), sums[0]);
  ASSERT_NE(again, sums.end());
  EXPECT_EQ(*(again + 50), sums[50]);
}

TEST_F(Clip, InRealTimeIsAsFastAsACamera) {
  const auto source = create_source({.uri = kClip, .realtime = true});
  ASSERT_TRUE(source);
  EXPECT_FALSE((*source)->is_replay());
  Frame first, frame;
  ASSERT_EQ((*source)->next(first, kNever), Status::ok);
  for (int i = 0; i < 5; ++i) ASSERT_EQ((*source)->next(frame, kNever), Status::ok);
  EXPECT_GE(MonotonicTime::now() - first.captured_at, std::chrono::milliseconds(200));
  EXPECT_GE(frame.sequence, 5u);
}

TEST_F(Clip, AFileThatIsNoClipIsToldByItsName) {
  const std::string path = testing::TempDir() + "/pinfer_no_clip.mp4";
  std::ofstream(path) << "not a clip at all";
  const auto source = create_source({.uri = path});
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, testing::HasSubstr("pinfer_no_clip.mp4"));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace pinfer
