// SPDX-License-Identifier: Apache-2.0
// Run with clock_steps.cc preloaded: shows that the tests beside it do run under a jumping clock.
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

namespace pinfer {
namespace {

using namespace std::chrono_literals;

TEST(ClockSteps, TheWallClockJumpsByYears) {
  int jumps_ahead = 0, jumps_back = 0;
  auto before = std::chrono::system_clock::now();
  for (int i = 0; i < 100; ++i) {
    const auto now = std::chrono::system_clock::now();
    jumps_ahead += now - before > 24h * 365 ? 1 : 0;
    jumps_back += before - now > 24h * 365 ? 1 : 0;
    before = now;
  }
  EXPECT_GT(jumps_ahead, 20);
  EXPECT_GT(jumps_back, 20);
  EXPECT_NE(std::time(nullptr), std::time(nullptr));
}

TEST(ClockSteps, TheBoardIsSuspendedForDays) {
  const auto read = [] {
    timespec now{};
    EXPECT_EQ(::clock_gettime(CLOCK_BOOTTIME, &now), 0);
    return now.tv_sec;
  };
  const auto before = read();
  EXPECT_GE(read() - before, 24 * 3600);
}

TEST(ClockSteps, TheMonotonicClockDoesNot) {
  auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    const auto now = std::chrono::steady_clock::now();
    EXPECT_GE(now, before);
    EXPECT_LT(now - before, 1s);
    before = now;
  }
}

}  // namespace
}  // namespace pinfer
