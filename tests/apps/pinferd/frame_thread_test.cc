// SPDX-License-Identifier: Apache-2.0
// The promise of the frame thread: no allocation, no lost frame, no glitch, whatever is reloaded.
#include <gtest/gtest.h>

#include <optional>

#include "tests/apps/pinferd/daemon_run.h"
#include "tests/support/alloc_counter.h"

namespace pinfer {
namespace {

using std::chrono::seconds;
using testing::DaemonRun;
using testing::eventually;

constexpr int kReloads = 200;
constexpr std::uint64_t kFrames = 10000;

// `lamp` never changes. `other` has another threshold with every reload, `extra` comes and goes.
std::string config(int reload) {
  const bool with_extra = reload % 3 == 1;
  return fmt::format(
      R"(
board: simulated
camera: "pattern:"
model: {{path: "{{model}}", threads: {}}}
outputs:
  lamp: {{line: {{chip: "{{chip}}", offset: 17}}, ttl: 5s}}
  other: {{line: {{chip: "{{chip}}", offset: 4}}, ttl: 5s}}
{}
rules:
  light: {{output: lamp, when: {{label: bright, threshold_high: 70%, threshold_low: 50%, seen: 3 of 5}}}}
  also: {{output: other, when: {{label: bright, min_score: {}%}}}}
{}
log: {{level: error}}
)",
      1 + reload % 2, with_extra ? R"(  extra: {line: {chip: "{chip}", offset: 5}, ttl: 5s})" : "",
      60 + reload % 7, with_extra ? R"(  more: {output: extra, when: {label: dark}})" : "");
}

TEST(FrameThread, TwoHundredReloadsCostNoAllocationNoFrameAndNoEdge) {
  DaemonRun run(config(0));
  // 10 bright, 10 dark: 3 of 5 turns the lamp on once and off once in each 20 frames.
  run.film.period = 20;
  run.film.pace = Duration(std::chrono::microseconds(300));
  run.film.level = [](std::uint64_t n) {
    return static_cast<std::uint8_t>(n % 20 < 10 ? 230 : 20);
  };
  // The film goes on when the lamp has followed: on a loaded machine, under a sanitizer, the guard
  // may be late, but an edge that is lost or too many stops the film or shows in the sum.
  std::uint64_t late = 0;
  run.film.before = [&](std::uint64_t n) {
    if (n % 10 != 0) return;
    if (!eventually([&] { return run.line(17).edges >= n / 10; }, seconds(10))) ++late;
  };
  std::optional<std::uint64_t> before;
  std::uint64_t after = 0;
  run.on_snapshot = [&](const Snapshot& snapshot) {
    const auto count = allocations_of("pinfer-frame");
    if (!count || snapshot.frames < 100) return;
    if (!before) before = *count;
    after = *count;
  };
  run.start();
  ASSERT_TRUE(eventually([&] { return run.frames() > 100; }, seconds(60)));
  for (int reload = 1; reload <= kReloads; ++reload) {
    const std::uint64_t swaps = run.swaps();
    run.write_config(config(reload));
    ASSERT_TRUE(eventually([&] { return run.swaps() > swaps; }, seconds(60))) << reload;
  }
  ASSERT_TRUE(eventually([&] { return run.frames() >= kFrames; }, seconds(120)));
  run.film.end = true;
  EXPECT_EQ(run.join(), 0);

  const std::uint64_t shown = run.film.shown;
  EXPECT_EQ(late, 0u) << "edges of the lamp that did not come within 10 s";
  EXPECT_EQ(run.frames(), shown) << "every frame has decided";
  EXPECT_GE(shown, kFrames);
  EXPECT_EQ(shown % 20, 0u);
  EXPECT_EQ(run.line(17).edges, shown / 20 * 2) << "of the lamp, on the wire";
  ASSERT_TRUE(before);
  EXPECT_EQ(after - *before, 0u) << "allocations of the frame thread";
  fmt::print("{} frames, {} reloads, {} edges of the lamp, {} allocations\n", shown,
             run.swaps() - 1, run.line(17).edges, after - *before);
}

}  // namespace
}  // namespace pinfer
