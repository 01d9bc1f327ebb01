// SPDX-License-Identifier: Apache-2.0
// The guard as a process: its socket, its signals, its table, and clients that come and go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>
#include <cstring>
#include <ctime>
#include <random>
#include <stdexcept>
#include <thread>

#include "apps/guard/client.h"
#include "apps/guard/messages.h"
#include "drivers/output/memory_chip.h"
#include "drivers/output/output.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::Child;
using testing::eventually;
using testing::memory_line;
using testing::TempFolder;

constexpr milliseconds kTtl(300);
// Scheduling of a loaded machine; a lease that is never taken back fails by far.
constexpr milliseconds kLate(200);

class GuardProcessTest : public ::testing::Test {
 protected:
  void SetUp() override { guard = start_guard(); }

  std::optional<Child> start_guard() {
    Child child = Child::run({binary, "--socket", socket, "--state", folder.file("table")});
    EXPECT_TRUE(eventually([&] { return GuardClient::connect(socket).has_value(); }));
    return child;
  }
  GuardClient connect(std::string_view name = "test") {
    auto client = GuardClient::connect(socket, name);
    if (!client) throw std::runtime_error(client.error().message);
    return std::move(*client);
  }
  LineSpec line(std::string_view name, std::uint32_t offset) const {
    return memory_line(name, folder.file("chip"), offset);
  }
  MemoryLine wire(std::uint32_t offset) const {
    auto chip = MemoryChip::open(folder.file("chip"));
    return chip ? chip->read(offset) : MemoryLine{};
  }
  bool goes(std::uint32_t offset, bool active, Duration timeout = std::chrono::seconds(5)) const {
    return eventually([&] { return wire(offset).active == active; }, timeout);
  }
  // Waits for the report of `cause` and returns it.
  std::optional<LineReport> wait_report(GuardClient& client, Cause cause) const {
    LineReport report;
    const bool came =
        eventually([&] { return client.poll(report) == Status::ok && report.cause == cause; });
    return came ? std::optional(report) : std::nullopt;
  }

  TempFolder folder;
  std::string socket = folder.file("guard.sock");
  std::string binary = testing::runnable(folder, GUARD_BINARY);
  std::optional<Child> guard;
};

TEST_F(GuardProcessTest, MakesTheEdgeAndTellsWhen) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  ASSERT_TRUE(handles) << handles.error().message;
  const MonotonicTime before = MonotonicTime::now();
  ASSERT_EQ(client.renew((*handles)[0], true, kTtl), Status::ok);
  const auto on = wait_report(client, Cause::decision);
  ASSERT_TRUE(on);
  EXPECT_TRUE(on->active);
  EXPECT_EQ(on->handle, (*handles)[0]);
  EXPECT_GE(on->since, before);
  const auto off = wait_report(client, Cause::lease_expired);
  ASSERT_TRUE(off);
  EXPECT_FALSE(wire(0).active);
  EXPECT_GE(off->since - on->since, kTtl - milliseconds(1) - (on->since - before));
  EXPECT_LE(off->since - on->since, kTtl + kLate);
}

TEST_F(GuardProcessTest, GoesSafeAtOnceWhenAClientReleases) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
  ASSERT_TRUE(goes(0, true));
  ASSERT_EQ(client.release((*handles)[0], Cause::camera_lost), Status::ok);
  EXPECT_TRUE(wait_report(client, Cause::camera_lost));
  EXPECT_FALSE(wire(0).active);
}

TEST_F(GuardProcessTest, GoesSafeWhenTheSocketEnds) {
  {
    GuardClient client = connect();
    const auto handles = client.configure(std::vector{line("lamp", 0)});
    ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
    ASSERT_TRUE(goes(0, true));
  }
  EXPECT_TRUE(goes(0, false, kLate)) << "long before the lease runs out";
}

TEST_F(GuardProcessTest, GoesSafeWhenItIsStopped) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
  ASSERT_TRUE(goes(0, true));
  guard->signal(SIGHUP);
  testing::sleep_for(milliseconds(50));
  ASSERT_TRUE(wire(0).active) << "a hang-up is no reason to stop";
  guard->signal(SIGTERM);
  EXPECT_EQ(guard->wait(std::chrono::seconds(5)), 0);
  EXPECT_FALSE(wire(0).driven_high) << "driven safe, not only dropped";
  EXPECT_TRUE(wait_report(client, Cause::service_stop));
  EXPECT_EQ(client.renew((*handles)[0], true, kTtl), Status::backend_fault);
}

// Time that a process has spent on a CPU.
Duration cpu_time(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  EXPECT_EQ(::clock_getcpuclockid(pid, &clock), 0);
  EXPECT_EQ(::clock_gettime(clock, &time), 0);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

TEST_F(GuardProcessTest, SleepsWhenALeaseHasEndedAndNothingIsToCome) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(client.renew((*handles)[0], true, milliseconds(20)), Status::ok);
  ASSERT_TRUE(wait_report(client, Cause::lease_expired));
  const Duration before = cpu_time(guard->pid());
  testing::sleep_for(milliseconds(500));
  EXPECT_LT(cpu_time(guard->pid()) - before, milliseconds(50));
}

