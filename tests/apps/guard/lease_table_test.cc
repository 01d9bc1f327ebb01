// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/lease_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using Answer = LeaseTable::Answer;

constexpr ClientId kAnna = 1;
constexpr ClientId kBert = 2;

MonotonicTime at(int ms) { return MonotonicTime{milliseconds(ms)}; }

LineSpec spec(std::string_view name, bool safe_active = false) {
  LineSpec spec;
  EXPECT_TRUE(spec.name.assign(name));
  spec.safe_active = safe_active;
  return spec;
}

ClientName client_name(std::string_view text) {
  ClientName name;
  EXPECT_TRUE(name.assign(text));
  return name;
}

class LeaseTableTest : public ::testing::Test {
 protected:
  const Line& line(LineHandle handle) const { return table.lines()[LeaseTable::slot_of(handle)]; }
  LineHandle add(const LineSpec& output, ClientId client = kAnna) {
    const LineHandle handle = table.add(output, client_name("c"), client, at(0));
    EXPECT_NE(handle, LineHandle::none);
    return handle;
  }
  Answer lease(LineHandle handle, int now, int ttl = 500, bool active = true) {
    return table.lease(kAnna, {handle, active, milliseconds(ttl), at(now)}, at(now));
  }

  LeaseTable table{41};
  LineHandle lamp = add(spec("lamp"));
};

TEST_F(LeaseTableTest, StartsEveryLineAtItsSafeLevel) {
  const LineHandle valve = add(spec("valve", true));
  EXPECT_FALSE(line(lamp).active);
  EXPECT_TRUE(line(valve).active);
  EXPECT_EQ(line(valve).cause, Cause::start);
  EXPECT_FALSE(table.next_expiry().has_value());
}

TEST_F(LeaseTableTest, KeepsALevelOnlyAsLongAsItsLease) {
  ASSERT_EQ(lease(lamp, 100), Answer::ok);
  EXPECT_TRUE(line(lamp).active);
  EXPECT_EQ(line(lamp).cause, Cause::decision);
  EXPECT_EQ(table.next_expiry(), at(600));
  table.expire(at(599));
  EXPECT_TRUE(line(lamp).active);
  table.expire(at(600));
  EXPECT_FALSE(line(lamp).active);
  EXPECT_EQ(line(lamp).cause, Cause::lease_expired);
  EXPECT_EQ(line(lamp).since, at(600));
  EXPECT_EQ(line(lamp).edges, 2u);
  EXPECT_FALSE(table.next_expiry().has_value());
}

TEST_F(LeaseTableTest, RenewsWithoutAnEdge) {
  ASSERT_EQ(lease(lamp, 0), Answer::ok);
  EXPECT_TRUE(table.take_changed().any());
  ASSERT_EQ(lease(lamp, 400), Answer::ok);
  EXPECT_TRUE(table.take_changed().none());
  table.expire(at(899));
  EXPECT_TRUE(line(lamp).active);
  EXPECT_EQ(line(lamp).since, at(0));
}

TEST_F(LeaseTableTest, CountsALeaseFromTheMomentItWasSent) {
  ASSERT_EQ(table.lease(kAnna, {lamp, true, milliseconds(500), at(100)}, at(450)), Answer::ok);
  EXPECT_EQ(table.next_expiry(), at(600));
}

TEST_F(LeaseTableTest, IgnoresALeaseThatHasRunOutInTheQueue) {
  EXPECT_EQ(table.lease(kAnna, {lamp, true, milliseconds(500), at(100)}, at(600)), Answer::ignored);
  EXPECT_FALSE(line(lamp).active);
  EXPECT_EQ(line(lamp).edges, 0u);
}

TEST_F(LeaseTableTest, DoesNotBelieveATimeOfSendingInTheFuture) {
  ASSERT_EQ(table.lease(kAnna, {lamp, true, milliseconds(500), at(1'000'000)}, at(100)),
            Answer::ok);
  EXPECT_EQ(table.next_expiry(), at(600));
}

