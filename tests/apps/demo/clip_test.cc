// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/clip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kTwo =
    "length,5,frames_per_second,25\nfrom_seconds,to_seconds,label\n0.80,2.08,7\n2.96,4.44,a cat\n";

TEST(Clip, IsReadWithItsShowingsInOrder) {
  const auto clip = parse_clip(kTwo, "x.csv");
  ASSERT_TRUE(clip) << clip.error().message;
  EXPECT_EQ(clip->length, 5s);
  EXPECT_EQ(clip->frame_time, 40ms);
  EXPECT_THAT(clip->showings,
              ElementsAre(Showing{800ms, 2080ms, "7"}, Showing{2960ms, 4440ms, "a cat"}));
}

TEST(Clip, NamesTheLineThatIsWrong) {
  const std::string length = "length,5,frames_per_second,25\n";
  const std::string both = length + "from_seconds,to_seconds,label\n";
  const std::pair<std::string, int> wrong[] = {
      {"", 1},
      {"length,5\n", 1},
      {"length,0,frames_per_second,25\n", 1},
      {"length,5,frames_per_second,0\n", 1},
      {"length,5,frames_per_second,25,\n", 1},
      {length + "1,2,a\n", 2},
      {both + "1,2,a\n1,x,b\n", 4},
      {both + "1,2,a\n1.5,3,b\n", 4},
      {both + "2,1,a\n", 3},
      {both + "1,6,a\n", 3},
      {both + "1,2,\n", 3},
      {both + "1\n", 3},
      {both + "-1,2,a\n", 3},
      {both + "0,nan,a\n", 3},
      {both + "0,1e99,a\n", 3},
  };
  for (const auto& [text, line] : wrong) {
    const auto clip = parse_clip(text, "x.csv");
    ASSERT_FALSE(clip) << text;
    EXPECT_THAT(clip.error().message, HasSubstr("x.csv:" + std::to_string(line) + ":")) << text;
  }
}

TEST(Clip, ThatIsShippedShowsTwelveThingsForASecondOrMore) {
  const auto clip = load_clip("apps/demo/digits.csv");
  ASSERT_TRUE(clip) << clip.error().message;
  EXPECT_EQ(clip->showings.size(), 12u);
  for (const Showing& showing : clip->showings) EXPECT_GE(showing.to - showing.from, 1s);
}

TEST(Clip, ThatIsLoopedShowsItsThingsAgainUntilTheEnd) {
  const Clip clip = {5s, 40ms, {{1s, 2s, "a"}, {3s, 4s, "b"}}};
  EXPECT_THAT(looped(clip, 8500ms), ElementsAre(Showing{1s, 2s, "a"}, Showing{3s, 4s, "b"},
                                                Showing{6s, 7s, "a"}, Showing{8s, 9s, "b"}));
  EXPECT_TRUE(looped(clip, 1s).empty());
  EXPECT_TRUE(looped({}, 10s).empty());
}

}  // namespace
}  // namespace pinfer