TEST_F(GuardProcessTest, HangsUpOnAMalformedMessageAfterMakingItsLinesSafe) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
  ASSERT_TRUE(goes(0, true));
  ASSERT_EQ(::send(client.fd(), "hello", 5, 0), 5);
  EXPECT_TRUE(wait_report(client, Cause::bad_message));
  EXPECT_FALSE(wire(0).active);
  LineReport report;
  EXPECT_TRUE(eventually([&] { return client.poll(report) == Status::backend_fault; }));
}

TEST_F(GuardProcessTest, ClaimsItsLinesAgainBeforeAnyClientIsThere) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0), line("gate", 1)});
  ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
  ASSERT_TRUE(goes(0, true));
  guard->signal(SIGKILL);
  ASSERT_EQ(guard->wait(std::chrono::seconds(5)), 128 + SIGKILL);
  EXPECT_TRUE(wire(0).driven_high) << "nobody has switched it off";
  EXPECT_FALSE(wire(0).active) << "but the chip shows the safe level of a line without owner";
  EXPECT_EQ(client.renew((*handles)[0], true, kTtl), Status::backend_fault);

  guard = start_guard();
  EXPECT_TRUE(wire(0).owned && wire(1).owned);
  EXPECT_FALSE(wire(0).driven_high);
  GuardClient again = connect();
  ASSERT_EQ(again.renew((*handles)[0], true, kTtl), Status::ok);
  testing::sleep_for(milliseconds(50));
  EXPECT_FALSE(wire(0).active) << "a handle of the dead guard moves nothing";
  const auto fresh = again.configure(std::vector{line("lamp", 0), line("gate", 1)});
  ASSERT_TRUE(fresh) << fresh.error().message;
  ASSERT_EQ(again.renew((*fresh)[0], true, kTtl), Status::ok);
  EXPECT_TRUE(goes(0, true));
}

TEST_F(GuardProcessTest, DrivesTheLinesOfADeadGuardSafeOnRequest) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
  ASSERT_TRUE(goes(0, true));
  const std::vector<std::string> command{binary, "--safe-now", "--state", folder.file("table")};
  EXPECT_EQ(Child::run(command).wait(std::chrono::seconds(5)), 4) << "a living guard has the line";
  EXPECT_TRUE(wire(0).active);
  guard->signal(SIGKILL);
  ASSERT_TRUE(guard->wait(std::chrono::seconds(5)));
  ASSERT_TRUE(wire(0).driven_high);
  EXPECT_EQ(Child::run(command).wait(std::chrono::seconds(5)), 0);
  EXPECT_FALSE(wire(0).driven_high);
}

TEST_F(GuardProcessTest, LetsOneGuardOnlyListenOnASocket) {
  Child second = Child::run({binary, "--socket", socket, "--private"});
  EXPECT_EQ(second.wait(std::chrono::seconds(5)), 4);
  EXPECT_TRUE(GuardClient::connect(socket)) << "the first one goes on";
}

TEST_F(GuardProcessTest, SaysInTheReplyWhatIsWrongWithATable) {
  GuardClient client = connect();
  LineSpec spec = line("lamp", 0);
  ASSERT_TRUE(spec.driver.assign("memroy"));
  const auto handles = client.configure(std::vector{spec});
  ASSERT_FALSE(handles);
  EXPECT_EQ(handles.error().code, ErrorCode::config);
  EXPECT_THAT(handles.error().message, ::testing::HasSubstr("did you mean memory?"));
  EXPECT_TRUE(client.configure(std::vector{line("lamp", 0)})) << "the connection still works";
}

TEST_F(GuardProcessTest, SurvivesStrangersWhoSendNoise) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  std::mt19937 random(5);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(socket.begin(), socket.end(), address.sun_path);
  for (int round = 0; round < 300; ++round) {
    ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
    const UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    std::vector<std::uint8_t> noise(random() % 9000);
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
    const MessageHeader header{.type = static_cast<MessageType>(random() % 6)};
    if (random() % 2 == 0 && noise.size() >= sizeof(header))
      std::memcpy(noise.data(), &header, sizeof(header));
    static_cast<void>(::send(fd.get(), noise.data(), noise.size(), MSG_NOSIGNAL));
  }
  EXPECT_TRUE(goes(0, true)) << "another client's line does not notice";
  EXPECT_EQ(wire(0).edges, 1u);
}

