// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/line_states.h"

#include <gtest/gtest.h>

namespace pinfer {
namespace {

TEST(DebugGpio, IsReadWithTheNumbersOfTheWholeMachine) {
  const auto chips = parse_debug_gpio(
      "gpiochip0: GPIOs 569-622, parent: platform/1f000d0000.gpio, pinctrl-rp1:\n"
      " gpio-569 (ID_SDA              )\n"
      " gpio-577 (GPIO8               |spi0 CS0            ) out hi ACTIVE LOW\n"
      " gpio-586 (GPIO17              |pinfer-guard        ) out lo \n"
      "\n"
      "gpiochip10: GPIOs 512-515, parent: platform/x, gpio-brcmstb@107d508500, can sleep:\n"
      " gpio-512 (                    |2712_WAKE           ) in  hi IRQ\n");
  ASSERT_EQ(chips.size(), 2u);
  EXPECT_EQ(chips[0].device, "gpiochip0");
  EXPECT_EQ(chips[0].label, "pinctrl-rp1");
  EXPECT_EQ(chips[0].lines, 54u);
  ASSERT_EQ(chips[0].line.size(), 3u);
  EXPECT_EQ(chips[0].line[0], (LineState{0, "ID_SDA", false, ""}));
  EXPECT_EQ(chips[0].line[1], (LineState{8, "GPIO8", true, "spi0 CS0"}));
  EXPECT_EQ(chips[0].line[2], (LineState{17, "GPIO17", true, "pinfer-guard"}));
  EXPECT_EQ(chips[1].label, "gpio-brcmstb@107d508500");
  EXPECT_EQ(chips[1].line[0], (LineState{0, "", true, "2712_WAKE"}));
  EXPECT_EQ(find_state(chips, "pinctrl-rp1", 17)->consumer, "pinfer-guard");
  EXPECT_EQ(find_state(chips, "pinctrl-rp1", 18), nullptr);
  EXPECT_EQ(find_state(chips, "other", 17), nullptr);
}

TEST(DebugGpio, IsReadWithNumbersOfTheChip) {
  const auto chips = parse_debug_gpio(
      "gpiochip0: 54 GPIOs, parent: platform/1f000d0000.gpio, pinctrl-rp1:\n"
      " gpio-17  (GPIO17              |relay               ) out hi\n");
  ASSERT_EQ(chips.size(), 1u);
  EXPECT_EQ(chips[0].line, (std::vector<LineState>{{17, "GPIO17", true, "relay"}}));
}

TEST(DebugGpio, LeavesOutWhatItCannotRead) {
  EXPECT_TRUE(parse_debug_gpio("").empty());
  EXPECT_TRUE(parse_debug_gpio("gpiochip0 GPIOs\n gpio-1 (a|b) in\n").empty());
  EXPECT_TRUE(parse_debug_gpio("gpiochip0: GPIOs 9-3, x, y:\n").empty());
  const auto chips = parse_debug_gpio(
      "gpiochip0: GPIOs 100-109, parent: platform/x, c:\n gpio-99 (a|b) in\n gpio-110 (a|b) in\n"
      " gpio-x (a|b)\n gpio-101 )a(\n gpio-102 (d\n gpio-109 (|) in\n");
  ASSERT_EQ(chips.size(), 1u);
  EXPECT_EQ(chips[0].line, (std::vector<LineState>{{9, "", true, ""}}));
}

}  // namespace
}  // namespace pinfer
