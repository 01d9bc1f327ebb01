// SPDX-License-Identifier: Apache-2.0
// A lease table with limits, and time that passes from deadline to deadline.
#pragma once

#include <gtest/gtest.h>

#include "apps/guard/lease_table.h"

namespace pinfer::testing {

inline constexpr ClientId kAnna = 1;

inline MonotonicTime at(int ms) { return MonotonicTime{std::chrono::milliseconds(ms)}; }

class LimitsFixture : public ::testing::Test {
 protected:
  LineHandle add(std::string_view name, const LineLimits& limits, bool safe_active = false,
                 std::string_view client = "anna") {
    LineSpec spec;
    ClientName owner;
    EXPECT_TRUE(spec.name.assign(name) && spec.driver.assign("log") && owner.assign(client));
    spec.limits = limits;
    spec.safe_active = safe_active;
    EXPECT_EQ(limits_fault(spec), "");
    return table.add(spec, owner, kAnna, at(0));
  }
  const Line& line(LineHandle handle) const { return table.lines()[LeaseTable::slot_of(handle)]; }
  std::size_t slot(LineHandle handle) const { return LeaseTable::slot_of(handle); }

  // Everything that is due until then, at its own time, as the loop does it.
  void run_to(int ms) {
    for (auto next = table.next_expiry(); next && *next <= at(ms); next = table.next_expiry()) {
      ASSERT_GE(*next, now) << "a deadline in the past would make the loop spin";
      ASSERT_TRUE(++turns < 10'000);
      now = *next;
      table.expire(now);
    }
    now = at(ms);
  }
  void want(LineHandle handle, int ms, bool active = true, int ttl = 10'000) {
    run_to(ms);
    ASSERT_EQ(table.lease(kAnna, {handle, active, std::chrono::milliseconds(ttl), now}, now),
              LeaseTable::Answer::ok);
  }
  void release(LineHandle handle, int ms, Cause cause = Cause::released) {
    run_to(ms);
    ASSERT_EQ(table.release(kAnna, handle, cause, now), LeaseTable::Answer::ok);
  }
  void expect(LineHandle handle, int ms, bool active, Cause cause, std::string_view why = "") {
    run_to(ms);
    EXPECT_EQ(line(handle).active, active) << "at " << ms << " ms: " << why;
    EXPECT_EQ(to_string(line(handle).cause), to_string(cause)) << "at " << ms << " ms: " << why;
  }

  LeaseTable table{41};
  MonotonicTime now;
  int turns = 0;
};

}  // namespace pinfer::testing