TEST_F(GuardProcessTest, TakesALineBackInTimeWhileAnotherClientFloods) {
  GuardClient client = connect("calm");
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  GuardClient noisy = connect("noisy");
  const auto others = noisy.configure(std::vector{line("horn", 1)});
  ASSERT_TRUE(handles && others);
  std::jthread flood([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) static_cast<void>(noisy.renew((*others)[0], true, kTtl));
  });
  for (int round = 0; round < 3; ++round) {
    const MonotonicTime before = MonotonicTime::now();
    while (client.renew((*handles)[0], true, kTtl) == Status::timeout) continue;
    ASSERT_TRUE(goes(0, true));
    ASSERT_TRUE(goes(0, false));
    EXPECT_LE(wire(0).changed_at - before, kTtl + kLate);
    EXPECT_TRUE(wire(1).active);
  }
}

TEST_F(GuardProcessTest, KeepsItsEstopLatchedAcrossItsOwnDeath) {
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)});
  ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
  ASSERT_TRUE(goes(0, true));
  GuardClient person = connect("person");
  const auto stopped = person.estop();
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_FALSE(wire(0).active) << "the answer comes after the edge";
  guard->signal(SIGKILL);
  ASSERT_TRUE(guard->wait(std::chrono::seconds(5)));
  guard = start_guard();
  GuardClient again = connect();
  const auto fresh = again.configure(std::vector{line("lamp", 0)});
  ASSERT_TRUE(fresh) << fresh.error().message;
  ASSERT_EQ(again.renew((*fresh)[0], true, kMaxTtl), Status::ok);
  auto status = again.status();
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(status->guard.estop_latched);
  EXPECT_FALSE(wire(0).active);
  ASSERT_TRUE(again.reset());
  ASSERT_EQ(again.release((*fresh)[0], Cause::released), Status::ok);
  ASSERT_EQ(again.renew((*fresh)[0], true, kMaxTtl), Status::ok);
  EXPECT_TRUE(goes(0, true));
}

TEST_F(GuardProcessTest, StopsEveryLineSoonAfterTheButtonIsPressed) {
  const auto button = create_output(line("button", 9));
  ASSERT_TRUE(button) << button.error().message;
  GuardClient client = connect();
  const auto handles = client.configure(std::vector{line("lamp", 0)}, line("estop", 9));
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(client.renew((*handles)[0], true, kMaxTtl), Status::ok);
  ASSERT_TRUE(goes(0, true));
  const MonotonicTime pressed = MonotonicTime::now();
  ASSERT_EQ((*button)->set(true), Status::ok);
  ASSERT_TRUE(wait_report(client, Cause::estop));
  EXPECT_LE(wire(0).changed_at - pressed, milliseconds(10) + kLate);
}

TEST_F(GuardProcessTest, TakesCommandsFromAPerson) {
  GuardClient client = connect();
  ASSERT_TRUE(client.configure(std::vector{line("lamp", 0)}));
  GuardClient person = connect("person");
  ASSERT_TRUE(person.override_output("lamp", true, milliseconds(300)));
  EXPECT_TRUE(wire(0).active);
  EXPECT_TRUE(goes(0, false)) << "it ends by itself";
  ASSERT_TRUE(person.override_output("lamp", true, kMaxOverride));
  ASSERT_TRUE(person.end_override("lamp"));
  EXPECT_FALSE(wire(0).active);
  EXPECT_EQ(person.override_output("lapm", true, milliseconds(300)).error().code,
            ErrorCode::not_found);
  for (const Duration time : {Duration(0), Duration(std::chrono::hours(2))})
    EXPECT_EQ(person.override_output("lamp", true, time).error().code, ErrorCode::invalid_argument);
}

TEST_F(GuardProcessTest, SaysWhichLimitsCannotBe) {
  GuardClient client = connect();
  LineSpec spec = line("lamp", 0);
  spec.limits.cool_down = milliseconds(5);
  const auto handles = client.configure(std::vector{spec});
  ASSERT_FALSE(handles);
  EXPECT_THAT(handles.error().message, ::testing::HasSubstr("cool_down needs max_on"));
}

// The service manager restarts a guard that no longer says WATCHDOG=1.
TEST_F(GuardProcessTest, FeedsTheWatchdogOnlyWhileItsLoopTurns) {
  const std::string notify = folder.file("notify.sock");
  const UniqueFd manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  notify.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  Child watched = Child::run(
      {binary, "--socket", folder.file("watched.sock"), "--state", folder.file("watched.table")},
      {"NOTIFY_SOCKET=" + notify, "WATCHDOG_USEC=100000"});
  const auto heard = [&manager](std::string_view word) {
    char text[256];
    const ssize_t size = ::recv(manager.get(), text, sizeof(text), 0);
    return size > 0 && std::string_view(text, static_cast<std::size_t>(size)).starts_with(word);
  };
  if (!eventually([&] { return heard("READY=1"); })) GTEST_SKIP() << "built without libsystemd";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(eventually([&] { return heard("WATCHDOG=1"); }));
  watched.signal(SIGSTOP);
  testing::sleep_for(milliseconds(100));
  while (heard("WATCHDOG=1")) continue;
  testing::sleep_for(milliseconds(300));
  EXPECT_FALSE(heard("WATCHDOG=1"));
  watched.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return heard("WATCHDOG=1"); }));
}

}  // namespace
}  // namespace pinfer