TEST_F(LeaseTableTest, RefusesATimeToLiveOutOfBounds) {
  EXPECT_EQ(lease(lamp, 0, 0), Answer::refused);
  EXPECT_EQ(lease(lamp, 0, 10'001), Answer::refused);
  EXPECT_EQ(lease(lamp, 0, 10'000), Answer::ok);
}

TEST_F(LeaseTableTest, LeasesTheInactiveLevelOfALineThatIsSafeWhenActive) {
  const LineHandle valve = add(spec("valve", true));
  ASSERT_EQ(lease(valve, 0, 500, false), Answer::ok);
  EXPECT_FALSE(line(valve).active);
  table.expire(at(500));
  EXPECT_TRUE(line(valve).active);
}

TEST_F(LeaseTableTest, ReleasesForACauseThatTheClientNames) {
  ASSERT_EQ(lease(lamp, 0), Answer::ok);
  EXPECT_EQ(table.release(kAnna, lamp, Cause::stale_frame, at(10)), Answer::ok);
  EXPECT_FALSE(line(lamp).active);
  EXPECT_EQ(line(lamp).cause, Cause::stale_frame);
  EXPECT_FALSE(table.next_expiry().has_value());
}

TEST_F(LeaseTableTest, LetsNoClientNameACauseThatIsTheGuards) {
  ASSERT_EQ(lease(lamp, 0), Answer::ok);
  EXPECT_EQ(table.release(kAnna, lamp, Cause::decision, at(10)), Answer::refused);
  EXPECT_EQ(table.release(kAnna, lamp, Cause::estop, at(10)), Answer::refused);
}

TEST_F(LeaseTableTest, KeepsAClientAwayFromAnothersLines) {
  const LineHandle pump = add(spec("pump"), kBert);
  EXPECT_EQ(lease(pump, 0), Answer::refused);
  EXPECT_EQ(table.release(kAnna, pump, Cause::released, at(0)), Answer::refused);
  EXPECT_FALSE(line(pump).active);
}

TEST_F(LeaseTableTest, MakesOnlyTheLinesOfADeadClientSafe) {
  const LineHandle pump = add(spec("pump"), kBert);
  ASSERT_EQ(lease(lamp, 0), Answer::ok);
  ASSERT_EQ(table.lease(kBert, {pump, true, milliseconds(500), at(0)}, at(0)), Answer::ok);
  table.drop_client(kAnna, Cause::client_gone, at(50));
  EXPECT_FALSE(line(lamp).active);
  EXPECT_EQ(line(lamp).cause, Cause::client_gone);
  EXPECT_EQ(line(lamp).client, kNoClient);
  EXPECT_TRUE(line(pump).active);
  EXPECT_EQ(lease(lamp, 60), Answer::refused) << "its client is gone: nobody may lease it";
}

TEST_F(LeaseTableTest, IgnoresTheHandleOfALineThatIsGone) {
  for (std::size_t i = 1; i < kMaxLines; ++i) add(spec(fmt::format("x{}", i)));
  table.remove(LeaseTable::slot_of(lamp), at(0));
  const LineHandle heater = add(spec("heater"));
  ASSERT_EQ(LeaseTable::slot_of(heater), LeaseTable::slot_of(lamp)) << "the slot is used again";
  EXPECT_EQ(lease(lamp, 0), Answer::ignored);
  EXPECT_FALSE(line(heater).active);
  EXPECT_EQ(lease(LineHandle::none, 0), Answer::ignored);
}

TEST_F(LeaseTableTest, IsFullAfterSixtyFourLines) {
  for (std::size_t i = 1; i < kMaxLines; ++i) add(spec("x"));
  EXPECT_EQ(table.add(spec("x"), client_name("c"), kAnna, at(0)), LineHandle::none);
}

TEST_F(LeaseTableTest, SurvivesTheWrapOfItsSerialNumbers) {
  LeaseTable late(~std::uint64_t{0} - 3);
  for (int i = 0; i < 8; ++i)
    EXPECT_NE(late.add(spec("x"), client_name("c"), kAnna, at(0)), LineHandle::none);
}

// The law of the table, over random histories: away from its safe level only under a live lease.
TEST_F(LeaseTableTest, NeverLeavesALineOnWithoutALiveLease) {
  std::mt19937 random(7);
  std::vector<LineHandle> handles{lamp, add(spec("valve", true)), add(spec("pump"), kBert)};
  int now = 0;
  for (int step = 0; step < 100'000; ++step) {
    now += static_cast<int>(random() % 40);
    const LineHandle handle = handles[random() % handles.size()];
    const auto client = static_cast<ClientId>(1 + random() % 2);
    switch (random() % 8) {
      case 0:
        static_cast<void>(table.release(client, handle, Cause::released, at(now)));
        break;
      case 1:
        table.make_client_safe(client, Cause::bad_message, at(now));
        break;
      default: {
        const LeaseRequest request{handle, random() % 2 == 0, milliseconds(random() % 600),
                                   at(now - static_cast<int>(random() % 200))};
        static_cast<void>(table.lease(client, request, at(now)));
      }
    }
    table.expire(at(now));
    for (const LineHandle each : handles) {
      const Line& state = line(each);
      const bool live = state.leased && state.expires > at(now);
      ASSERT_TRUE(live || state.active == state.spec.safe_active) << "step " << step;
      ASSERT_EQ(live, state.cause == Cause::decision) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace pinfer
