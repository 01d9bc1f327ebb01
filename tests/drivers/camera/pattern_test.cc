// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

constexpr MonotonicTime kNever{Duration::max()};

std::string bytes_of(const Frame& frame) {
  return {reinterpret_cast<const char*>(frame.data),
          frame.stride * static_cast<std::size_t>(frame.height)};
}

TEST(Pattern, GivesTheSamePicturesAndTimesEveryRun) {
  for (const char* uri : {"pattern:", "pattern:bars", "pattern:ball", "pattern:blink"}) {
    const SourceSpec spec{.uri = uri, .width = 48, .height = 32, .fps = 20};
    const auto one = create_source(spec);
    const auto two = create_source(spec);
    ASSERT_TRUE(one && two) << uri;
    EXPECT_TRUE((*one)->is_replay());
    for (std::uint64_t i = 0; i < 50; ++i) {
      Frame a, b;
      ASSERT_EQ((*one)->next(a, kNever), Status::ok);
      ASSERT_EQ((*two)->next(b, kNever), Status::ok);
      EXPECT_EQ(bytes_of(a), bytes_of(b));
      EXPECT_EQ(a.sequence, i);
      EXPECT_EQ(a.captured_at.since_boot, std::chrono::milliseconds(50) * i);
    }
  }
}

TEST(Pattern, Moves) {
  for (const char* uri : {"pattern:bars", "pattern:ball"}) {
    const auto source = create_source({.uri = uri, .width = 64, .height = 48});
    ASSERT_TRUE(source);
    std::set<std::string> seen;
    Frame frame;
    for (int i = 0; i < 10; ++i) {
      ASSERT_EQ((*source)->next(frame, kNever), Status::ok);
      seen.insert(bytes_of(frame));
    }
    EXPECT_EQ(seen.size(), 10u) << uri;
  }
}

TEST(Pattern, FitsInOnePixel) {
  for (const char* uri : {"pattern:bars", "pattern:ball", "pattern:blink"}) {
    const auto source = create_source({.uri = uri, .width = 1, .height = 1});
    Frame frame;
    for (int i = 0; i < 5; ++i) ASSERT_EQ((*source)->next(frame, kNever), Status::ok);
  }
}

TEST(Pattern, InRealTimeKeepsThePaceAndSkipsWhatNobodyTook) {
  const auto source = create_source(
      {.uri = "pattern:ball", .width = 16, .height = 16, .fps = 100, .realtime = true});
  ASSERT_TRUE(source);
  EXPECT_FALSE((*source)->is_replay());
  Frame first, second, third;
  ASSERT_EQ((*source)->next(first, kNever), Status::ok);
  EXPECT_EQ((*source)->next(second, first.captured_at + std::chrono::milliseconds(1)),
            Status::timeout);
  ASSERT_EQ((*source)->next(second, kNever), Status::ok);
  EXPECT_GE(MonotonicTime::now(), second.captured_at);
  EXPECT_GE(second.captured_at - first.captured_at, std::chrono::milliseconds(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(55));
  ASSERT_EQ((*source)->next(third, kNever), Status::ok);
  EXPECT_GE(third.sequence, second.sequence + 5);
  EXPECT_EQ(third.captured_at - first.captured_at,
            std::chrono::milliseconds(10) * (third.sequence - first.sequence));
}

TEST(Pattern, GuessesTheNameThatWasMeant) {
  const auto source = create_source({.uri = "pattern:bal"});
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, testing::HasSubstr("did you mean ball?"));
}

}  // namespace
}  // namespace pinfer
