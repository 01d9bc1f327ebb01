// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "runtime/core/files.h"
#include "tests/apps/pinferd/daemon_run.h"
#include "tests/support/brightness_model.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::DaemonRun;
using testing::eventually;

constexpr std::uint8_t kBright = 230, kDark = 20;

// `lamp` is on while the picture is bright.
const std::string kLampConfig = R"(
board: simulated
camera: "pattern:"
model: {path: "{model}", threads: 1}
outputs:
  lamp: {line: {chip: "{chip}", offset: 17}, ttl: 5s}
rules:
  light: {output: lamp, when: {label: bright, threshold_high: 70%, threshold_low: 50%}}
log: {level: error}
)";

TEST(Daemon, SwitchesALineOnWhatItSees) {
  DaemonRun run(kLampConfig);
  std::atomic<std::uint8_t> level{kDark};
  run.film.level = [&](std::uint64_t) { return level.load(); };
  run.start();
  ASSERT_TRUE(eventually([&] { return run.frames() > 10; }));
  EXPECT_FALSE(run.line(17).active);
  level = kBright;
  ASSERT_TRUE(eventually([&] { return run.line(17).active; }));
  level = kDark;
  ASSERT_TRUE(eventually([&] { return !run.line(17).active; }));
  level = kBright;
  ASSERT_TRUE(eventually([&] { return run.line(17).active; }));
  EXPECT_EQ(run.stop(), 0);
  EXPECT_FALSE(run.line(17).active) << "safe after the stop";
  EXPECT_EQ(run.line(17).edges, 4u);
  const auto edges = run.events(EventKind::edge);
  ASSERT_EQ(edges.size(), 4u);
  EXPECT_EQ(edges[0].rule.view(), "light");
  EXPECT_EQ(edges[0].cause, Cause::decision);
  EXPECT_EQ(edges[0].scores[0].label.view(), "bright");
  EXPECT_GE(edges[0].age(), Duration::zero());
  EXPECT_LT(edges[0].age(), seconds(2));
  EXPECT_EQ(edges[1].cause, Cause::released);
  EXPECT_EQ(edges[1].rule.view(), "light");
  EXPECT_EQ(edges[3].cause, Cause::service_stop);
  EXPECT_TRUE(edges[3].rule.view().empty()) << "no rule asked for it";
}

TEST(Daemon, EndsWithTheClip) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t) { return kBright; };
  run.start();
  ASSERT_TRUE(eventually([&] { return run.line(17).active; }));
  run.film.end = true;
  EXPECT_EQ(run.join(), 0);
  EXPECT_FALSE(run.line(17).active);
}

TEST(Daemon, ABadConfigurationAtTheStartIsExitCodeThree) {
  DaemonRun run("board: simulated\ncamera: 'pattern:'\n");
  run.start();
  EXPECT_EQ(run.join(), 3);
}

TEST(Daemon, AnUnknownLabelOfTheModelIsExitCodeThree) {
  std::string config = kLampConfig;
  config.replace(config.find("label: bright"), 13, "label: brihgt");
  DaemonRun run(config);
  run.start();
  EXPECT_EQ(run.join(), 3);
}

TEST(Daemon, AMissingModelIsExitCodeThreeAndTouchesNoLine) {
  DaemonRun run(kLampConfig);
  std::filesystem::remove(run.file("brightness.tflite"));
  run.start();
  EXPECT_EQ(run.join(), 3);
  EXPECT_FALSE(run.line(17).claimed);
}

TEST(Daemon, ABadFileKeepsTheOldPipelineRunning) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t) { return kBright; };
  run.start();
  ASSERT_TRUE(eventually([&] { return run.line(17).active && run.swaps() > 0; }));
  const std::uint64_t swaps = run.swaps();
  std::string misspelt = kLampConfig;
  misspelt.replace(misspelt.find("label: bright"), 13, "label: brihgt");
  for (const std::string& bad :
       {std::string("rules: ["), std::string(), misspelt, kLampConfig + "modle: x\n"}) {
    ::testing::internal::CaptureStderr();
    run.write_config(bad);
    testing::sleep_for(milliseconds(200));
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(said, ::testing::HasSubstr("config.yaml:")) << bad;
    EXPECT_THAT(said, ::testing::HasSubstr("the configuration from before goes on")) << bad;
  }
  EXPECT_EQ(run.swaps(), swaps);
  EXPECT_TRUE(run.line(17).active);
  const std::uint64_t frames = run.frames();
  EXPECT_TRUE(eventually([&] { return run.frames() > frames + 100; }));
  EXPECT_EQ(run.line(17).edges, 1u);
  EXPECT_EQ(run.stop(), 0);
}

TEST(Daemon, AReloadMovesOnlyTheLinesItChanges) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t) { return kBright; };
  run.start();
  ASSERT_TRUE(eventually([&] { return run.line(17).active; }));
  std::string more = kLampConfig;
  more.replace(more.find("rules:"), 6,
               "  second: {line: {chip: \"{chip}\", offset: 4}, ttl: 5s}\nrules:\n"
               "  also: {output: second, when: {label: bright}}");
  run.write_config(more);
  ASSERT_TRUE(eventually([&] { return run.line(4).active; }));
  run.write_config(kLampConfig);
  ASSERT_TRUE(eventually([&] { return !run.line(4).active && !run.line(4).owned; }));
  EXPECT_TRUE(run.line(17).active);
  EXPECT_EQ(run.line(17).edges, 1u);
  EXPECT_EQ(run.stop(), 0);
}

