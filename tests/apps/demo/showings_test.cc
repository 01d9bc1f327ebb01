// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/showings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kTwo = "from_seconds,to_seconds,label\n0.80,2.08,7\n2.96,4.44,a cat\n";

TEST(Showings, AreReadInOrder) {
  const auto showings = parse_showings(kTwo, "x.csv");
  ASSERT_TRUE(showings) << showings.error().message;
  EXPECT_THAT(*showings,
              ElementsAre(Showing{800ms, 2080ms, "7"}, Showing{2960ms, 4440ms, "a cat"}));
}

TEST(Showings, NameTheLineThatIsWrong) {
  const std::string header = "from_seconds,to_seconds,label\n";
  for (const auto& [rows, line] : {std::pair{"1,2,a\n1,x,b\n", 3},
                                   {"1,2,a\n1.5,3,b\n", 3},
                                   {"2,1,a\n", 2},
                                   {"1,2,\n", 2},
                                   {"1\n", 2},
                                   {"-1,2,a\n", 2},
                                   {"0,nan,a\n", 2},
                                   {"0,1e99,a\n", 2}}) {
    const auto showings = parse_showings(header + rows, "x.csv");
    ASSERT_FALSE(showings) << rows;
    EXPECT_THAT(showings.error().message, HasSubstr("x.csv:" + std::to_string(line) + ":"));
  }
  EXPECT_FALSE(parse_showings("1,2,a\n", "x.csv"));
}

TEST(Showings, OfTheShippedClipAreThere) {
  const auto showings = load_showings("apps/demo/digits.csv");
  ASSERT_TRUE(showings) << showings.error().message;
  EXPECT_EQ(showings->size(), 12u);
  for (const Showing& showing : *showings) EXPECT_GE(showing.to - showing.from, 1s);
}

TEST(Showings, OfALoopedClipComeAgainUntilTheEnd) {
  const std::vector<Showing> one = {{1s, 2s, "a"}, {3s, 4s, "b"}};
  EXPECT_THAT(looped(one, 5s, 8500ms), ElementsAre(Showing{1s, 2s, "a"}, Showing{3s, 4s, "b"},
                                                   Showing{6s, 7s, "a"}, Showing{8s, 9s, "b"}));
  EXPECT_TRUE(looped(one, 5s, 1s).empty());
  EXPECT_TRUE(looped(one, 0s, 10s).empty());
}

}  // namespace
}  // namespace pinfer
