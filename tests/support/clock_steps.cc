// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program: its wall clock jumps by up to 20 years either way at every reading, as
// a board's does that starts without a battery and is set by NTP again and again; and the clock
// that runs on while the board is suspended gains a day at every reading. The monotonic clock stays
// as it is. Nothing that a line, a lease, a rule or a camera does may change.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace {

constexpr std::int64_t kTwentyYears = 20LL * 365 * 24 * 3600;

std::int64_t next_step() {
  static std::atomic<std::uint64_t> reading{1};
  std::uint64_t x = reading.fetch_add(0x9E3779B97F4A7C15U);  // splitmix64
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  x ^= x >> 31U;
  return static_cast<std::int64_t>(x % (2 * kTwentyYears + 1)) - kTwentyYears;
}

std::int64_t next_suspension() {
  constexpr std::int64_t kDay = 24 * 3600;
  static std::atomic<std::int64_t> suspended{0};
  return suspended.fetch_add(kDay) + kDay;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, timespec* to) noexcept {
  const auto status = static_cast<int>(syscall(SYS_clock_gettime, clock, to));
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    to->tv_sec += next_step();
  if (status == 0 && clock == CLOCK_BOOTTIME) to->tv_sec += next_suspension();
  return status;
}

__attribute__((visibility("default"))) int gettimeofday(timeval* to, void*) noexcept {
  timespec now{};
  const int status = clock_gettime(CLOCK_REALTIME, &now);
  to->tv_sec = now.tv_sec;
  to->tv_usec = now.tv_nsec / 1000;
  return status;
}

__attribute__((visibility("default"))) time_t time(time_t* to) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (to != nullptr) *to = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
