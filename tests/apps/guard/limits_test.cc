// SPDX-License-Identifier: Apache-2.0
// Each limit of the lease table on its own; all together in limits_property_test.cc.
#include <gtest/gtest.h>

#include "tests/apps/guard/limits_fixture.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::at;
using testing::kAnna;

class LimitsTest : public testing::LimitsFixture {};

TEST_F(LimitsTest, MinOnHoldsALineAfterAnOrdinaryEnd) {
  const LineHandle pump = add("pump", {.min_on = milliseconds(500)});
  want(pump, 0);
  release(pump, 100);
  expect(pump, 499, true, Cause::min_on);
  expect(pump, 500, false, Cause::released);
  want(pump, 1000);
  want(pump, 1100, false);
  expect(pump, 1499, true, Cause::min_on, "a lease for off is an ordinary end as well");
  expect(pump, 1500, false, Cause::decision);
}

TEST_F(LimitsTest, MinOnHoldsNothingAfterAFault) {
  const LineHandle pump = add("pump", {.min_on = milliseconds(500)});
  want(pump, 0);
  release(pump, 100, Cause::stale_frame);
  expect(pump, 100, false, Cause::stale_frame);
  want(pump, 200, true, 100);
  expect(pump, 300, false, Cause::lease_expired);
  want(pump, 400);
  release(pump, 450);
  table.drop_client(kAnna, Cause::client_gone, at(460));
  EXPECT_EQ(line(pump).active, false) << "held on, but its client has gone";
}

TEST_F(LimitsTest, MinOffKeepsALineOffAlsoAfterTheStart) {
  const LineHandle pump = add("pump", {.min_off = milliseconds(300)});
  want(pump, 0);
  expect(pump, 299, false, Cause::min_off);
  expect(pump, 300, true, Cause::decision);
  release(pump, 400);
  want(pump, 410);
  expect(pump, 699, false, Cause::min_off);
  expect(pump, 700, true, Cause::decision);
}

TEST_F(LimitsTest, MaxOnEndsWithACoolDown) {
  const LineHandle coil =
      add("coil", {.max_on = milliseconds(200), .cool_down = milliseconds(1000)});
  want(coil, 0);
  expect(coil, 199, true, Cause::decision);
  expect(coil, 200, false, Cause::max_on);
  release(coil, 300);
  want(coil, 310);
  expect(coil, 1199, false, Cause::max_on, "a new wish does not cool it down");
  expect(coil, 1200, true, Cause::decision);
}

TEST_F(LimitsTest, MaxOnWithoutACoolDownWaitsUntilNobodyWantsItOn) {
  const LineHandle coil = add("coil", {.max_on = milliseconds(200)});
  want(coil, 0);
  expect(coil, 5000, false, Cause::max_on);
  want(coil, 6000);
  expect(coil, 6000, false, Cause::max_on, "still the same wish");
  release(coil, 6100);
  expect(coil, 6100, false, Cause::released);
  want(coil, 6200);
  expect(coil, 6200, true, Cause::decision);
}

TEST_F(LimitsTest, ADutyLimitCountsEveryTimeWithinTheWindow) {
  const LineHandle coil =
      add("coil", {.duty_on = milliseconds(300), .duty_window = milliseconds(1000)});
  want(coil, 0);
  release(coil, 200);
  want(coil, 500);
  expect(coil, 599, true, Cause::decision);
  expect(coil, 600, false, Cause::duty_limit);
  expect(coil, 1000, false, Cause::duty_limit, "200 ms and 100 ms ago");
  expect(coil, 1001, true, Cause::decision, "the first millisecond has left the window");
  expect(coil, 1201, false, Cause::duty_limit, "until its 200 ms have left");
  EXPECT_LT(turns, 100);
}

TEST_F(LimitsTest, ADutyLimitWaitsForRoomForMinOn) {
  const LineHandle coil = add("coil", {.min_on = milliseconds(100),
                                       .duty_on = milliseconds(300),
                                       .duty_window = milliseconds(1000)});
  want(coil, 0);
  expect(coil, 300, false, Cause::duty_limit);
  expect(coil, 1099, false, Cause::duty_limit);
  expect(coil, 1100, true, Cause::decision);
}

TEST_F(LimitsTest, ARateLimitCountsEdgesAndNeverDelaysTheWayBack) {
  const LineHandle relay = add("relay", {.edge_window = milliseconds(1000), .max_edges = 4});
  want(relay, 0);
  release(relay, 10);
  want(relay, 20);
  release(relay, 30);
  expect(relay, 30, false, Cause::released);
  want(relay, 40);
  expect(relay, 1009, false, Cause::rate_limit);
  expect(relay, 1010, true, Cause::decision, "two of the four edges are a second ago");
}

