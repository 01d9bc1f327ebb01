// SPDX-License-Identifier: Apache-2.0
// The guard without its sockets: messages in, lines of a memory chip and answers out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <random>
#include <vector>

#include "drivers/output/memory_chip.h"
#include "runtime/core/files.h"
#include "tests/apps/guard/guard_fixture.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::kAnna;
using testing::kBert;

class GuardTest : public testing::GuardFixture {};

TEST_F(GuardTest, DrivesTheLevelThatALeaseAsksForAndReportsTheEdge) {
  const auto table = configure(kAnna, {line("lamp", 3)});
  ASSERT_EQ(table.ok, 1u) << error();
  reports.clear();
  EXPECT_TRUE(lease(kAnna, table.handles[0]));
  EXPECT_TRUE(wire(3).active);
  ASSERT_EQ(reports[kAnna].size(), 1u);
  EXPECT_EQ(reports[kAnna][0].name.view(), "lamp");
  EXPECT_EQ(reports[kAnna][0].cause, Cause::decision);
  EXPECT_TRUE(reports[kAnna][0].active);
  now = now + milliseconds(500);
  guard.on_time(now);
  EXPECT_FALSE(wire(3).active);
  EXPECT_EQ(reports[kAnna].back().cause, Cause::lease_expired);
}

TEST_F(GuardTest, TurnsAnActiveLowLineOnWithALowVoltage) {
  LineSpec relay = line("relay", 0);
  relay.active_low = true;
  const auto table = configure(kAnna, {relay});
  EXPECT_TRUE(wire(0).high);
  EXPECT_FALSE(wire(0).active);
  EXPECT_TRUE(lease(kAnna, table.handles[0]));
  EXPECT_FALSE(wire(0).high);
  EXPECT_TRUE(wire(0).active);
}

TEST_F(GuardTest, LeavesUnchangedLinesAloneWhenTheTableChanges) {
  const auto first = configure(kAnna, {line("lamp", 1), line("gate", 2), line("horn", 3)});
  ASSERT_TRUE(lease(kAnna, first.handles[0]));
  ASSERT_TRUE(lease(kAnna, first.handles[1]));
  const auto edges = wire(1).edges;
  LineSpec changed = line("gate", 2);
  changed.active_low = true;
  const auto second = configure(kAnna, {changed, line("lamp", 1), line("bell", 4)});
  ASSERT_EQ(second.ok, 1u) << error();
  EXPECT_EQ(second.handles[1], first.handles[0]) << "lamp keeps its handle";
  EXPECT_TRUE(wire(1).active) << "and its lease";
  EXPECT_EQ(wire(1).edges, edges) << "without a glitch";
  EXPECT_FALSE(wire(2).active) << "a changed line starts safe";
  EXPECT_FALSE(wire(3).owned) << "a line left out is let go";
  EXPECT_TRUE(lease(kAnna, first.handles[1])) << "a late frame of the old pipeline is no crime";
  EXPECT_FALSE(wire(2).active) << "and moves nothing";
}

TEST_F(GuardTest, KeepsTheOldTableWhenTheNewOneDoesNotWork) {
  const auto first = configure(kAnna, {line("lamp", 1), line("gate", 2)});
  ASSERT_TRUE(lease(kAnna, first.handles[0]));
  EXPECT_EQ(configure(kAnna, {line("lamp", 2), line("gate", 1), line("horn", 64)}).ok, 0u);
  EXPECT_THAT(error(), ::testing::HasSubstr("lines 0 to 63, not 64"));
  EXPECT_TRUE(wire(1).owned && wire(2).owned);
  EXPECT_FALSE(wire(1).active) << "its wire was promised to another output: safe";
  EXPECT_TRUE(lease(kAnna, first.handles[0]));
  EXPECT_TRUE(wire(1).active) << "the old handles work";
}

TEST_F(GuardTest, SwapsTheWiresOfTwoOutputs) {
  ASSERT_EQ(configure(kAnna, {line("lamp", 1), line("gate", 2)}).ok, 1u);
  const auto swapped = configure(kAnna, {line("lamp", 2), line("gate", 1)});
  ASSERT_EQ(swapped.ok, 1u) << error();
  EXPECT_TRUE(lease(kAnna, swapped.handles[0]));
  EXPECT_TRUE(wire(2).active);
  EXPECT_FALSE(wire(1).active);
}

