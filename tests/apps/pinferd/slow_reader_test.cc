// SPDX-License-Identifier: Apache-2.0
// A camera of the network that is read more slowly than it sends: its pictures wait in buffers of
// this machine, and must not be taken for new ones.
#include <gtest/gtest.h>

#include "apps/pinferd/daemon.h"
#include "drivers/camera/sources.h"
#include "tests/apps/pinferd/mjpeg_server.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::can_encode;
using testing::MjpegServer;
using testing::Wire;

constexpr Duration kCameraPeriod = milliseconds(20);

struct Ages {
  Duration real;      // by the pictures that the camera has sent and nobody has read
  Duration believed;  // by the frame
};

// Reads `count` pictures with a pause before each.
Ages read(FrameSource& source, const MjpegServer& camera, std::size_t& seen, int count,
          Duration pause) {
  Frame frame;
  for (int i = 0; i < count; ++i, ++seen) {
    std::this_thread::sleep_for(pause);
    EXPECT_EQ(source.next(frame, MonotonicTime::now() + seconds(5)), Status::ok);
  }
  const Duration believed = MonotonicTime::now() - frame.captured_at;
  return {kCameraPeriod * static_cast<int>(camera.bright().size() - seen), believed};
}

void expect_that_lag_is_seen(Wire wire) {
  if (!can_encode()) GTEST_SKIP() << "built without OpenCV";
  prepare_camera_environment();
  MjpegServer camera(wire);
  auto source = create_source({.uri = camera.address()});
  ASSERT_TRUE(source) << source.error().message;
  std::size_t seen = 0;
  // In pace: what waited while the stream was opened is used up.
  Ages ages = read(**source, camera, seen, 50, Duration::zero());
  EXPECT_LE(ages.believed, milliseconds(60));
  const Duration unread = ages.real;  // lost while opening
  ages = read(**source, camera, seen, 60, 2 * kCameraPeriod);
  EXPECT_GE(ages.real - unread, seconds(1)) << "the camera must be quicker than its reader";
  EXPECT_GE(ages.believed, (ages.real - unread) * 3 / 4);
  ages = read(**source, camera, seen, 150, Duration::zero());
  EXPECT_LE(ages.believed, milliseconds(60)) << "read in pace again";
}

TEST(SlowReader, OfHttpTakesWhatWaitedForOld) { expect_that_lag_is_seen(Wire::http); }
TEST(SlowReader, OfRtspTakesWhatWaitedForOld) { expect_that_lag_is_seen(Wire::rtsp); }

}  // namespace
}  // namespace pinfer
