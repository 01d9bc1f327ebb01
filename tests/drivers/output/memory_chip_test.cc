// SPDX-License-Identifier: Apache-2.0
// The memory chip's own rules, between processes where they matter.
#include "drivers/output/memory_chip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "drivers/output/output.h"

namespace pinfer {
namespace {

using ::testing::HasSubstr;

class MemoryChipTest : public ::testing::Test {
 protected:
  MemoryChipTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinfer-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~MemoryChipTest() override { std::filesystem::remove_all(folder); }

  OutputSpec spec(std::uint32_t offset) const {
    OutputSpec made;
    EXPECT_TRUE(made.name.assign("lamp") && made.driver.assign("memory") &&
                made.chip.assign(path()));
    made.offset = offset;
    return made;
  }
  std::string path() const { return folder + "/chip"; }
  MemoryChip watch() const {
    auto chip = MemoryChip::open(path());
    EXPECT_TRUE(chip) << chip.error().message;
    return chip ? std::move(*chip) : MemoryChip{};
  }

  std::string folder;
};

TEST_F(MemoryChipTest, ShowsAWatcherWhatTheOwnerDrives) {
  auto output = create_output(spec(5));
  ASSERT_TRUE(output) << output.error().message;
  const MemoryChip chip = watch();
  EXPECT_TRUE(chip.read(5).owned);
  EXPECT_FALSE(chip.read(5).active);
  const MonotonicTime before = MonotonicTime::now();
  ASSERT_EQ((*output)->set(true), Status::ok);
  const MemoryLine line = chip.read(5);
  EXPECT_TRUE(line.active);
  EXPECT_TRUE(line.high);
  EXPECT_EQ(line.edges, 1u);
  EXPECT_GE(line.changed_at, before);
  EXPECT_EQ(line.owner_pid, static_cast<std::uint32_t>(::getpid()));
  EXPECT_STREQ(line.name.data(), "lamp");
  EXPECT_FALSE(chip.read(6).claimed);
  EXPECT_FALSE(chip.read(kMemoryChipLines).claimed) << "no such line";
}

TEST_F(MemoryChipTest, CountsAnEdgeForAChangeOnly) {
  auto output = create_output(spec(0));
  ASSERT_TRUE(output);
  for (const bool active : {true, true, false, false, true})
    ASSERT_EQ((*output)->set(active), Status::ok);
  EXPECT_EQ(watch().read(0).edges, 3u);
}

TEST_F(MemoryChipTest, DrivesTheSafeLevelBeforeItLetsALineGo) {
  OutputSpec valve = spec(1);
  valve.safe_active = true;
  valve.active_low = true;
  {
    auto output = create_output(valve);
    ASSERT_TRUE(output);
    ASSERT_EQ((*output)->set(false), Status::ok);
    EXPECT_TRUE(watch().read(1).high);
  }
  const MemoryLine line = watch().read(1);
  EXPECT_FALSE(line.owned);
  EXPECT_FALSE(line.driven_high) << "driven, not only shown";
  EXPECT_TRUE(line.active);
}

TEST_F(MemoryChipTest, ShowsTheSafeLevelOfALineWhoseOwnerWasKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    auto output = create_output(spec(2));
    if (output && (*output)->set(true) == Status::ok) static_cast<void>(!::write(ready[1], "R", 1));
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const MemoryChip chip = watch();
  EXPECT_TRUE(chip.read(2).active);
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  MemoryLine line = chip.read(2);
  EXPECT_FALSE(line.owned);
  EXPECT_FALSE(line.active);
  EXPECT_TRUE(line.driven_high) << "nobody had the time to switch it off";

  auto heir = create_output(spec(2));
  ASSERT_TRUE(heir) << heir.error().message;
  line = chip.read(2);
  EXPECT_TRUE(line.owned);
  EXPECT_FALSE(line.driven_high);
  EXPECT_EQ(line.edges, 2u) << "the heir's safe level is an edge";
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(MemoryChipTest, GivesALineToOneOwnerOnly) {
  auto output = create_output(spec(3));
  ASSERT_TRUE(output);
  const auto second = create_output(spec(3));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::refused);
  EXPECT_THAT(second.error().message, HasSubstr(fmt::format("by process {}", ::getpid())));
  EXPECT_TRUE(create_output(spec(4))) << "another line of the chip is free";
}

TEST_F(MemoryChipTest, ReadsALineWhoseOwnerDiedInTheMiddleOfAWrite) {
  { auto output = create_output(spec(7)); }
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  const std::uint32_t odd = 12345;
  file.seekp(static_cast<std::streamoff>(sizeof(MemoryLineRecord) * 8));
  file.write(reinterpret_cast<const char*>(&odd), sizeof(odd));
  file.close();
  EXPECT_FALSE(watch().read(7).active);
  auto heir = create_output(spec(7));
  ASSERT_TRUE(heir);
  ASSERT_EQ((*heir)->set(true), Status::ok);
  EXPECT_TRUE(watch().read(7).active);
}

TEST_F(MemoryChipTest, NeverShowsHalfOfAChange) {
  auto output = create_output(spec(9));
  ASSERT_TRUE(output);
  // With pauses of 0 to some hundred nanoseconds: an owner that does nothing else than to change a
  // line, on a core of its own, leaves a reader no moment.
  std::jthread writer([&](const std::stop_token& stop) {
    unsigned pause = 0;
    for (bool active = true; !stop.stop_requested(); active = !active, pause = (pause + 7) % 256) {
      static_cast<void>((*output)->set(active));
      for (volatile unsigned i = 0; i < pause;) i = i + 1;
    }
  });
  const MemoryChip chip = watch();
  for (int i = 0; i < 20'000; ++i) {
    const MemoryLine line = chip.read(9);
    // It started inactive with no edges: level and count go together.
    ASSERT_EQ(line.active, line.edges % 2 == 1) << line.edges;
  }
  EXPECT_GT(chip.read(9).edges, 100u);
}

TEST_F(MemoryChipTest, RefusesAFileThatIsNoChip) {
  EXPECT_EQ(MemoryChip::open(path()).error().code, ErrorCode::not_found);
  std::ofstream(path()) << "hello";
  EXPECT_THAT(MemoryChip::open(path()).error().message, HasSubstr("not a memory chip"));
  EXPECT_THAT(create_output(spec(0)).error().message, HasSubstr("not a memory chip"));
  std::ofstream(path()) << std::string(sizeof(MemoryChipFile), 'x');
  EXPECT_THAT(MemoryChip::open(path()).error().message, HasSubstr("this version"));
  EXPECT_FALSE(MemoryChip::open(folder)) << "a folder";
}

TEST_F(MemoryChipTest, SaysWhatIsWrongWithASpec) {
  EXPECT_THAT(create_output(spec(64)).error().message, HasSubstr("lines 0 to 63, not 64"));
  OutputSpec nowhere = spec(0);
  ASSERT_TRUE(nowhere.chip.assign("/nowhere/chip"));
  EXPECT_THAT(create_output(nowhere).error().message, HasSubstr("PINFER_MEMORY_DIR"));
  nowhere.chip = {};
  EXPECT_EQ(create_output(nowhere).error().code, ErrorCode::config);
}

TEST_F(MemoryChipTest, LivesInTheFolderThatTheEnvironmentNames) {
  ::setenv("PINFER_MEMORY_DIR", folder.c_str(), 1);
  EXPECT_EQ(memory_chip_path("board"), folder + "/memory-board");
  ::unsetenv("PINFER_MEMORY_DIR");
  EXPECT_EQ(memory_chip_path("board"), "/run/pinfer/memory-board");
  EXPECT_EQ(memory_chip_path("/x/y"), "/x/y");
}

}  // namespace
}  // namespace pinfer
