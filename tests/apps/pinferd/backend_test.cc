// SPDX-License-Identifier: Apache-2.0
// `backend: auto` and a backend that dies, in a daemon that drives a line meanwhile.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/pinferd/choose_backend.h"
#include "runtime/session/tuning_cache.h"
#include "tests/apps/pinferd/daemon_run.h"
#include "tests/support/environment_variable.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::DaemonRun;
using testing::eventually;

constexpr std::uint8_t kBright = 230;

std::string config_with(const std::string& backend) {
  return R"(
board: simulated
camera: "pattern:"
model: {path: "{model}", threads: 2, backend: )" +
         backend + R"(}
outputs:
  lamp: {line: {chip: "{chip}", offset: 17}, ttl: 5s}
rules:
  light: {output: lamp, when: {label: bright}}
log: {level: error}
)";
}

class BackendTest : public ::testing::Test {
 protected:
  // A daemon with the lamp on. `script`: what is called to choose; it notes each call.
  void start(DaemonRun& run, const std::string& script) {
    if (!script.empty()) {
      run.options.tuner = run.file("tuner");
      std::ofstream(run.options.tuner) << "#!/bin/sh\necho \"$@\" >>" << run.file("calls") << "\n"
                                       << script << "\n";
      std::filesystem::permissions(run.options.tuner, std::filesystem::perms::owner_all);
    }
    run.options.tune_after = Duration::zero();
    run.options.realtime = true;
    run.film.level = [](std::uint64_t) { return kBright; };
    run.film.pace = milliseconds(5);
    run.start();
    ASSERT_TRUE(eventually([&] { return run.line(17).active; }));
  }

  static int calls(const DaemonRun& run) {
    std::ifstream file(run.file("calls"));
    int count = 0;
    for (std::string line; std::getline(file, line);) {
      EXPECT_THAT(line, ::testing::StartsWith("--choose-backend --config "));
      ++count;
    }
    return count;
  }

  // Frames go on, and the lamp has not moved.
  static void expect_untouched(const DaemonRun& run) {
    const std::uint64_t frames = run.frames();
    EXPECT_TRUE(eventually([&] { return run.frames() > frames + 20; }));
    EXPECT_TRUE(run.line(17).active);
    EXPECT_EQ(run.line(17).edges, 1u);
  }
};

TEST_F(BackendTest, AutoChangesToTheChoiceBetweenTwoFrames) {
  DaemonRun run(config_with("auto"));
  start(run, "printf 'backend cpu\\nthreads 1\\nwhy cpu with 1 thread\\n'");
  EXPECT_TRUE(eventually([&] { return run.swaps() == 2; }, seconds(10)));
  expect_untouched(run);
  EXPECT_EQ(calls(run), 1);
  EXPECT_EQ(run.swaps(), 2u);
  EXPECT_EQ(run.stop(), 0);
}

TEST_F(BackendTest, AChoiceThatDoesNotRunFallsBackToTheCpu) {
  DaemonRun run(config_with("auto"));
  start(run, "printf 'backend quantum\\nthreads 1\\nwhy it is fast\\n'");
  EXPECT_TRUE(eventually([&] { return run.swaps() == 2; }, seconds(10)));
  expect_untouched(run);
  EXPECT_EQ(calls(run), 1);
  EXPECT_EQ(run.stop(), 0);
}

TEST_F(BackendTest, ATunerThatFailsLiesOrTalksTooMuchChangesNothing) {
  for (const char* script : {"exit 1", "printf 'backend cpu\\nthreads 1\\nwhy x\\n'; exit 1",
                             "echo nonsense", "kill -9 $$", "exec >&-; exit 0", "yes"}) {
    SCOPED_TRACE(script);
    DaemonRun run(config_with("auto"));
    start(run, script);
    EXPECT_TRUE(eventually([&] { return calls(run) == 1; }, seconds(10)));
    std::this_thread::sleep_for(milliseconds(200));
    expect_untouched(run);
    EXPECT_EQ(run.swaps(), 1u);
    EXPECT_EQ(calls(run), 1);
    EXPECT_EQ(run.stop(), 0);
  }
}

TEST_F(BackendTest, AStopWaitsForNoTuner) {
  DaemonRun run(config_with("auto"));
  start(run, "exec sleep 60");
  EXPECT_TRUE(eventually([&] { return calls(run) == 1; }, seconds(10)));
  const MonotonicTime asked = MonotonicTime::now();
  EXPECT_EQ(run.stop(), 0);
  EXPECT_LT(MonotonicTime::now() - asked, seconds(2));
  EXPECT_FALSE(run.line(17).active);
}

TEST_F(BackendTest, NobodyIsAskedWhereABackendIsNamed) {
  DaemonRun run(config_with("cpu"));
  start(run, "echo");
  expect_untouched(run);
  EXPECT_EQ(calls(run), 0);
  EXPECT_EQ(run.stop(), 0);
}

TEST_F(BackendTest, ChooseBackendMeasuresAndKeepsWhatItFinds) {
  const testing::TempFolder cache;
  const test::EnvironmentVariable folder("CACHE_DIRECTORY", cache.file("").c_str());
  DaemonRun run(config_with("auto"));  // its files only
  const ChooseOptions options{run.options.config_path, run.options.boards_dir, false};
  std::ostringstream first, second, third;
  EXPECT_EQ(choose_backend(options, first), 0);
  ASSERT_TRUE(parse_choice(first.str())) << first.str();
  EXPECT_EQ(parse_choice(first.str())->backend, "cpu");
  EXPECT_EQ(choose_backend(options, second), 0);
  EXPECT_EQ(second.str(), first.str()) << "measured again";
  EXPECT_EQ(choose_backend({options.config_path, options.boards_dir, true}, third), 0);
  EXPECT_TRUE(parse_choice(third.str()));
  EXPECT_EQ(choose_backend({"/nowhere.yaml", options.boards_dir, false}, third), 3);
}

