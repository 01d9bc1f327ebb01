// SPDX-License-Identifier: Apache-2.0
// Clients and guards that die or hang at random moments with lines on: safe within ttl + 100 ms,
// every time.
//
// PINFER_KILLS=10000         K1: kills of a client (default 20)
// PINFER_HANGS=1000          K2: hangs of a client: stopped, busy, deadlocked (default 6)
// PINFER_GUARD_KILLS=1000    K3: kills of the guard (default 5)
// PINFER_LARGE_KILLS=200     K5: kills of a large client on an overloaded machine (default 1)
// PINFER_LARGE_MB=1024       its size (default 256)
// PINFER_KILL_TTL_MS=100     of the leases (default 500)
// PINFER_VICTIM='...'    whom to kill instead of guard_victim, run by `sh -c "exec ..."`: any
// client
//                        that turns lines of the memory chip $PINFER_KILL_CHIP on through the guard
//                        at $PINFER_GUARD_SOCKET with leases of $PINFER_KILL_TTL_MS
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include "apps/guard/client.h"
#include "drivers/output/memory_chip.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::Child;
using testing::eventually;
using testing::number_from;
using testing::TempFolder;

constexpr int kLines = 4;

void print_times(std::string_view what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const std::size_t p99 = (times.size() * 99 + 99) / 100 - 1;
  fmt::print("{}, {} times: p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms\n", what, times.size(),
             times[times.size() / 2], times[p99], times.back());
}

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    guard = Child::run({binary, "--socket", socket, "--state", folder.file("table")});
    ASSERT_TRUE(eventually([&] { return GuardClient::connect(socket).has_value(); }));
  }

  Child start_victim(const std::string& ballast_mb = "0") const {
    const char* command = std::getenv("PINFER_VICTIM");
    if (command == nullptr || *command == '\0')
      return Child::run({testing::runnable(folder, VICTIM_BINARY), socket, chip,
                         std::to_string(kLines), std::to_string(ttl.count()), ballast_mb});
    return Child::run({"/bin/sh", "-c", "exec " + std::string(command)},
                      {"PINFER_GUARD_SOCKET=" + socket, "PINFER_KILL_CHIP=" + chip,
                       "PINFER_KILL_TTL_MS=" + std::to_string(ttl.count())});
  }

  // The lines away from their safe levels.
  int lines_on() {
    if (!watcher) {
      auto opened = MemoryChip::open(chip);
      if (!opened) return 0;
      watcher = std::move(*opened);
    }
    int on = 0;
    for (std::uint32_t i = 0; i < kMemoryChipLines; ++i) {
      const MemoryLine line = watcher->read(i);
      on += line.claimed && line.active != line.safe_active ? 1 : 0;
    }
    return on;
  }

  // How long after `killed` the last line went safe; asked often, judged by the chip's own times.
  std::optional<Duration> time_to_safe(MonotonicTime killed) {
    if (!eventually([&] { return lines_on() == 0; }, ttl + std::chrono::seconds(2)))
      return std::nullopt;
    Duration longest{};
    for (std::uint32_t i = 0; i < kMemoryChipLines; ++i) {
      const MemoryLine line = watcher->read(i);
      if (line.claimed) longest = std::max(longest, line.changed_at - killed);
    }
    return longest;
  }

  // Waits for a line that is on, at a random moment of the steady state.
  void wait_until_on(std::mt19937& random) {
    ASSERT_TRUE(eventually([&] { return lines_on() > 0; }, std::chrono::seconds(60)))
        << "the victim turns nothing on";
    testing::sleep_for(std::chrono::microseconds(random() % 60'000));
    ASSERT_TRUE(eventually([&] { return lines_on() > 0; }, std::chrono::seconds(20)));
  }

  TempFolder folder;
  std::string socket = folder.file("guard.sock");
  std::string binary = testing::runnable(folder, GUARD_BINARY);
  std::string chip = folder.file("chip");
  milliseconds ttl{number_from("PINFER_KILL_TTL_MS", 500)};
  std::optional<MemoryChip> watcher;
  std::optional<Child> guard;
};

TEST_F(KillTest, LinesAreSafeSoonAfterTheClientIsKilled) {
  const int kills = number_from("PINFER_KILLS", 20);
  std::mt19937 random(static_cast<unsigned>(kills));
  std::vector<double> times;
  for (int i = 0; i < kills; ++i) {
    Child victim = start_victim();
    ASSERT_NO_FATAL_FAILURE(wait_until_on(random));
    const MonotonicTime killed = MonotonicTime::now();
    victim.signal(SIGKILL);
    const auto time = time_to_safe(killed);
    ASSERT_TRUE(time) << "kill " << i << ": lines still on";
    EXPECT_LE(*time, ttl + milliseconds(100)) << "kill " << i;
    times.push_back(to_ms(*time));
    ASSERT_TRUE(victim.wait(std::chrono::seconds(5)));
    ASSERT_EQ(lines_on(), 0) << "kill " << i << ": a line came back";
  }
  print_times(fmt::format("client killed, ttl {} ms: safe after", ttl.count()), times);
}

// Stopped from outside, in a loop that never ends, in a deadlock of two threads.
TEST_F(KillTest, LinesAreSafeSoonAfterTheClientHangs) {
  const int hangs = number_from("PINFER_HANGS", 6);
  const bool foreign = std::getenv("PINFER_VICTIM") != nullptr;  // does not know how to hang
  std::mt19937 random(static_cast<unsigned>(hangs));
  std::vector<double> times;
  for (int i = 0; i < hangs; ++i) {
    constexpr std::array kHangs = {SIGSTOP, SIGUSR1, SIGUSR2};
    Child victim = start_victim();
    ASSERT_NO_FATAL_FAILURE(wait_until_on(random));
    const MonotonicTime hung = MonotonicTime::now();
    victim.signal(foreign ? SIGSTOP : kHangs[static_cast<std::size_t>(i) % kHangs.size()]);
    const auto time = time_to_safe(hung);
    ASSERT_TRUE(time) << "hang " << i;
    EXPECT_LE(*time, ttl + milliseconds(100)) << "hang " << i;
    EXPECT_GT(*time, ttl - milliseconds(200)) << "only the lease can have ended it";
    times.push_back(to_ms(*time));
    victim.signal(SIGKILL);
    ASSERT_TRUE(victim.wait(std::chrono::seconds(5)));
  }
  print_times(fmt::format("client hangs, ttl {} ms: safe after", ttl.count()), times);
}

// As the unit of the service manager does it: --safe-now after the end, then a new guard.
TEST_F(KillTest, LinesAreSafeSoonAfterTheGuardIsKilled) {
  const int kills = number_from("PINFER_GUARD_KILLS", 5);
  const bool foreign = std::getenv("PINFER_VICTIM") != nullptr;  // may look for another guard
  std::mt19937 random(static_cast<unsigned>(kills));
  std::vector<double> safe_times, back_times;
  for (int i = 0; i < kills; ++i) {
    Child victim = start_victim();
    ASSERT_NO_FATAL_FAILURE(wait_until_on(random));
    guard->signal(SIGKILL);
    ASSERT_EQ(guard->wait(std::chrono::seconds(5)), 128 + SIGKILL);
    EXPECT_EQ(lines_on(), 0) << "a line without an owner shows its safe level";
    EXPECT_TRUE(watcher->read(0).driven_high) << "as the dead guard has left it";
    const MonotonicTime ended = MonotonicTime::now();
    Child safe_now = Child::run({binary, "--safe-now", "--state", folder.file("table")});
    ASSERT_EQ(safe_now.wait(std::chrono::seconds(10)), 0) << "kill " << i;
    safe_times.push_back(to_ms(MonotonicTime::now() - ended));
    EXPECT_FALSE(watcher->read(0).driven_high) << "kill " << i;
    if (!foreign) {
      EXPECT_EQ(victim.wait(std::chrono::seconds(5)), 3) << "the client notices";
    }
    const MonotonicTime started = MonotonicTime::now();
    SetUp();
    back_times.push_back(to_ms(MonotonicTime::now() - started));
    EXPECT_TRUE(watcher->read(0).owned) << "the new guard holds the lines before it listens";
    // It stays dark until a client asks again.
    if (!foreign) {
      EXPECT_EQ(lines_on(), 0);
    }
  }
  print_times("guard killed: --safe-now has ended after", safe_times);
  print_times("guard killed: the next one listens after", back_times);
  // Wide bounds for a loaded machine; the figures above are what is promised and measured.
  EXPECT_LE(*std::max_element(safe_times.begin(), safe_times.end()), 2000.0);
  EXPECT_LE(*std::max_element(back_times.begin(), back_times.end()), 5000.0);
}

// The kernel takes long to bury a large process, and longer when it has no time.
TEST_F(KillTest, LinesAreSafeSoonAfterALargeClientIsKilledOnABusyMachine) {
  const int kills = number_from("PINFER_LARGE_KILLS", 1);
  const std::string size = std::to_string(number_from("PINFER_LARGE_MB", 256));
  std::mt19937 random(static_cast<unsigned>(kills));
  std::vector<Child> load;
  for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i)
    load.push_back(Child::run({"/bin/sh", "-c", "while :; do :; done"}));
  std::vector<double> times;
  for (int i = 0; i < kills; ++i) {
    Child victim = start_victim(size);
    ASSERT_NO_FATAL_FAILURE(wait_until_on(random));
    const MonotonicTime killed = MonotonicTime::now();
    victim.signal(SIGKILL);
    const auto time = time_to_safe(killed);
    ASSERT_TRUE(time) << "kill " << i;
    EXPECT_LE(*time, ttl + milliseconds(100)) << "kill " << i;
    times.push_back(to_ms(*time));
    ASSERT_TRUE(victim.wait(std::chrono::seconds(30)));
  }
  print_times(fmt::format("client of {} MB killed, CPU overloaded twofold, ttl {} ms: safe after",
                          size, ttl.count()),
              times);
}

}  // namespace
}  // namespace pinfer
