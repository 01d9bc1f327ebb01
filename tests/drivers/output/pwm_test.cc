// SPDX-License-Identifier: Apache-2.0
// The pwm driver on a made-up /sys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "drivers/output/output.h"
#include "tests/drivers/output/pwm_tree.h"

namespace pinfer {
namespace {

using ::testing::HasSubstr;
using testing::PwmTree;

class PwmTest : public ::testing::Test {
 protected:
  PwmTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinfer-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    tree.emplace(folder);
    tree->make_channel(1);
    EXPECT_TRUE(servo.name.assign("arm") && servo.driver.assign("pwm") &&
                servo.chip.assign("1f00098000.pwm"));
    servo.offset = 1;
    servo.pwm = {20'000'000, 1'000'000, 2'000'000};
    context.pwm_root = tree->root.c_str();
  }
  ~PwmTest() override { std::filesystem::remove_all(folder); }

  std::string error(const OutputSpec& spec) const {
    const auto output = create_output(spec, context);
    return output ? "" : output.error().message;
  }

  std::string folder;
  std::optional<PwmTree> tree;
  OutputSpec servo;
  OutputContext context;
};

TEST_F(PwmTest, DrivesAServoBetweenItsTwoPulses) {
  const auto output = create_output(servo, context);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(tree->read(1, "period"), "20000000");
  EXPECT_EQ(tree->read(1, "duty_cycle"), "1000000") << "the safe level";
  EXPECT_EQ(tree->read(1, "enable"), "1");
  EXPECT_EQ((*output)->set(true), Status::ok);
  EXPECT_EQ(tree->read(1, "duty_cycle"), "2000000");
  bool active = false;
  EXPECT_EQ((*output)->read(active), Status::ok);
  EXPECT_TRUE(active);
}

TEST_F(PwmTest, LeavesTheHardwareRunningWithTheSafeDuty) {
  {
    const auto output = create_output(servo, context);
    ASSERT_TRUE(output);
    ASSERT_EQ((*output)->set(true), Status::ok);
  }
  EXPECT_EQ(tree->read(1, "duty_cycle"), "1000000");
  EXPECT_EQ(tree->read(1, "enable"), "1");
}

TEST_F(PwmTest, TurnsADimmerAroundWhenItIsActiveLow) {
  servo.pwm = {1'000'000, 0, 800'000};
  servo.active_low = true;
  const auto output = create_output(servo, context);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(tree->read(1, "duty_cycle"), "1000000") << "off: always high";
  EXPECT_EQ((*output)->set(true), Status::ok);
  EXPECT_EQ(tree->read(1, "duty_cycle"), "200000");
}

TEST_F(PwmTest, StartsAtTheActiveDutyWhenThatIsSafe) {
  servo.safe_active = true;
  ASSERT_TRUE(create_output(servo, context));
  EXPECT_EQ(tree->read(1, "duty_cycle"), "2000000");
}

TEST_F(PwmTest, FindsTheChipByItsDeviceWhateverItsNumber) {
  std::filesystem::rename(tree->root + "/pwmchip2", tree->root + "/pwmchip0");
  EXPECT_EQ(error(servo), "");
  ASSERT_TRUE(servo.chip.assign(tree->device_path));
  EXPECT_EQ(error(servo), "") << "the path of the device does as well";
}

TEST_F(PwmTest, SaysWhichDevicesThereAre) {
  ASSERT_TRUE(servo.chip.assign("1f00098000.pvm"));
  EXPECT_EQ(error(servo),
            "output arm: no PWM chip belongs to the device '1f00098000.pvm'; the devices here are "
            "1f00098000.pwm (did you mean 1f00098000.pwm?)");
  std::filesystem::remove(tree->root + "/pwmchip2");
  EXPECT_THAT(error(servo), HasSubstr("this machine shows none (is the overlay loaded?"));
}

TEST_F(PwmTest, RefusesAChannelThatIsNotThere) {
  servo.offset = 4;
  EXPECT_EQ(error(servo), "output arm: 1f00098000.pwm has the PWM channels 0 to 3, not 4");
}

TEST_F(PwmTest, RefusesAShapeThatIsNone) {
  for (const PwmShape shape : {PwmShape{0, 0, 0}, PwmShape{10, 11, 0}, PwmShape{10, 0, 11}}) {
    servo.pwm = shape;
    EXPECT_EQ(error(servo), "output arm: a pwm line needs a period and two levels within it");
  }
}

TEST_F(PwmTest, LetsTwoOutputsNeverOwnOneChannel) {
  const auto first = create_output(servo, context);
  ASSERT_TRUE(first);
  EXPECT_THAT(error(servo), HasSubstr("is in use by another process"));
}

TEST_F(PwmTest, ExportsAChannelAndWaitsUntilItIsThere) {
  servo.offset = 3;
  std::jthread kernel([this](const std::stop_token& stop) {
    while (!stop.stop_requested() && PwmTree::read(tree->chip + "/export") != "3")
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    tree->make_channel(3);
  });
  EXPECT_EQ(error(servo), "");
  EXPECT_EQ(tree->read(3, "enable"), "1");
}

TEST_F(PwmTest, GivesUpAChannelThatNeverComes) {
  servo.offset = 0;
  EXPECT_THAT(error(servo), HasSubstr("cannot open"));
}

TEST_F(PwmTest, TakesOverAChannelThatRunsInAnotherWay) {
  PwmTree::write(tree->channel(1) + "/period", "1000\n");
  PwmTree::write(tree->channel(1) + "/duty_cycle", "900000000\n");
  PwmTree::write(tree->channel(1) + "/polarity", "inversed\n");
  PwmTree::write(tree->channel(1) + "/enable", "1\n");
  EXPECT_EQ(error(servo), "");
  EXPECT_EQ(tree->read(1, "period"), "20000000");
  EXPECT_EQ(tree->read(1, "polarity"), "normal");
  EXPECT_EQ(tree->read(1, "duty_cycle"), "1000000");
  EXPECT_EQ(tree->read(1, "enable"), "1");
}

TEST_F(PwmTest, SaysWhenADutyIsNeitherOfTheTwo) {
  const auto output = create_output(servo, context);
  ASSERT_TRUE(output);
  PwmTree::write(tree->channel(1) + "/duty_cycle", "1234567\n");
  bool active = false;
  EXPECT_EQ((*output)->read(active), Status::backend_fault);
}

TEST_F(PwmTest, IsNoInput) {
  const auto input = create_input(servo, context);
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().message, "input arm: the driver pwm has no inputs; use gpio or memory");
}

}  // namespace
}  // namespace pinfer
