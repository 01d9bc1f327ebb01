// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace pinfer {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Left half dark, right half a colour.
class Screen : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < pixels_.size(); i += 3) {
      const bool right = (i / 3) % kWidth >= kWidth / 2;
      pixels_[i] = right ? 10 : 0;  // blue
      pixels_[i + 1] = right ? 200 : 0;
      pixels_[i + 2] = right ? 250 : 0;
    }
    moment_.picture = {.data = pixels_.data(),
                       .width = kWidth,
                       .height = kHeight,
                       .stride = 3 * kWidth,
                       .format = PixelFormat::bgr8,
                       .sequence = 0,
                       .captured_at = {}};
    moment_.predictions = {{"seven", 0.98f}, {"one", 0.02f}};
    moment_.lamps = {{"gate", true, 3}, {"lamp", false, 8}};
    moment_.elapsed = 12s;
    moment_.frames = 300;
    moment_.dropped = 1;
    moment_.inference = 1500us;
  }

  static constexpr int kWidth = 160;
  static constexpr int kHeight = 120;
  std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(kWidth * kHeight * 3);
  Moment moment_;
};

TEST_F(Screen, HasEighteenLinesFromTheTopOfTheTerminal) {
  const std::string drawn = draw_screen(moment_, true);
  EXPECT_THAT(drawn, StartsWith("\x1b[H"));
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '\n'), 18);
}

TEST_F(Screen, PaintsThePicturesColours) {
  const std::string drawn = draw_screen(moment_, true);
  EXPECT_THAT(drawn, HasSubstr("\x1b[38;2;0;0;0m\x1b[48;2;0;0;0m\u2580"));
  EXPECT_THAT(drawn, HasSubstr("\x1b[38;2;250;200;10m\x1b[48;2;250;200;10m\u2580"));
}

TEST_F(Screen, WithoutColoursShadesAndSendsNoColourCodes) {
  const std::string drawn = draw_screen(moment_, false);
  EXPECT_THAT(drawn, Not(HasSubstr("\x1b[38")));
  EXPECT_THAT(drawn, HasSubstr("    \u2592\u2592"));  // a mean of 153 is the third of five shades
  EXPECT_THAT(drawn, HasSubstr("\u25cf gate         on     3 edges"));
  EXPECT_THAT(drawn, HasSubstr("\u25cb lamp         off    8 edges"));
}

TEST_F(Screen, ShowsPredictionsAndFigures) {
  const std::string drawn = draw_screen(moment_, false);
  EXPECT_THAT(drawn, HasSubstr("seven      98 % \u2588"));
  EXPECT_THAT(drawn, HasSubstr("inference          1.50 ms"));
  EXPECT_THAT(drawn, HasSubstr("capture to edge       -"));
  moment_.capture_to_edge = 2ms;
  EXPECT_THAT(draw_screen(moment_, false), HasSubstr("capture to edge    2.00 ms"));
}

TEST_F(Screen, LeavesThePlaceOfAMissingOrTinyPictureEmpty) {
  moment_.picture.width = 8;
  EXPECT_THAT(draw_screen(moment_, true), Not(HasSubstr("\u2580")));
  moment_.picture = {};
  EXPECT_THAT(draw_screen(moment_, true), Not(HasSubstr("\u2580")));
}

TEST_F(Screen, IsOneLineInALog) {
  EXPECT_EQ(progress_line(moment_), " 12.0 s: 300 frames, 1 dropped, seven 98 %, on: gate");
  EXPECT_EQ(progress_line({}), "  0.0 s: 0 frames, 0 dropped");
}

}  // namespace
}  // namespace pinfer
