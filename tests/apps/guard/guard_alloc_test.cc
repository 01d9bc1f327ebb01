// SPDX-License-Identifier: Apache-2.0
// No heap between a lease and its line, in the guard and in its client.
#include <gtest/gtest.h>

#include "apps/guard/client.h"
#include "apps/guard/guard.h"
#include "tests/apps/guard/processes.h"
#include "tests/support/alloc_counter.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::memory_line;

TEST(GuardAllocation, TheGuardAllocatesNothingWhileLeasesRun) {
  const testing::TempFolder folder;
  ReplyMessage reply;
  std::uint64_t messages = 0;
  struct Context {
    ReplyMessage& reply;
    std::uint64_t& messages;
  } context{reply, messages};
  Guard guard({},
              {&context,
               [](void* self, ClientId, std::span<const std::byte> bytes) noexcept {
                 auto& seen = *static_cast<Context*>(self);
                 ++seen.messages;
                 if (const auto answer = read_message<ReplyMessage>(bytes)) seen.reply = *answer;
               }},
              1);
  MonotonicTime now{milliseconds(1)};
  ConfigureMessage table;
  table.count = 2;
  text_to_wire("test", table.client);
  table.specs[0] = to_wire(memory_line("lamp", folder.file("chip"), 0));
  table.specs[1] = to_wire(memory_line("gate", folder.file("chip"), 1));
  const std::uint64_t at_start = thread_allocations();
  ASSERT_TRUE(guard.on_message(0, as_message(table), now));
  ASSERT_EQ(reply.ok, 1u);
  ASSERT_GT(thread_allocations(), at_start) << "else nothing is counted";

  const std::uint64_t before = thread_allocations();
  bool good = true;
  for (int i = 0; i < 10'000; ++i) {
    LeaseMessage lease;
    lease.handle = reply.handles[static_cast<std::size_t>(i % 2)];
    lease.sent_at = now.since_boot.count();
    lease.ttl_ms = 50;
    lease.level = i % 3 == 0 ? 0 : 1;
    good = good && guard.on_message(0, as_message(lease), now);
    ReleaseMessage release;
    release.handle = reply.handles[0];
    release.cause = static_cast<std::uint32_t>(Cause::released);
    if (i % 7 == 0) good = good && guard.on_message(0, as_message(release), now);
    if (i % 100 == 0) good = good && guard.on_message(0, as_message(QueryMessage{}), now);
    now = now + milliseconds(i % 80);
    guard.on_time(now);
  }
  guard.on_client_gone(0, now);
  EXPECT_EQ(thread_allocations(), before);
  EXPECT_TRUE(good);
  EXPECT_GT(messages, 10'000u) << "edges have been reported";
}

TEST(GuardAllocation, TheClientAllocatesNothingToRenew) {
  const testing::TempFolder folder;
  const std::string socket = folder.file("guard.sock");
  const auto guard = spawn_guard(testing::runnable(folder, GUARD_BINARY), socket);
  ASSERT_TRUE(guard) << guard.error().message;
  auto client = GuardClient::connect(socket);
  ASSERT_TRUE(client) << client.error().message;
  const auto lines = client->configure(std::vector{memory_line("lamp", folder.file("chip"), 0)});
  ASSERT_TRUE(lines) << lines.error().message;
  LineReport report;
  ASSERT_TRUE(testing::eventually([&] { return client->poll(report) == Status::ok; }));
  EXPECT_EQ(report.cause, Cause::start);
  bool good = true;
  const std::uint64_t before = thread_allocations();
  for (int i = 0; i < 200; ++i) {
    good = good && client->renew((*lines)[0], true, kMaxTtl) == Status::ok;
    good = good && testing::eventually([&] { return client->poll(report) == Status::ok; });
    good = good && report.active;
    good = good && client->release((*lines)[0], Cause::stale_frame) == Status::ok;
    good = good && testing::eventually([&] { return client->poll(report) == Status::ok; });
    good = good && report.cause == Cause::stale_frame;
  }
  EXPECT_EQ(thread_allocations(), before);
  EXPECT_TRUE(good);
}

}  // namespace
}  // namespace pinfer