TEST_F(GuardTest, LetsTwoClientsNeverOwnOneLine) {
  ASSERT_EQ(configure(kAnna, {line("lamp", 1)}).ok, 1u);
  EXPECT_EQ(configure(kBert, {line("light", 1)}, "bert").ok, 0u) << "the same wire";
  EXPECT_EQ(static_cast<ErrorCode>(reply.code), ErrorCode::refused);
  EXPECT_EQ(configure(kBert, {line("lamp", 2)}, "bert").ok, 0u) << "the same name";
  EXPECT_EQ(configure(kBert, {line("pump", 2)}, "bert").ok, 1u);
  guard.on_client_gone(kAnna, now);
  EXPECT_EQ(configure(kBert, {line("pump", 2), line("light", 1)}, "bert").ok, 1u) << error();
}

TEST_F(GuardTest, RefusesOneNameOrOneWireTwiceInATable) {
  EXPECT_EQ(configure(kAnna, {line("lamp", 1), line("lamp", 2)}).ok, 0u);
  EXPECT_THAT(error(), ::testing::HasSubstr("two outputs have the name lamp"));
  EXPECT_EQ(configure(kAnna, {line("lamp", 1), line("gate", 1)}).ok, 0u);
  EXPECT_THAT(error(), ::testing::HasSubstr("both use line 1"));
}

TEST_F(GuardTest, MakesTheLinesOfAClientSafeWhenItSendsNonsense) {
  const auto table = configure(kAnna, {line("lamp", 1)});
  ASSERT_TRUE(lease(kAnna, table.handles[0]));
  LeaseMessage bad;
  bad.handle = table.handles[0];
  bad.ttl_ms = 500;
  bad.level = 2;
  EXPECT_FALSE(send(kAnna, bad));
  EXPECT_FALSE(wire(1).active);
  EXPECT_EQ(reports[kAnna].back().cause, Cause::bad_message);
}

TEST_F(GuardTest, TakesALineBackAfterItsClientHasRestarted) {
  const auto before = configure(kAnna, {line("lamp", 1)});
  ASSERT_TRUE(lease(kAnna, before.handles[0]));
  guard.on_client_gone(kAnna, now);
  EXPECT_FALSE(wire(1).active);
  EXPECT_TRUE(wire(1).owned) << "the guard keeps holding it at its safe level";
  const auto after = configure(kBert, {line("lamp", 1)});
  ASSERT_EQ(after.ok, 1u) << error();
  EXPECT_TRUE(lease(kBert, after.handles[0]));
  EXPECT_TRUE(wire(1).active);
}

TEST_F(GuardTest, ReportsEveryLineWhenAsked) {
  ASSERT_EQ(configure(kAnna, {line("lamp", 1), line("gate", 2)}).ok, 1u);
  EXPECT_TRUE(send(kBert, QueryMessage{}));
  ASSERT_EQ(reports[kBert].size(), 2u);
  EXPECT_EQ(reports[kBert][1].name.view(), "gate");
}

TEST_F(GuardTest, SavesAndClaimsItsTable) {
  LineSpec valve = line("valve", 5);
  valve.safe_active = true;
  valve.bias = Bias::pull_down;
  ASSERT_EQ(configure(kAnna, {line("lamp", 1), valve}).ok, 1u);
  const std::string path = folder.file("table");
  const SavedTable saved = guard.saved_table();
  ASSERT_TRUE(save_table(path, saved));
  const auto loaded = load_table(path);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(*loaded, saved);
  EXPECT_TRUE(load_table(folder.file("none"))->lines.empty());
}

void write_plainly(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST_F(GuardTest, RefusesEveryDamagedTable) {
  ASSERT_EQ(configure(kAnna, {line("lamp", 1)}).ok, 1u);
  const std::string path = folder.file("table");
  ASSERT_TRUE(save_table(path, guard.saved_table()));
  const std::string good = *read_file(path, 1 << 20);
  for (std::size_t size = 0; size < good.size(); ++size) {
    write_plainly(path, std::string_view(good).substr(0, size));
    ASSERT_FALSE(load_table(path)) << "cut to " << size;
  }
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 7) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    write_plainly(path, bad);
    ASSERT_FALSE(load_table(path)) << "bit " << bit;
  }
}