TEST_F(LimitsTest, TheDutyIsNeverCountedTooLowWhenALineChatters) {
  const LineHandle coil =
      add("coil", {.duty_on = milliseconds(100), .duty_window = milliseconds(1000)});
  for (int i = 0; i < 80; ++i) {
    want(coil, 4 * i);
    release(coil, 4 * i + 1);
  }
  EXPECT_GE(line(coil).past.used(milliseconds(1000), now), milliseconds(64));
  EXPECT_LE(line(coil).past.used(milliseconds(1000), now), milliseconds(320));
}

TEST_F(LimitsTest, AnInterlockLetsOneOnAtATimeWithADeadTime) {
  const LineLimits hoist{.interlocks = 1, .dead_time = milliseconds(100)};
  const LineHandle up = add("up", hoist);
  const LineHandle down = add("down", hoist);
  want(up, 50);
  expect(up, 99, false, Cause::interlock, "nobody knows when the other went off");
  expect(up, 100, true, Cause::decision);
  want(down, 200);
  expect(down, 300, false, Cause::interlock);
  release(up, 400);
  expect(down, 499, false, Cause::interlock);
  expect(down, 500, true, Cause::decision);
  EXPECT_FALSE(line(up).active);
}

TEST_F(LimitsTest, AnInterlockWithoutADeadTimeChangesOverAtOnce) {
  const LineHandle up = add("up", {.interlocks = 1});
  const LineHandle down = add("down", {.interlocks = 1});
  want(down, 0);
  want(up, 10);
  release(down, 20);
  expect(up, 20, true, Cause::decision);
  EXPECT_FALSE(line(down).active);
}

TEST_F(LimitsTest, InterlocksBindTheirOwnGroupAndClientOnly) {
  const LineHandle a = add("a", {.interlocks = 1});
  const LineHandle b = add("b", {.interlocks = 2});
  const LineHandle c = add("c", {.interlocks = 1}, false, "bert");
  const LineHandle d = add("d", {.interlocks = 3});
  for (const LineHandle handle : {a, b, c, d}) want(handle, 0);
  EXPECT_TRUE(line(a).active && line(b).active && line(c).active);
  EXPECT_FALSE(line(d).active) << "it is in the groups of both a and b";
}

TEST_F(LimitsTest, ALineThatIsStuckKeepsItsInterlockedOnesOff) {
  const LineLimits hoist{.interlocks = 1, .dead_time = milliseconds(100)};
  const LineHandle up = add("up", hoist);
  const LineHandle down = add("down", hoist);
  want(up, 100);
  run_to(200);
  table.fail_line(slot(up), now);
  want(down, 210);
  want(up, 220);
  expect(down, 1000, false, Cause::interlock);
  expect(up, 1000, false, Cause::line_fault);
  release(up, 1000, Cause::stale_frame);
  table.free_line(slot(up), now);
  expect(down, 1099, false, Cause::interlock);
  expect(down, 1100, true, Cause::decision, "the dead time runs from the repair");
}

TEST_F(LimitsTest, ALineGoesOffWhenAnInterlockedOneTurnsOutToBeStuck) {
  const LineHandle up = add("up", {.interlocks = 1});
  const LineHandle down = add("down", {.interlocks = 1});
  want(up, 0);
  table.fail_line(slot(down), at(10));
  expect(up, 10, false, Cause::interlock);
}

TEST_F(LimitsTest, RemembersAWireThatIsConfiguredAnew) {
  const LineLimits limits{
      .min_off = milliseconds(300), .max_on = milliseconds(200), .cool_down = milliseconds(1000)};
  LineHandle coil = add("coil", limits);
  want(coil, 300);
  expect(coil, 500, false, Cause::max_on);
  table.remove(slot(coil), at(600));
  const LineHandle other = add("other", {});
  EXPECT_NE(slot(other), slot(coil)) << "as long as there is another slot";
  now = at(700);
  LineSpec changed = table.lines()[slot(coil)].spec;
  changed.limits.max_on = milliseconds(400);
  coil = table.add(changed, {}, kAnna, now);
  want(coil, 710);
  expect(coil, 1499, false, Cause::max_on, "it still cools down");
  expect(coil, 1500, true, Cause::decision);
  table.remove(slot(coil), at(1600));
  coil = table.add(changed, {}, kAnna, at(1600));
  want(coil, 1610);
  expect(coil, 1899, false, Cause::min_off, "off since it was removed");
}

