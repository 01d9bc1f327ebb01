// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Condition match(std::vector<std::string> labels) {
  Condition condition;
  condition.labels = std::move(labels);
  return condition;
}

// gate: a; lamp: a or b, but not with c.
Config config() {
  Config made;
  made.outputs.resize(2);
  made.outputs[0].name = "gate";
  made.outputs[1].name = "lamp";
  made.rules.resize(2);
  made.rules[0].output = "gate";
  made.rules[0].when = match({"a"});
  made.rules[1].output = "lamp";
  made.rules[1].when.kind = ConditionKind::all;
  Condition negated;
  negated.kind = ConditionKind::negate;
  negated.children = {match({"c"})};
  made.rules[1].when.children = {match({"a", "b"}), negated};
  return made;
}

const std::vector<Showing> kShown = {{1s, 2s, "a"}, {4s, 5s, "b"}};
const std::vector<Edge> kRight = {{0, true, 1100ms},  {1, true, 1100ms}, {0, false, 1400ms},
                                  {1, false, 2200ms}, {1, true, 4100ms}, {1, false, 5300ms}};

// kRight with one change.
std::vector<Edge> edges_without(std::size_t index) {
  std::vector<Edge> edges = kRight;
  edges.erase(edges.begin() + static_cast<std::ptrdiff_t>(index));
  return edges;
}

TEST(Verdict, KnowsTheOutputsOfALabel) {
  EXPECT_THAT(outputs_for(config(), "a"), ElementsAre(0u, 1u));
  EXPECT_THAT(outputs_for(config(), "b"), ElementsAre(1u));
  EXPECT_THAT(outputs_for(config(), "c"), IsEmpty());
}

TEST(Verdict, IsGoodWhenEveryShowingSwitchedItsOutputsOnceAndOffAgain) {
  const Verdict verdict = judge(config(), kShown, kRight, 10s);
  EXPECT_THAT(verdict.complaints, IsEmpty());
  EXPECT_EQ(verdict.expected, 3u);
  EXPECT_EQ(verdict.met, 3u);
}

TEST(Verdict, NamesAShowingThatSwitchedNothing) {
  std::vector<Edge> edges = edges_without(4);
  edges.pop_back();
  const Verdict verdict = judge(config(), kShown, edges, 10s);
  ASSERT_EQ(verdict.complaints.size(), 1u);
  EXPECT_THAT(verdict.complaints[0],
              HasSubstr("'b' shown from 4.00 s to 5.00 s switched lamp on 0 times"));
  EXPECT_EQ(verdict.met, 2u);
}

TEST(Verdict, NamesAShowingThatSwitchedTwice) {
  std::vector<Edge> edges = kRight;
  edges.insert(edges.begin() + 3, {Edge{0, true, 1600ms}, Edge{0, false, 1900ms}});
  const Verdict verdict = judge(config(), kShown, edges, 10s);
  ASSERT_EQ(verdict.complaints.size(), 1u);
  EXPECT_THAT(verdict.complaints[0], HasSubstr("switched gate on 2 times"));
}

TEST(Verdict, NamesALineThatStayedOn) {
  const Verdict verdict = judge(config(), kShown, edges_without(2), 10s);
  ASSERT_EQ(verdict.complaints.size(), 1u);
  EXPECT_THAT(verdict.complaints[0], HasSubstr("gate stayed on"));
}

TEST(Verdict, NamesARiseForNothing) {
  for (const Duration at : {100ms, 3000ms, 7000ms}) {
    std::vector<Edge> edges = kRight;
    edges.push_back({0, true, at});
    const Verdict verdict = judge(config(), kShown, edges, 10s);
    ASSERT_EQ(verdict.complaints.size(), 1u) << to_ms(at);
    EXPECT_THAT(verdict.complaints[0], HasSubstr("for nothing that was shown"));
  }
  std::vector<Edge> edges = kRight;
  edges.push_back({0, true, 4500ms});  // in the sight of b, which is not the gate's
  EXPECT_FALSE(judge(config(), kShown, edges, 10s).good());
}

TEST(Verdict, AsksNothingOfShortShowingsAndOfTheLastOneInSight) {
  EXPECT_EQ(judge(config(), {{Showing{1s, 1900ms, "a"}}}, {}, 10s).expected, 0u);
  EXPECT_EQ(judge(config(), kShown, kRight, 5s).expected, 2u);
  EXPECT_TRUE(judge(config(), kShown, kRight, 5s).good());
}

}  // namespace
}  // namespace pinfer
