// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/capture_time.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

MonotonicTime at(Duration time) { return {seconds(1000) + time}; }

TEST(ArrivalClock, BelievesASteadyCamera) {
  ArrivalClock clock;
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(clock.captured_at(at(milliseconds(40) * i)), at(milliseconds(40) * i));
}

TEST(ArrivalClock, BelievesASlowCameraToo) {
  ArrivalClock clock;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(clock.captured_at(at(seconds(5) * i)), at(seconds(5) * i));
}

TEST(ArrivalClock, TakesABacklogAfterAStallForOld) {
  ArrivalClock clock;
  Duration now{};
  for (int i = 0; i < 50; ++i, now += milliseconds(40)) clock.captured_at(at(now));
  // The connection stalls for 3 s; 75 pictures wait, then come 1 ms apart.
  now += seconds(3) - milliseconds(40);
  for (int i = 0; i < 75; ++i, now += milliseconds(1)) {
    const Duration true_age = seconds(3) - milliseconds(40) - i * milliseconds(39);
    EXPECT_GE(at(now) - clock.captured_at(at(now)), true_age - milliseconds(1)) << i;
  }
  for (int i = 0; i < 12; ++i, now += milliseconds(40)) clock.captured_at(at(now));
  EXPECT_EQ(clock.captured_at(at(now)), at(now)) << "it believes again";
}

TEST(ArrivalClock, ACameraThatOnlyPausedIsBelievedAfterAFewPictures) {
  ArrivalClock clock;
  Duration now{};
  for (int i = 0; i < 50; ++i, now += milliseconds(66)) clock.captured_at(at(now));
  now += seconds(10);
  EXPECT_LT(clock.captured_at(at(now)), at(now) - seconds(9)) << "nobody knows how old this one is";
  int pictures = 0;
  while (clock.captured_at(at(now)) != at(now) && pictures < 100) {
    now += milliseconds(66);
    ++pictures;
  }
  EXPECT_LE(pictures, 6);
}

// A camera of 25 fps behind a pipe that stalls at random and then hands its backlog over at up to
// five times the speed: no picture is ever taken for younger than it is by more than the three
// periods that are no gap yet, and the jitter.
TEST(ArrivalClock, NeverTakesAPictureOfAStalledPipeForMuchYoungerThanItIs) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    ArrivalClock clock;
    std::deque<Duration> pipe;
    Duration stalled_until{};
    Duration next_out{};
    std::uint64_t old = 0;
    for (int ms = 0; ms < 120'000; ++ms) {
      const Duration now = milliseconds(ms);
      if (ms % 40 == 0) pipe.push_back(now);
      if (ms > 5000 && now > stalled_until + seconds(8) && random() % 4000 == 0)
        stalled_until = now + milliseconds(random() % 4000);
      if (now < stalled_until || now < next_out || pipe.empty()) continue;
      const Duration taken = pipe.front();
      pipe.pop_front();
      next_out = now + milliseconds(8);
      const Duration age = now - taken;
      const Duration believed = at(now) - clock.captured_at(at(now));
      if (age > seconds(1)) ++old;
      ASSERT_GE(believed, age - milliseconds(180)) << "seed " << seed << " at " << ms << " ms";
    }
    EXPECT_GT(old, 0u) << "the pipe never stalled for long: seed " << seed;
  }
}

// 50 fps, read at 25 without any gap: every picture lies there when it is asked for.
TEST(ArrivalClock, CountsFromTheLastPictureThatItWaitedFor) {
  ArrivalClock clock;
  Duration now{};
  for (int i = 0; i < 50; ++i, now += milliseconds(20))
    clock.captured_at(at(now), {.waited = true});
  now -= milliseconds(20);
  for (int i = 1; i <= 50; ++i) {
    now += milliseconds(40);
    EXPECT_EQ(at(now) - clock.captured_at(at(now), {.waited = false}), milliseconds(20) * i);
  }
  for (int i = 49; i >= 0; --i) {  // now quicker than the camera
    now += milliseconds(1);
    const Duration age = at(now) - clock.captured_at(at(now), {.waited = false});
    EXPECT_EQ(age, std::max<Duration>(milliseconds(1000 - 19 * (50 - i)), {}));
  }
  now += milliseconds(15);
  EXPECT_EQ(clock.captured_at(at(now), {.waited = true}), at(now));
}

TEST(ArrivalClock, CountsTheTimeWithoutAProcessor) {
  ArrivalClock clock;
  for (int i = 0; i < 10; ++i) clock.captured_at(at(milliseconds(20) * i));
  const MonotonicTime now = at(milliseconds(270));
  EXPECT_LE(clock.captured_at(now, {.waited = true, .late = milliseconds(70)}),
            now - milliseconds(70));
}

TEST(DriverClock, CountsHoweverOldOnceItWasNear) {
  DriverClock clock;
  EXPECT_EQ(clock.captured_at(at(-milliseconds(30)), at({}), at({})), at(-milliseconds(30)));
  EXPECT_EQ(clock.captured_at(at({}), at(seconds(10)), at(seconds(10))), at({}))
      << "a buffer that a stuck driver hands out again";
  EXPECT_EQ(clock.captured_at(MonotonicTime{}, at(seconds(11)), at(seconds(11))), MonotonicTime{})
      << "no stamp at all from a driver that stamps: as old as can be";
  EXPECT_EQ(clock.captured_at(at(seconds(99)), at(seconds(12)), at(seconds(12))), at(seconds(12)));
}

TEST(DriverClock, IsNoClockWhenTheFirstStampIsNotNear) {
  for (const MonotonicTime stamp : {MonotonicTime{}, at(seconds(1)), at(-seconds(3)),
                                    MonotonicTime{std::chrono::hours(24 * 365 * 55)}}) {
    DriverClock clock;
    EXPECT_EQ(clock.captured_at(stamp, at({}), at(-milliseconds(5))), at(-milliseconds(5)));
    EXPECT_EQ(clock.captured_at(at(milliseconds(39)), at(milliseconds(40)), at(milliseconds(40))),
              at(milliseconds(40)));
  }
}

}  // namespace
}  // namespace pinfer
