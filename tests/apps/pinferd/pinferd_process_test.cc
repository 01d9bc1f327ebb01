// SPDX-License-Identifier: Apache-2.0
// pinferd as a process: signals, exit codes, the guard of the system.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "drivers/output/memory_chip.h"
#include "runtime/core/files.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Child;
using testing::eventually;
using testing::TempFolder;

class PinferdProcess : public ::testing::Test {
 protected:
  void write_config(const std::string& condition) const {
    const std::string text = fmt::format(
        "board: simulated\n"
        "camera: {{source: pattern:ball, width: 160, height: 120, fps: 50}}\n"
        "model: {}\n"
        "guard: {{socket: {}}}\n"
        "outputs: {{lamp: {{line: {{chip: {}, offset: 3}}}}}}\n"
        "rules: {{hold: {{output: lamp, when: {}}}}}\n",
        std::filesystem::absolute("apps/demo/digits.tflite").string(), socket, chip, condition);
    ASSERT_TRUE(write_file_atomically(config, text));
  }
  Child start_pinferd(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {testing::runnable(folder, PINFERD_BINARY), "--boards",
                                        PINFER_BOARDS_DIR, config};
    command.insert(command.end(), more.begin(), more.end());
    return Child::run(command);
  }
  Child start_guard() const {
    return Child::run({testing::runnable(folder, GUARD_BINARY), "--socket", socket, "--state",
                       folder.file("table")});
  }
  bool lamp() const {
    const auto opened = MemoryChip::open(chip);
    return opened && opened->read(3).active;
  }

  TempFolder folder;
  std::string socket = folder.file("guard.sock");
  std::string chip = folder.file("chip");
  std::string config = folder.file("config.yaml");
};

// Has the process come so far that it serves signals itself?
bool blocks_sigterm(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("SigBlk:"))
      return (std::stoull(line.substr(7), nullptr, 16) & (1ull << (SIGTERM - 1))) != 0;
  return false;
}

TEST_F(PinferdProcess, SigtermStopsInOrderWithTheLinesSafe) {
  write_config("{min_score: 0%}");
  const Child guard = start_guard();
  for (const int signal : {SIGTERM, SIGINT}) {
    Child pinferd = start_pinferd();
    ASSERT_TRUE(eventually([&] { return lamp(); }, seconds(20)));
    pinferd.signal(signal);
    EXPECT_EQ(pinferd.wait(seconds(10)), 0);
    EXPECT_FALSE(lamp());
  }
}

TEST_F(PinferdProcess, SighupReadsTheFileAgain) {
  write_config("{min_score: 0%}");
  const Child guard = start_guard();
  Child pinferd = start_pinferd();
  ASSERT_TRUE(eventually([&] { return lamp(); }, seconds(20)));
  // Written in place, not replaced: both count, and the signal does no harm on top.
  std::ifstream in(config);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  text.replace(text.find("{min_score: 0%}"), 15, "{not: {min_score: 0%}}");
  std::ofstream(config) << text;
  pinferd.signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return !lamp(); }, seconds(10)));
  pinferd.signal(SIGTERM);
  EXPECT_EQ(pinferd.wait(seconds(10)), 0);
}

TEST_F(PinferdProcess, WaitsForTheGuardOfTheSystemAndGivesUpWithASentence) {
  write_config("{min_score: 0%}");
  Child pinferd = start_pinferd();
  EXPECT_EQ(pinferd.wait(seconds(20)), 1);
  Child second = start_pinferd();
  testing::sleep_for(milliseconds(500));
  const Child guard = start_guard();
  EXPECT_TRUE(eventually([&] { return lamp(); }, seconds(20)));
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait(seconds(10)), 0);
}

TEST_F(PinferdProcess, HearsSigtermWhileItWaitsForTheGuard) {
  write_config("{min_score: 0%}");
  Child pinferd = start_pinferd();
  ASSERT_TRUE(eventually([&] { return blocks_sigterm(pinferd.pid()); }, seconds(20)));
  pinferd.signal(SIGTERM);
  EXPECT_EQ(pinferd.wait(seconds(3)), 0);  // it would wait for 5 s
}

TEST_F(PinferdProcess, FindsTheGuardOfTheSystemAgain) {
  write_config("{min_score: 0%}");
  std::optional<Child> guard = start_guard();
  Child pinferd = start_pinferd();
  ASSERT_TRUE(eventually([&] { return lamp(); }, seconds(20)));
  guard->signal(SIGKILL);
  ASSERT_EQ(guard->wait(seconds(5)), 128 + SIGKILL);
  EXPECT_FALSE(lamp());
  testing::sleep_for(milliseconds(300));
  guard = start_guard();
  EXPECT_TRUE(eventually([&] { return lamp(); }, seconds(20)));
  pinferd.signal(SIGTERM);
  EXPECT_EQ(pinferd.wait(seconds(10)), 0);
}

TEST_F(PinferdProcess, HasItsOwnGuardWhenAskedAndStopsAfterTheTime) {
  write_config("{min_score: 0%}");
  Child pinferd = start_pinferd(
      {"--private-guard", "--guard", testing::runnable(folder, GUARD_BINARY), "--seconds", "2"});
  EXPECT_TRUE(eventually([&] { return lamp(); }, seconds(20)));
  EXPECT_EQ(pinferd.wait(seconds(20)), 0);
  EXPECT_FALSE(lamp());
}

TEST_F(PinferdProcess, ExitCodesTellWhatWasWrong) {
  std::ofstream(config) << "camera: [\n";
  EXPECT_EQ(start_pinferd().wait(seconds(10)), 3);
  EXPECT_EQ(start_pinferd({"--no-such-option"}).wait(seconds(10)), 2);
  std::filesystem::remove(config);
  EXPECT_EQ(start_pinferd().wait(seconds(10)), 3);
  EXPECT_EQ(start_pinferd({"--help"}).wait(seconds(10)), 0);
}

}  // namespace
}  // namespace pinfer
