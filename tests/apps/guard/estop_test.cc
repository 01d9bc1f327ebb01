// SPDX-License-Identifier: Apache-2.0
// The e-stop and the overrides of the lease table.
#include <gtest/gtest.h>

#include "tests/apps/guard/limits_fixture.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::at;
using testing::kAnna;

class EstopTest : public testing::LimitsFixture {};

TEST_F(EstopTest, AnEstopTakesEveryLineAndAResetStartsNothing) {
  const LineHandle pump = add("pump", {.min_on = milliseconds(500)});
  const LineHandle fan = add("fan", {}, true);
  const LineHandle idle = add("idle", {});
  want(pump, 0);
  want(fan, 0, false);
  table.press_estop(at(10));
  table.press_estop(at(11));
  EXPECT_EQ(table.estop().since, at(10));
  for (const LineHandle handle : {pump, fan, idle})
    EXPECT_EQ(to_string(line(handle).cause), "e-stop");
  EXPECT_TRUE(!line(pump).active && line(fan).active) << "safe, in spite of min_on";
  want(pump, 100);
  EXPECT_TRUE(table.reset_estop(at(200)));
  EXPECT_FALSE(table.estop().latched);
  expect(pump, 300, false, Cause::estop);
  expect(fan, 300, true, Cause::estop);
  expect(idle, 300, false, Cause::start);
  release(pump, 400);
  want(pump, 500);
  expect(pump, 500, true, Cause::decision);
  want(fan, 600, true);
  want(fan, 700, false);
  expect(fan, 700, false, Cause::decision);
}

TEST_F(EstopTest, AWishThatEndsDuringTheEstopMayComeBackAfterIt) {
  const LineHandle pump = add("pump", {});
  want(pump, 0);
  table.press_estop(at(10));
  release(pump, 20);
  want(pump, 30);
  EXPECT_TRUE(table.reset_estop(at(40)));
  EXPECT_TRUE(table.reset_estop(at(41))) << "nothing to reset";
  expect(pump, 50, false, Cause::estop, "wanted when it was reset");
  release(pump, 60);
  want(pump, 70);
  expect(pump, 70, true, Cause::decision);
}

TEST_F(EstopTest, TheEstopLineLatchesAndForbidsTheReset) {
  const LineHandle pump = add("pump", {});
  want(pump, 0);
  table.note_estop_line(false, at(10));
  EXPECT_TRUE(line(pump).active);
  table.note_estop_line(true, at(20));
  table.note_estop_line(true, at(30));
  EXPECT_FALSE(line(pump).active);
  EXPECT_EQ(table.estop().since, at(20));
  EXPECT_FALSE(table.reset_estop(at(40)));
  table.note_estop_line(false, at(50));
  EXPECT_TRUE(table.estop().latched) << "released is not reset";
  EXPECT_TRUE(table.reset_estop(at(60)));
}

TEST_F(EstopTest, LinesAddedDuringAnEstopStaySafe) {
  table.press_estop(at(0));
  const LineHandle pump = add("pump", {});
  EXPECT_EQ(line(pump).cause, Cause::estop);
  want(pump, 10);
  EXPECT_FALSE(line(pump).active);
}

TEST_F(EstopTest, AnOverrideComesBeforeTheClientAndEndsByItself) {
  const LineHandle pump = add("pump", {});
  table.set_override(slot(pump), true, at(1000), at(0));
  expect(pump, 0, true, Cause::override_);
  want(pump, 100, false);
  release(pump, 200, Cause::stale_frame);
  expect(pump, 999, true, Cause::override_, "whatever the client says");
  expect(pump, 1000, false, Cause::released);
  want(pump, 1100);
  table.set_override(slot(pump), false, at(2000), at(1200));
  expect(pump, 1999, false, Cause::override_);
  expect(pump, 2000, true, Cause::decision);
  table.end_override(slot(pump), at(2100));
  expect(pump, 2100, true, Cause::decision);
  table.set_override(slot(pump), false, at(9000), at(2200));
  table.end_override(slot(pump), at(2300));
  expect(pump, 2300, true, Cause::decision);
}

TEST_F(EstopTest, AnOverrideObeysTheLimits) {
  const LineHandle pump =
      add("pump", {.min_off = milliseconds(100), .max_on = milliseconds(200), .interlocks = 1});
  const LineHandle other = add("other", {.interlocks = 1});
  table.set_override(slot(pump), true, at(5000), at(0));
  expect(pump, 99, false, Cause::min_off);
  expect(pump, 100, true, Cause::override_);
  want(other, 150);
  expect(other, 150, false, Cause::interlock);
  expect(pump, 300, false, Cause::max_on);
  EXPECT_TRUE(line(other).active);
  table.press_estop(at(400));
  EXPECT_FALSE(line(other).active);
}

TEST_F(EstopTest, AServiceStopAndABrokenWireEndAnOverride) {
  const LineHandle pump = add("pump", {.min_on = milliseconds(500)});
  table.set_override(slot(pump), true, at(5000), at(0));
  table.make_all_safe(Cause::service_stop, at(10));
  expect(pump, 10, false, Cause::service_stop);
  table.set_override(slot(pump), true, at(5000), at(20));
  table.fail_line(slot(pump), at(30));
  expect(pump, 30, false, Cause::line_fault);
  table.free_line(slot(pump), at(40));
  expect(pump, 5000, false, Cause::line_fault);
}

}  // namespace
}  // namespace pinfer
