// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/journald.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace pinfer {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Event edge() {
  Event event;
  event.kind = EventKind::edge;
  event.cause = Cause::released;
  event.active = true;
  event.sequence = 42;
  EXPECT_TRUE(event.output.assign("gate"));
  EXPECT_TRUE(event.rule.assign("open_the_gate"));
  EXPECT_TRUE(event.reason.assign("person 0.9\nPRIORITY=0"));
  return event;
}

// What stands in for journald.
class JournaldSocket : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / ("journald-" + std::to_string(::getpid()));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.string().size());
    fd_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string receive() const {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
  }

  std::filesystem::path path_;
  UniqueFd fd_;
};

TEST(JournaldEntry, HasTheLineAndAFieldForEachThingToLookFor) {
  const std::string entry = journald_entry(edge(), "edge gate on");
  EXPECT_THAT(entry, StartsWith("MESSAGE=edge gate on\nPRIORITY=6\nSYSLOG_IDENTIFIER=pinferd\n"));
  EXPECT_THAT(entry, HasSubstr("\nPINFER_EVENT=edge\n"));
  EXPECT_THAT(entry, HasSubstr("\nPINFER_OUTPUT=gate\nPINFER_LEVEL=on\n"));
  EXPECT_THAT(entry, HasSubstr("\nPINFER_RULE=open_the_gate\n"));
  EXPECT_THAT(entry, HasSubstr("\nPINFER_FRAME=42\n"));
}

TEST(JournaldEntry, DoesNotLetATextStartAFieldOfItsOwn) {
  EXPECT_THAT(journald_entry(edge(), "edge"), HasSubstr("PINFER_REASON=person 0.9 PRIORITY=0\n"));
}

TEST(JournaldEntry, LeavesOutWhatTheEventDoesNotHave) {
  Event event;
  event.kind = EventKind::resumed;
  EXPECT_THAT(journald_entry(event, "resumed"), Not(HasSubstr("PINFER_OUTPUT")));
  EXPECT_THAT(journald_entry(event, "resumed"), Not(HasSubstr("PINFER_CAUSE")));
}

TEST_F(JournaldSocket, GetsTheEntryAsOneDatagram) {
  const auto journald = Journald::connect(path_.string());
  ASSERT_TRUE(journald);
  EXPECT_TRUE(journald->send(edge(), "edge gate on"));
  EXPECT_EQ(receive(), journald_entry(edge(), "edge gate on"));
}

TEST_F(JournaldSocket, IsUsedWhenStdoutIsTheStreamThatSystemdNames) {
  struct stat out {};
  ASSERT_EQ(::fstat(STDOUT_FILENO, &out), 0);
  const std::string stream = fmt::format("{}:{}", out.st_dev, out.st_ino);
  ASSERT_EQ(::setenv("JOURNAL_STREAM", stream.c_str(), 1), 0);
  EXPECT_TRUE(Journald::find(path_.string()));
  ASSERT_EQ(::setenv("JOURNAL_STREAM", "1:1", 1), 0);
  EXPECT_FALSE(Journald::find(path_.string()));
  ASSERT_EQ(::unsetenv("JOURNAL_STREAM"), 0);
  EXPECT_FALSE(Journald::find(path_.string()));
}

TEST_F(JournaldSocket, ThatHasGoneMeansThatTheLineIsPrinted) {
  const auto journald = Journald::connect(path_.string());
  ASSERT_TRUE(journald);
  fd_.reset();
  EXPECT_FALSE(journald->send(edge(), "edge gate on"));
  EXPECT_FALSE(Journald::connect("/nonexistent/socket"));
}

}  // namespace
}  // namespace pinfer
