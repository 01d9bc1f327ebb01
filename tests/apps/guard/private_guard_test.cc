// SPDX-License-Identifier: Apache-2.0
// The guard that `pinfer run` starts for itself, and the guard's command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>

#include "apps/guard/client.h"
#include "drivers/output/memory_chip.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using testing::Child;
using testing::eventually;
using testing::memory_line;
using testing::TempFolder;

TEST(PrivateGuard, EndsByItselfWhenItsOnlyClientHasGone) {
  TempFolder folder;
  const std::string socket = folder.file("guard.sock");
  auto guard = spawn_guard(testing::runnable(folder, GUARD_BINARY), socket);
  ASSERT_TRUE(guard) << guard.error().message;
  {
    auto client = GuardClient::connect(socket);
    ASSERT_TRUE(client) << client.error().message;
    const auto handles =
        client->configure(std::vector{memory_line("lamp", folder.file("chip"), 0)});
    ASSERT_TRUE(handles) << handles.error().message;
    ASSERT_EQ(client->renew((*handles)[0], true, kMaxTtl), Status::ok);
    auto chip = MemoryChip::open(folder.file("chip"));
    ASSERT_TRUE(chip);
    ASSERT_TRUE(eventually([&] { return chip->read(0).active; }));
  }
  int status = -1;
  EXPECT_TRUE(eventually([&] { return ::waitpid(guard->pid, &status, WNOHANG) == guard->pid; }));
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(MemoryChip::open(folder.file("chip"))->read(0).driven_high);
}

TEST(PrivateGuard, SaysNothingToTheServiceManagerInItsParentsName) {
  const TempFolder folder;
  const std::string notify = folder.file("notify.sock");
  const UniqueFd manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  notify.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::setenv("NOTIFY_SOCKET", notify.c_str(), 1);
  auto guard = spawn_guard(testing::runnable(folder, GUARD_BINARY), folder.file("guard.sock"));
  ::unsetenv("NOTIFY_SOCKET");
  ASSERT_TRUE(guard) << guard.error().message;
  char text[64];
  EXPECT_LT(::recv(manager.get(), text, sizeof(text), 0), 0) << "READY, before the guard said so";
  ::kill(guard->pid, SIGTERM);
  ASSERT_EQ(::waitpid(guard->pid, nullptr, 0), guard->pid);
  EXPECT_LT(::recv(manager.get(), text, sizeof(text), 0), 0);
}

TEST(PrivateGuard, SaysThatItDidNotStart) {
  EXPECT_FALSE(spawn_guard("/nowhere/pinfer-guard", "/nowhere/guard.sock"));
  const TempFolder folder;
  const auto guard = spawn_guard(testing::runnable(folder, GUARD_BINARY), "/nowhere/guard.sock");
  ASSERT_FALSE(guard);
  EXPECT_THAT(guard.error().message, ::testing::HasSubstr("exit code 1"));
}

TEST(GuardCommandLine, AnswersWithTheCodesOfTheConventions) {
  const TempFolder folder;
  const auto run = [&folder](std::vector<std::string> words) {
    words.insert(words.begin(), testing::runnable(folder, GUARD_BINARY));
    return Child::run(words).wait(std::chrono::seconds(5));
  };
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_EQ(run({"--sokcet", "x"}), 2);
  EXPECT_EQ(run({"--socket"}), 2);
  EXPECT_EQ(run({"extra"}), 2);
  EXPECT_EQ(run({"--private", "--socket", "/nowhere/guard.sock"}), 1);
}

}  // namespace
}  // namespace pinfer