// What the daemon says of a named backend that cannot be had; it must not start without it.
std::string refusal_of(const std::string& backend) {
  DaemonRun run(config_with(backend));
  run.film.level = [](std::uint64_t) { return kBright; };
  run.options.run_for = seconds(20);  // ends also where it starts against expectation
  ::testing::internal::CaptureStderr();
  run.start();
  EXPECT_EQ(run.join(), 3) << backend;
  EXPECT_FALSE(run.line(17).active);
  EXPECT_EQ(run.line(17).edges, 0u);
  EXPECT_TRUE(run.seen(EventKind::withheld, Cause::no_valid_model));
  return ::testing::internal::GetCapturedStderr();
}

TEST_F(BackendTest, ANamedBackendThatIsNotThereEndsTheStartWithItsReason) {
  const test::EnvironmentVariable plugins("PINFER_PLUGINS", "/nowhere");
  EXPECT_THAT(refusal_of("armnn"),
              ::testing::AllOf(::testing::HasSubstr("config.yaml: model.backend: armnn cannot run"),
                               ::testing::HasSubstr("/nowhere/libpinfer-armnn.so"),
                               ::testing::HasSubstr("`backend: auto`")));
  if (std::getenv("LD_PRELOAD") == nullptr || !find_backend("gles")) return;
  const test::EnvironmentVariable fault("PINFER_GL_FAULT", "no_egl");
  EXPECT_THAT(refusal_of("gles"),
              ::testing::AllOf(::testing::HasSubstr("config.yaml: model.backend: gles cannot run"),
                               ::testing::HasSubstr("install libegl1")));
}

TEST_F(BackendTest, AReloadThatNamesABackendWhichIsNotThereChangesNothing) {
  const test::EnvironmentVariable plugins("PINFER_PLUGINS", "/nowhere");
  DaemonRun run(config_with("cpu"));
  start(run, "");
  ::testing::internal::CaptureStderr();
  run.write_config(config_with("armnn"));
  std::this_thread::sleep_for(milliseconds(500));
  expect_untouched(run);
  EXPECT_EQ(run.swaps(), 1u);
  EXPECT_EQ(run.stop(), 0);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::AllOf(::testing::HasSubstr("model.backend: armnn cannot run"),
                               ::testing::HasSubstr("the configuration from before goes on")));
}

// Tells a library of the tests how to fail from now on. Not by setenv(): threads run.
void fail_as(void* library, const char* function, const char* fault) {
  const auto tell = reinterpret_cast<void (*)(const char*)>(::dlsym(library, function));
  ASSERT_NE(tell, nullptr) << function;
  tell(fault);
}

// A plug-in that fails on request stands for the device, so this runs wherever threads are checked.
TEST_F(BackendTest, TheCpuTakesOverFromAPlugInThatFails) {
  const char* folder = std::getenv("PINFER_FAKE_FOLDER");
  if (folder == nullptr || !find_backend("armnn")) GTEST_SKIP() << "no plug-in to fail";
  const test::EnvironmentVariable plugins("PINFER_PLUGINS", folder);
  DaemonRun run(config_with("armnn"));
  run.film.level = [](std::uint64_t) { return kBright; };
  run.film.pace = milliseconds(5);
  run.options.realtime = true;
  run.start();
  EXPECT_TRUE(eventually([&] { return run.frames() > 20; }, seconds(10)));
  EXPECT_FALSE(run.line(17).active) << "the plug-in sees nothing";
  void* plugin = ::dlopen((std::string(folder) + "/libpinfer-armnn.so").c_str(), RTLD_NOW);
  ASSERT_NE(plugin, nullptr);
  fail_as(plugin, "pinfer_fake_plugin", "broken");
  EXPECT_TRUE(
      eventually([&] { return run.seen(EventKind::withheld, Cause::model_fault); }, seconds(10)));
  EXPECT_TRUE(eventually([&] { return run.swaps() == 2 && run.line(17).active; }, seconds(10)));
  EXPECT_EQ(run.line(17).edges, 1u) << "none but the cpu's own";
  expect_untouched(run);
  EXPECT_EQ(run.stop(), 0);
  fail_as(plugin, "pinfer_fake_plugin", nullptr);
  ::dlclose(plugin);
}

// With gl_faults preloaded: the device is reset while the lamp is on.
TEST_F(BackendTest, TheCpuTakesOverFromADeviceThatIsLost) {
  if (!find_backend("gles")) GTEST_SKIP() << "built without OpenGL ES";
  if (const auto described = (*find_backend("gles"))->describe(); !described)
    GTEST_SKIP() << described.error().message;
  if (std::getenv("LD_PRELOAD") == nullptr) GTEST_SKIP() << "gl_faults is not preloaded";
  DaemonRun run(config_with("gles"));
  start(run, "");
  expect_untouched(run);
  fail_as(RTLD_DEFAULT, "pinfer_gl_fault", "lost");
  EXPECT_TRUE(
      eventually([&] { return run.seen(EventKind::withheld, Cause::model_fault); }, seconds(10)));
  EXPECT_TRUE(eventually([&] { return run.swaps() == 2 && run.line(17).active; }, seconds(10)));
  fail_as(RTLD_DEFAULT, "pinfer_gl_fault", nullptr);
  EXPECT_EQ(run.line(17).edges, 3u) << "on, safe, on";
  EXPECT_EQ(run.stop(), 0);
}

}  // namespace
}  // namespace pinfer
