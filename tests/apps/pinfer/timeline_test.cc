// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/timeline.h"

#include <gtest/gtest.h>

namespace pinfer {
namespace {

Timeline parse(std::string_view text) {
  auto timeline = parse_timeline(text, "t");
  EXPECT_TRUE(timeline) << timeline.error().message;
  return timeline.value_or(Timeline{});
}

TEST(Timeline, ReadsWhatItWrites) {
  const Timeline timeline = parse("# edges\n  1.240 gate on  # because\r\n\n12.5 lamp off\n");
  ASSERT_EQ(timeline.size(), 2u);
  EXPECT_EQ(timeline[0].at_ms, 1240);
  EXPECT_EQ(timeline[1].at_ms, 12500);
  EXPECT_EQ(edge_text(timeline[0]), "   1.240 gate on");
  EXPECT_EQ(parse(edge_text(timeline[1])).front().output, "lamp");
}

TEST(Timeline, NamesTheLineThatIsWrong) {
  for (const auto& [text, message] :
       {std::pair{"1.0 gate on\nsoon gate off\n", "t:2: 'soon' is not a time"},
        {"1.0 gate\n", "t:1: expected `<seconds> <output> on|off`"},
        {"1.0 gate on now\n", "t:1: expected"},
        {"-1 gate on\n", "t:1: '-1' is not a time"},
        {"nan gate on\n", "t:1: 'nan' is not a time"}}) {
    const auto timeline = parse_timeline(text, "t");
    ASSERT_FALSE(timeline) << text;
    EXPECT_NE(timeline.error().message.find(message), std::string::npos)
        << timeline.error().message;
  }
}

TEST(Timeline, DiffIsEmptyForTheSameEdges) {
  EXPECT_EQ(timeline_diff(parse("1 a on # x\n2 a off\n"), parse("1.000 a on\n2.0 a off # y\n")),
            "");
}

TEST(Timeline, DiffShowsMissingUnexpectedAndMovedEdges) {
  const Timeline want = parse("1 a on\n2 a off\n3 b on\n");
  EXPECT_EQ(timeline_diff(want, parse("1 a on\n3 b on\n")), "-   2.000 a off\n");
  EXPECT_EQ(timeline_diff(want, parse("1 a on\n1.5 c on\n2 a off\n3 b on\n")), "+   1.500 c on\n");
  EXPECT_EQ(timeline_diff(want, parse("1 a on\n2.04 a off\n3 b on\n")),
            "-   2.000 a off\n+   2.040 a off\n");
}

}  // namespace
}  // namespace pinfer
