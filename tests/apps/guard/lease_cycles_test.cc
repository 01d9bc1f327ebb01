// SPDX-License-Identifier: Apache-2.0
// K10: leases that are granted, renewed now and then, and run out, many at a time: every one ends,
// none early, and the wire follows soon.
//
// PINFER_LEASE_CYCLES=100000   how many (default 2000)
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "apps/guard/client.h"
#include "drivers/output/memory_chip.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::TempFolder;

constexpr std::size_t kLines = kMaxClientLines;
constexpr Duration kPatience = std::chrono::seconds(5);

struct Cycle {
  bool running = false;
  int renewals = 0;
  MonotonicTime next_renewal;
  // The lease ends between these two: the client does not know its time of sending better.
  MonotonicTime ends_after, ends_before;
  MonotonicTime earliest_end;  // of all its leases before the last renewal
};

// Returns the median in milliseconds.
double print_lateness(std::vector<double> late) {
  std::sort(late.begin(), late.end());
  const auto at = [&late](double share) {
    return late[static_cast<std::size_t>(share * static_cast<double>(late.size() - 1))];
  };
  fmt::print(
      "{} leases ended, late by p50 {:.2f} ms, p99 {:.2f} ms, p99.9 {:.2f} ms, max {:.2f} ms\n",
      late.size(), at(0.5), at(0.99), at(0.999), late.back());
  return at(0.5);
}

class LeaseCycles : public ::testing::Test {
 protected:
  void renew(GuardClient& client, std::size_t i) {
    Cycle& cycle = cycles[i];
    const milliseconds ttl(10 + random() % 70);
    const MonotonicTime before = MonotonicTime::now();
    ASSERT_EQ(client.renew(handles[i], true, ttl), Status::ok);
    const MonotonicTime after = MonotonicTime::now();
    const MonotonicTime end = before + ttl;
    cycle.earliest_end = cycle.running ? std::min(cycle.earliest_end, cycle.ends_after) : end;
    cycle.running = true;
    cycle.ends_after = end;
    cycle.ends_before = after + ttl;
    cycle.next_renewal = after + milliseconds(random() % static_cast<unsigned>(ttl.count()));
  }

  std::vector<LineSpec> specs() const {
    std::vector<LineSpec> specs;
    for (std::uint32_t i = 0; i < kLines; ++i)
      specs.push_back(testing::memory_line(fmt::format("line{}", i), folder.file("chip"), i));
    return specs;
  }

  TempFolder folder;
  std::mt19937 random{10};
  std::vector<Cycle> cycles = std::vector<Cycle>(kLines);
  LineHandles handles;
};

TEST_F(LeaseCycles, EveryLeaseEndsAndNoneEndsEarly) {
  const auto wanted = static_cast<std::size_t>(testing::number_from("PINFER_LEASE_CYCLES", 2000));
  const std::string socket = folder.file("guard.sock");
  const auto guard = spawn_guard(testing::runnable(folder, GUARD_BINARY), socket);
  ASSERT_TRUE(guard) << guard.error().message;
  auto client = GuardClient::connect(socket);
  ASSERT_TRUE(client) << client.error().message;
  const auto configured = client->configure(specs());
  ASSERT_TRUE(configured) << configured.error().message;
  handles = *configured;
  const auto chip = MemoryChip::open(folder.file("chip"));
  ASSERT_TRUE(chip);

  std::vector<double> late;
  std::size_t raced = 0;     // renewed at the last moment: nobody knows which came first
  std::size_t too_late = 0;  // over before they reached the guard
  while (late.size() + raced + too_late < wanted) {
    const MonotonicTime now = MonotonicTime::now();
    for (std::size_t i = 0; i < kLines; ++i) {
      Cycle& cycle = cycles[i];
      if (!cycle.running) {
        cycle.renewals = static_cast<int>(random() % 4);
        ASSERT_NO_FATAL_FAILURE(renew(*client, i));
      } else if (cycle.renewals > 0 && now >= cycle.next_renewal && now < cycle.ends_after) {
        --cycle.renewals;
        ASSERT_NO_FATAL_FAILURE(renew(*client, i));
      }
      if (now - cycle.ends_before < kPatience) continue;
      // A lease that reaches the guard after its end is none, and none ends: so it goes when the
      // guard gets no processor for that long. The wire shows it: off, and since before that end.
      const MemoryLine line = chip->read(static_cast<std::uint32_t>(i));
      ASSERT_FALSE(line.active) << "a lease has not ended";
      ASSERT_LT(line.changed_at, cycle.ends_after) << "nobody was told that a lease has ended";
      ++too_late;
      cycle.running = false;
    }
    LineReport report;
    while (client->poll(report) == Status::ok) {
      if (report.cause != Cause::lease_expired) continue;
      const auto i = static_cast<std::size_t>(
          std::find(handles.begin(), handles.end(), report.handle) - handles.begin());
      Cycle& cycle = cycles[i];
      const MonotonicTime off = chip->read(static_cast<std::uint32_t>(i)).changed_at;
      if (off < cycle.ends_after) {
        // An earlier one has ended while renewals were on their way: more than one where the guard
        // gets no processor.
        ASSERT_GE(off, cycle.earliest_end) << "a lease has ended early";
        ++raced;
        continue;
      }
      late.push_back(to_ms(off - cycle.ends_before));
      cycle.running = false;
    }
    testing::sleep_for(std::chrono::microseconds(500));
  }
  fmt::print("{} more in a race with a renewal, {} came too late to be granted\n", raced, too_late);
  EXPECT_LT(print_lateness(late), 100.0) << "even on a loaded machine";
  EXPECT_LT(raced, wanted / 100) << "renewals do not renew";
  EXPECT_LT(too_late, wanted / 100);
}

}  // namespace
}  // namespace pinfer