TEST_F(LimitsTest, RemembersThatARemovedWireWasStuck) {
  const LineHandle coil = add("coil", {.min_off = milliseconds(300)});
  table.fail_line(slot(coil), at(400));
  const LineSpec spec = line(coil).spec;
  table.remove(slot(coil), at(900));
  const LineHandle again = table.add(spec, {}, kAnna, at(900));
  want(again, 910);
  expect(again, 1199, false, Cause::min_off);
  expect(again, 1200, true, Cause::decision);
}

TEST_F(LimitsTest, TakesTheWorstForTrueOfALineOfADeadGuard) {
  LineSpec spec;
  ASSERT_TRUE(spec.name.assign("coil") && spec.driver.assign("log"));
  spec.limits = {.max_on = milliseconds(200), .cool_down = milliseconds(1000)};
  const LineHandle coil = table.add(spec, {}, kAnna, at(100), LeaseTable::Before::unknown);
  want(coil, 110);
  expect(coil, 1099, false, Cause::max_on);
  expect(coil, 1100, true, Cause::decision);
}

TEST_F(LimitsTest, RemovingALineFreesThoseItHadLockedOut) {
  const LineHandle up = add("up", {.interlocks = 1});
  const LineHandle down = add("down", {.interlocks = 1});
  want(up, 0);
  want(down, 10);
  table.remove(slot(up), at(20));
  expect(down, 20, true, Cause::decision);
}

TEST(LimitsFault, NamesEveryCombinationThatCannotBe) {
  using std::chrono::hours;
  using std::chrono::seconds;
  const auto fault = [](const LineLimits& limits, bool safe_active = false) {
    LineSpec spec;
    spec.limits = limits;
    spec.safe_active = safe_active;
    return limits_fault(spec);
  };
  EXPECT_EQ(fault({}), "");
  EXPECT_EQ(fault({}, true), "");
  EXPECT_EQ(fault({.min_on = seconds(1)}, true), "limits need a line that is safe when off");
  EXPECT_EQ(fault({.min_on = seconds(-1)}), "a limit is a time of 0 to 24 hours");
  EXPECT_EQ(fault({.min_off = hours(25)}), "a limit is a time of 0 to 24 hours");
  EXPECT_EQ(fault({.cool_down = seconds(1)}), "cool_down needs max_on");
  EXPECT_EQ(fault({.min_on = seconds(2), .max_on = seconds(1)}), "min_on is above max_on");
  EXPECT_EQ(fault({.duty_on = seconds(1)}), "a duty limit is a part of a time");
  EXPECT_EQ(fault({.duty_window = seconds(1)}), "a duty limit is a part of a time");
  EXPECT_EQ(fault({.duty_on = seconds(2), .duty_window = seconds(1)}),
            "a duty limit is a part of a time");
  EXPECT_EQ(fault({.min_on = seconds(2), .duty_on = seconds(1), .duty_window = seconds(9)}),
            "min_on is above the duty");
  constexpr std::string_view kRate = "a rate limit is 2 to 32 level changes in a time";
  EXPECT_EQ(fault({.max_edges = 2}), kRate);
  EXPECT_EQ(fault({.edge_window = seconds(1)}), kRate);
  EXPECT_EQ(fault({.edge_window = seconds(1), .max_edges = 1}), kRate);
  EXPECT_EQ(fault({.edge_window = seconds(1), .max_edges = 33}), kRate);
  EXPECT_EQ(fault({.dead_time = seconds(1)}), "dead_time needs an interlock");
  EXPECT_EQ(fault({.min_on = seconds(1),
                   .min_off = seconds(1),
                   .max_on = seconds(2),
                   .cool_down = seconds(1),
                   .duty_on = seconds(2),
                   .duty_window = seconds(9),
                   .edge_window = seconds(1),
                   .max_edges = 32,
                   .interlocks = 1,
                   .dead_time = seconds(1)}),
            "");
}

TEST_F(LimitsTest, ALineThatIsHeldGoesOffForAStuckOne) {
  const LineHandle up = add("up", {.min_on = milliseconds(500), .interlocks = 1});
  const LineHandle down = add("down", {.interlocks = 1});
  want(up, 0);
  release(up, 10);
  expect(up, 10, true, Cause::min_on);
  table.fail_line(slot(down), at(20));
  expect(up, 20, false, Cause::interlock);
}

TEST_F(LimitsTest, UsesASlotThatRemembersNothingFirst) {
  const LineHandle a = add("a", {});
  const LineHandle b = add("b", {});
  table.remove(slot(a), at(0));
  table.remove(slot(b), at(0));
  EXPECT_EQ(slot(add("c", {})), 2u);
  EXPECT_EQ(slot(add("b", {})), slot(b));
}

}  // namespace
}  // namespace pinfer