TEST(Daemon, AChangedModelFileIsReadAgain) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t) { return kBright; };
  run.start();
  ASSERT_TRUE(eventually([&] { return run.line(17).active && run.swaps() > 0; }));
  const std::uint64_t swaps = run.swaps();
  run.write_config(kLampConfig);
  testing::sleep_for(milliseconds(200));
  EXPECT_EQ(run.swaps(), swaps) << "the same configuration, the same model";
  EXPECT_TRUE(write_file_atomically(run.file("brightness.tflite"), test::brightness_model()));
  run.write_config(kLampConfig);
  EXPECT_TRUE(eventually([&] { return run.swaps() == swaps + 1; }));
  // A damaged model changes nothing.
  EXPECT_TRUE(write_file_atomically(run.file("brightness.tflite"), std::string_view("TFL3")));
  ::testing::internal::CaptureStderr();
  run.write_config(kLampConfig);
  testing::sleep_for(milliseconds(200));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), ::testing::HasSubstr("brightness.tflite"));
  EXPECT_EQ(run.swaps(), swaps + 1);
  EXPECT_TRUE(run.line(17).active);
  EXPECT_EQ(run.line(17).edges, 1u);
  EXPECT_EQ(run.stop(), 0);
}

TEST(Daemon, PicturesOfAnotherSizeGetAPipelineOfTheirOwn) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t n) { return n % 20 < 10 ? kBright : kDark; };
  run.film.period = 20;
  run.start();
  for (const int side : {8, 3, 8, 4}) {
    const std::uint64_t frames = run.frames();
    ASSERT_TRUE(eventually([&] { return run.frames() > frames + 50; }));
    run.film.side = side;
  }
  run.film.end = true;
  EXPECT_EQ(run.join(), 0);
  EXPECT_EQ(run.frames(), run.film.shown) << "none is skipped";
  EXPECT_EQ(run.line(17).edges, run.film.shown / 10);
}

TEST(Daemon, ALostCameraMakesTheLinesSafeAndComesBack) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t) { return kBright; };
  run.options.realtime = true;  // replays know no time and no loss
  run.start();
  ASSERT_TRUE(eventually([&] { return run.line(17).active; }));
  run.film.broken = true;
  ASSERT_TRUE(eventually([&] { return !run.line(17).active; }, milliseconds(1200)));
  ASSERT_TRUE(eventually([&] { return run.seen(EventKind::edge, Cause::camera_lost); }));
  run.film.broken = false;
  ASSERT_TRUE(eventually([&] { return run.line(17).active; }, seconds(10)));
  EXPECT_TRUE(eventually([&] { return !run.events(EventKind::resumed).empty(); }));
  EXPECT_EQ(run.stop(), 0);
}

TEST(Daemon, StartsWithoutACameraAndWaitsForIt) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t) { return kBright; };
  run.options.realtime = true;
  run.film.broken = true;
  run.start();
  ASSERT_TRUE(eventually([&] { return run.line(17).owned && run.swaps() > 0; }, seconds(10)));
  EXPECT_FALSE(run.line(17).active);
  run.film.broken = false;
  EXPECT_TRUE(eventually([&] { return run.line(17).active; }, seconds(10)));
  EXPECT_EQ(run.stop(), 0);
}

TEST(Daemon, AKilledGuardIsStartedAgain) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t) { return kBright; };
  run.start();
  ASSERT_TRUE(eventually([&] { return run.line(17).active; }));
  for (int i = 0; i < 3; ++i) {
    const auto guard = static_cast<pid_t>(run.line(17).owner_pid);
    ASSERT_GT(guard, 0);
    ASSERT_EQ(::kill(guard, SIGKILL), 0);
    ASSERT_TRUE(eventually(
        [&] {
          return run.line(17).active && run.line(17).owner_pid != static_cast<std::uint32_t>(guard);
        },
        seconds(20)));
  }
  EXPECT_TRUE(eventually([&] { return run.seen(EventKind::edge, Cause::client_gone); }));
  EXPECT_EQ(run.stop(), 0);
  EXPECT_FALSE(run.line(17).active);
}

TEST(Daemon, ADryRunTouchesNoLine) {
  DaemonRun run(kLampConfig);
  run.film.level = [](std::uint64_t n) { return n / 10 % 2 == 0 ? kBright : kDark; };
  run.film.period = 20;
  run.options.dry_run = true;
  run.start();
  ASSERT_TRUE(eventually([&] { return run.frames() > 100; }));
  run.film.end = true;
  EXPECT_EQ(run.join(), 0);
  EXPECT_FALSE(run.line(17).claimed);
  EXPECT_EQ(run.events(EventKind::edge).size(), run.film.shown / 10);
}

}  // namespace
}  // namespace pinfer
