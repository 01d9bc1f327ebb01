// SPDX-License-Identifier: Apache-2.0
// What the configuration tells the guard: limits, interlocks, e-stop, PWM. Mistakes: bad_configs/.
#include <gtest/gtest.h>

#include <string>

#include "tests/apps/pipeline/config_fixture.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

class GuardConfigTest : public testing::Test {
 protected:
  GuardConfigTest()
      : load(load_config(std::string(PINFER_GOOD_CONFIGS) + "/limits.yaml", test_options())) {
    EXPECT_TRUE(load) << render_text(load.diagnostics);
    EXPECT_TRUE(load.diagnostics.empty()) << render_text(load.diagnostics);
    config = load.config.value_or(Config{});
  }
  const LineSpec& spec(const std::string& name) const {
    for (const OutputConfig& output : config.outputs)
      if (output.name == name) return output.spec;
    throw std::runtime_error(name);
  }

  ConfigLoad load;
  Config config;
};

TEST_F(GuardConfigTest, ReadsEveryLimit) {
  const LineLimits& up = spec("up").limits;
  EXPECT_EQ(up.min_on, 300ms);
  EXPECT_EQ(up.min_off, 1s);
  EXPECT_EQ(up.max_on, 20s);
  EXPECT_EQ(up.cool_down, 1min);
  EXPECT_EQ(up.duty_on, 75s);
  EXPECT_EQ(up.duty_window, 10min);
  EXPECT_EQ(up.max_edges, 20u);
  EXPECT_EQ(up.edge_window, 1min);
  EXPECT_EQ(spec("brake").limits, LineLimits{});
}

TEST_F(GuardConfigTest, GivesTheOutputsOfAGroupOneBitAndTheLongestDeadTime) {
  EXPECT_EQ(spec("up").limits.interlocks, 0b11u);
  EXPECT_EQ(spec("down").limits.interlocks, 0b01u);
  EXPECT_EQ(spec("light").limits.interlocks, 0b10u);
  EXPECT_EQ(spec("arm").limits.interlocks, 0u);
  EXPECT_EQ(spec("up").limits.dead_time, 500ms);
  EXPECT_EQ(spec("light").limits.dead_time, 0ms);
}

TEST_F(GuardConfigTest, FindsTheLineOfTheEstop) {
  const auto& estop = config.guard.estop;
  ASSERT_TRUE(estop);
  EXPECT_EQ(estop->driver.view(), "gpio");
  EXPECT_EQ(estop->chip.view(), "pinctrl-rp1");
  EXPECT_EQ(estop->offset, 22u);
  EXPECT_FALSE(estop->active_low) << "a contact that opens, against a pull-up";
  EXPECT_EQ(estop->bias, Bias::pull_up);
}

TEST_F(GuardConfigTest, ReadsServosAndDimmers) {
  EXPECT_EQ(spec("arm").chip.view(), "1f00098000.pwm");
  EXPECT_EQ(spec("arm").offset, 2u);
  EXPECT_EQ(spec("arm").pwm, (PwmShape{20'000'000, 1'000'000, 2'000'000}));
  EXPECT_EQ(spec("light").pwm, (PwmShape{2'000'000, 100'000, 1'600'000}));
  EXPECT_EQ(spec("up").pwm, PwmShape{});
}

// The guard would hang up on what the configuration lets through.
TEST_F(GuardConfigTest, HasNothingThatTheGuardWouldRefuse) {
  for (const OutputConfig& output : config.outputs)
    EXPECT_EQ(limits_fault(output.spec), "") << output.name;
}

TEST_F(GuardConfigTest, AChangedLimitIsAChangedLine) {
  LineSpec changed = spec("up");
  EXPECT_EQ(changed, spec("up"));
  changed.limits.max_on = 21s;
  EXPECT_NE(changed, spec("up"));
}

}  // namespace
}  // namespace pinfer