// A line whose wire stops following: what a GPIO line does when its chip has gone.
bool broken = false;
class BreakableOutput final : public Output {
 public:
  explicit BreakableOutput(std::unique_ptr<Output> output) : output_(std::move(output)) {}
  Status set(bool active) noexcept override {
    return broken ? Status::backend_fault : output_->set(active);
  }
  Status read(bool& active) noexcept override { return output_->read(active); }

 private:
  std::unique_ptr<Output> output_;
};

Result<std::unique_ptr<Output>> open_breakable(const OutputSpec& spec,
                                               const OutputContext& context) {
  PINFER_TRY(auto output, create_output(spec, context));
  return std::make_unique<BreakableOutput>(std::move(output));
}

TEST_F(GuardTest, TriesTheSafeLevelOfABrokenLineUntilItFollows) {
  broken = false;
  Guard fragile({}, {this, keep}, 1, {open_breakable});
  ConfigureMessage table;
  table.count = 1;
  text_to_wire("anna", table.client);
  table.specs[0] = to_wire(line("lamp", 1));
  LeaseMessage on;
  on.ttl_ms = 10'000;
  on.level = 1;
  ASSERT_TRUE(fragile.on_message(kAnna, as_message(table), now));
  ASSERT_EQ(reply.ok, 1u);
  on.handle = reply.handles[0];
  on.sent_at = now.since_boot.count();
  ASSERT_TRUE(fragile.on_message(kAnna, as_message(on), now));
  ASSERT_TRUE(wire(1).active);

  broken = true;
  on.level = 0;
  ASSERT_TRUE(fragile.on_message(kAnna, as_message(on), now));
  EXPECT_TRUE(wire(1).active) << "it does not follow";
  EXPECT_EQ(reports[kAnna].back().cause, Cause::line_fault);
  EXPECT_FALSE(reports[kAnna].back().active);
  ASSERT_TRUE(fragile.next_deadline());
  fragile.on_time(now);
  EXPECT_TRUE(wire(1).active);
  fragile.on_time(now + milliseconds(50));
  EXPECT_TRUE(fragile.next_deadline()) << "not tried all the time";

  broken = false;
  now = now + milliseconds(100);
  EXPECT_LE(*fragile.next_deadline(), now);
  fragile.on_time(now);
  EXPECT_FALSE(wire(1).active);
  EXPECT_FALSE(fragile.next_deadline()) << "nothing left to do";
}

// Half noise, half correct messages with a few bytes changed; the line must obey the leases anyway.
TEST_F(GuardTest, StaysSafeUnderAHundredThousandRandomMessages) {
  std::mt19937 random(2);
  int refused = 0;
  int turned_on = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::vector<std::byte> bytes(random() % 5 == 0 ? random() % (kMaxMessage + 2) : 0);
    if (bytes.empty()) {
      LeaseMessage lease_message;
      lease_message.handle = 64 * (1 + random() % 4) + random() % 3;
      lease_message.sent_at = now.since_boot.count();
      lease_message.ttl_ms = 100;
      lease_message.level = 1;
      const QueryMessage query;
      ReleaseMessage release;
      release.cause = static_cast<std::uint32_t>(Cause::released);
      const auto whole = random() % 4 == 0   ? as_message(query)
                         : random() % 4 == 0 ? as_message(release)
                                             : as_message(lease_message);
      bytes.assign(whole.begin(), whole.end());
      for (auto changes = random() % 3; changes > 0; --changes)
        bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    } else {
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
      const MessageHeader header{.type = static_cast<MessageType>(random() % 20)};
      if (random() % 2 == 0 && bytes.size() >= sizeof(header))
        std::memcpy(bytes.data(), &header, sizeof(header));
    }
    if (round % 4 == 0) {
      ASSERT_EQ(configure(kAnna, {line("lamp", 1), line("gate", 2)}).ok, 1u);
    }
    reports.clear();
    refused += guard.on_message(kAnna, bytes, now) ? 0 : 1;
    now = now + milliseconds(random() % 20);
    guard.on_time(now);
    turned_on += guard.all_safe() ? 0 : 1;
    for (const Line& state : guard.lines())
      ASSERT_TRUE(!state.claimed() || state.active == state.spec.safe_active ||
                  (state.leased && state.expires > now));
  }
  EXPECT_GT(refused, 10'000);
  EXPECT_LT(refused, 90'000);
  EXPECT_GT(turned_on, 1000) << "else the test shows nothing";
}

}  // namespace
}  // namespace pinfer
