// SPDX-License-Identifier: Apache-2.0
// M1..M4 of the reliability targets with a real camera: HTTP or RTSP over a socket, or a named
// pipe, OpenCV's reader, the daemon, a guard process, a line. The camera stalls, hangs up, is away,
// sends halves, noise, the same picture, or a backlog; each time the line goes safe in time, and
// comes back.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/apps/pinferd/daemon_run.h"
#include "tests/apps/pinferd/mjpeg_server.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::can_encode;
using testing::DaemonRun;
using testing::entries_of;
using testing::eventually;
using testing::MjpegServer;
using testing::number_from;
using testing::Stream;
using testing::Taken;
using testing::Wire;

constexpr Duration kMaxAge = milliseconds(250), kFrozenAfter = milliseconds(400);
constexpr Duration kSlack = milliseconds(100);
constexpr Stream kFaults[] = {Stream::stalled, Stream::gone,   Stream::hung_up, Stream::halves,
                              Stream::garbage, Stream::frozen, Stream::late};

const std::string kConfig = R"(
board: simulated
camera: {source: "{address}", health: {frozen_after: 400ms}}
model: {path: "{model}", threads: 1}
outputs:
  lamp: {line: {chip: "{chip}", offset: 17}, ttl: 100ms}
rules:
  light: {output: lamp, when: {label: bright}}
frame_max_age: 250ms
log: {level: error}
)";

std::string config_for(const MjpegServer& camera) {
  std::string config = kConfig;
  const std::string mark = "{address}";
  return config.replace(config.find(mark), mark.size(), camera.address());
}

// Sorted in place.
std::string spread(std::vector<double>& times) {
  std::sort(times.begin(), times.end());
  return fmt::format("median {:.0f}, max {:.0f} ms", times[times.size() / 2], times.back());
}

// Edges to on without a bright picture of the last kMaxAge: "edge at 5012 ms in mode 6, believed
// 20, real 270 ms old", one line each.
std::string edges_on_old_pictures(const DaemonRun& run, const MjpegServer& camera) {
  const std::vector<Taken> bright = camera.bright();
  std::string old;
  for (const Event& edge : run.events(EventKind::edge)) {
    if (edge.cause != Cause::decision) continue;
    Duration age = Duration::max();
    for (const Taken& picture : bright)
      if (picture.from <= edge.at) age = std::min(age, edge.at - picture.until);
    if (age <= kMaxAge) continue;
    old += fmt::format("edge at {:.0f} ms in mode {}, believed {:.1f}, real {:.1f} ms old\n",
                       to_ms(edge.at.since_boot), static_cast<int>(camera.mode_at(edge.at)),
                       to_ms(edge.age()), to_ms(age));
  }
  return old;
}

void expect_safe_and_back(MjpegServer& camera) {
  prepare_camera_environment();
  DaemonRun run(config_for(camera));
  run.options.realtime = true;
  run.options.open_source = create_source;
  run.start();
  const auto lamp = [&] { return run.line(17).active; };

  std::mt19937 random(1);
  std::vector<double> to_safe, to_back;
  std::ptrdiff_t threads = 0, descriptors = 0;
  const int cycles = number_from("PINFER_CAMERA_CYCLES", static_cast<int>(std::size(kFaults)));
  for (int cycle = 0; cycle < cycles; ++cycle) {
    const Stream fault = kFaults[static_cast<std::size_t>(cycle) % std::size(kFaults)];
    SCOPED_TRACE(fmt::format("cycle {}, fault {}", cycle, static_cast<int>(fault)));
    camera.set_bright(true);
    MonotonicTime since = MonotonicTime::now();
    camera.set(Stream::live);
    ASSERT_TRUE(eventually(lamp, seconds(20))) << "the lamp does not come on";
    if (cycle > 0) to_back.push_back(to_ms(MonotonicTime::now() - since));
    std::this_thread::sleep_for(milliseconds(100));

    since = MonotonicTime::now();
    camera.set(fault);
    ASSERT_TRUE(eventually([&] { return !lamp(); }, seconds(5))) << "the lamp stays on";
    const Duration safe = MonotonicTime::now() - since;
    EXPECT_LE(safe, (fault == Stream::frozen ? kFrozenAfter : kMaxAge) + kSlack);
    to_safe.push_back(to_ms(safe));
    if (fault == Stream::late) camera.set_bright(false);
    std::this_thread::sleep_for(milliseconds(100 + random() % 900));
    if (fault == Stream::late) {  // what comes first is bright, but has waited for long
      camera.set(Stream::live);
      std::this_thread::sleep_for(milliseconds(500));
    }
    if (cycle == static_cast<int>(std::size(kFaults)) - 1) {
      threads = entries_of("/proc/self/task");
      descriptors = entries_of("/proc/self/fd");
    }
  }
  EXPECT_EQ(edges_on_old_pictures(run, camera), "");
  if (cycles > static_cast<int>(std::size(kFaults))) {
    EXPECT_LE(entries_of("/proc/self/task"), threads + 2);
    EXPECT_LE(entries_of("/proc/self/fd"), descriptors + 2);
  }
  EXPECT_GT(camera.damaged(), 0u);
  EXPECT_GT(camera.late(), 0u);
  EXPECT_EQ(run.stop(), 0);
  EXPECT_FALSE(lamp());
  fmt::print("{} cycles; safe after {} (frame_max_age {:.0f}); back after {}\n", cycles,
             spread(to_safe), to_ms(kMaxAge), spread(to_back));
}

TEST(LiveCamera, OverHttpEveryFaultEndsAtTheSafeLevelAndRecovers) {
  if (!can_encode()) GTEST_SKIP() << "built without OpenCV";
  MjpegServer camera(Wire::http);
  expect_safe_and_back(camera);
}

TEST(LiveCamera, OverRtspEveryFaultEndsAtTheSafeLevelAndRecovers) {
  if (!can_encode()) GTEST_SKIP() << "built without OpenCV";
  MjpegServer camera(Wire::rtsp);
  expect_safe_and_back(camera);
}

TEST(LiveCamera, InAPipeEveryFaultEndsAtTheSafeLevelAndRecovers) {
  if (!can_encode()) GTEST_SKIP() << "built without OpenCV";
  const testing::TempFolder folder;
  MjpegServer camera(folder.file("camera.mjpeg"));
  expect_safe_and_back(camera);
}

}  // namespace
}  // namespace pinfer
