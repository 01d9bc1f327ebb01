// SPDX-License-Identifier: Apache-2.0
// Each field of the protocol at and over its bounds.
#include "apps/guard/messages.h"

#include <gtest/gtest.h>

#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using std::chrono::seconds;

LineSpec full_spec() {
  LineSpec spec = testing::memory_line("a.Z-9_", "/some where", 4095);
  spec.active_low = true;
  spec.bias = Bias::pull_down;
  spec.pwm = {20, 0, 20};
  spec.limits = {seconds(1),   seconds(2), seconds(3), seconds(4),  seconds(5),
                 seconds(100), seconds(7), 8,          0x80000001U, seconds(9)};
  return spec;
}

TEST(Messages, CarryALineWithAllItsLimits) {
  const LineSpec spec = full_spec();
  const auto read = from_wire(to_wire(spec));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, spec);
  LineSpec safe_on = testing::memory_line("x", "c", 0);
  safe_on.safe_active = true;
  EXPECT_EQ(from_wire(to_wire(safe_on)), safe_on);
}

template <class Change>
bool refuses(Change change) {
  WireSpec wire = to_wire(full_spec());
  change(wire);
  return !from_wire(wire);
}

TEST(Messages, RefuseEveryFieldOfALineOutOfItsBounds) {
  EXPECT_TRUE(refuses([](WireSpec& w) { w.name.fill('\0'); }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.name.fill('a'); })) << "no NUL";
  EXPECT_TRUE(refuses([](WireSpec& w) { w.name[31] = 'a'; })) << "text after the NUL";
  for (const char c : {' ', '/', ':', '@', '[', '`', '{', '\x80'})
    EXPECT_TRUE(refuses([c](WireSpec& w) { w.name[0] = c; })) << c;
  EXPECT_TRUE(refuses([](WireSpec& w) { w.driver.fill('\0'); }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.driver.fill('a'); }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.chip.fill('a'); }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.chip[0] = '\n'; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.chip[0] = '\x7f'; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.offset = 4096; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.active_low = 2; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.safe_active = 2; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.safe_active = 1; })) << "with limits";
  EXPECT_TRUE(refuses([](WireSpec& w) { w.bias = 4; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.reserved[4] = 1; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.pwm[1] = 21; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.pwm[2] = 21; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.t[0] = -1; }));
  EXPECT_TRUE(refuses([](WireSpec& w) { w.max_edges = 1; }));
  EXPECT_FALSE(refuses([](WireSpec&) {}));
}

TEST(Messages, RefuseAReportOutOfItsBounds) {
  LineReport report;
  ASSERT_TRUE(report.name.assign("lamp") && report.client.assign("anna"));
  report.handle = LineHandle{77};
  report.active = report.safe_active = report.owned = true;
  report.cause = Cause::override_;
  report.edges = 5;
  report.since = MonotonicTime{seconds(2)};
  report.until = MonotonicTime{seconds(3)};
  const LineReportMessage good = to_wire(report);
  const auto read = from_wire(good);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_wire(*read).since, good.since);
  EXPECT_EQ(read->until, report.until);
  EXPECT_EQ(read->client, report.client);
  EXPECT_TRUE(read->active && read->safe_active && read->owned);
  report.active = report.safe_active = report.owned = false;
  EXPECT_FALSE(from_wire(to_wire(report))->active);
  const auto refuses_report = [&good](auto change) {
    LineReportMessage wire = good;
    change(wire);
    return !from_wire(wire);
  };
  EXPECT_TRUE(refuses_report([](auto& w) { w.name.fill('a'); }));
  EXPECT_TRUE(refuses_report([](auto& w) { w.client.fill('a'); }));
  EXPECT_TRUE(refuses_report([](auto& w) { w.active = 2; }));
  EXPECT_TRUE(refuses_report([](auto& w) { w.safe_active = 2; }));
  EXPECT_TRUE(refuses_report([](auto& w) { w.owned = 2; }));
  EXPECT_TRUE(refuses_report([](auto& w) { w.cause = kCauseCount; }));
}

TEST(Messages, RefuseAGuardReportOutOfItsBounds) {
  const GuardReportMessage good{.estop_since = 5, .estop_latched = 1};
  ASSERT_TRUE(from_wire(good));
  EXPECT_TRUE(from_wire(good)->estop_latched);
  EXPECT_FALSE(from_wire(GuardReportMessage{.estop_latched = 2}));
  EXPECT_FALSE(from_wire(GuardReportMessage{.estop_pressed = 2}));
  EXPECT_FALSE(from_wire(GuardReportMessage{.has_estop_line = 2}));
}

TEST(Messages, RefuseAnotherMagicVersionSizeOrType) {
  const QueryMessage good;
  EXPECT_TRUE(read_message<QueryMessage>(as_message(good)));
  EXPECT_FALSE(read_message<QueryMessage>(as_message(good).first(15)));
  EXPECT_FALSE(read_message<QueryMessage>(as_message(good).first(7)));
  EXPECT_FALSE(message_type(as_message(good).first(7)));
  EXPECT_FALSE(read_message<ReleaseMessage>(as_message(good)));
  QueryMessage bad;
  bad.header.magic = 0;
  EXPECT_FALSE(read_message<QueryMessage>(as_message(bad)));
  bad = {};
  bad.header.version = 1;
  EXPECT_FALSE(read_message<QueryMessage>(as_message(bad))) << "a client of an earlier release";
  bad = {};
  bad.header.type = MessageType::lease;
  EXPECT_FALSE(read_message<QueryMessage>(as_message(bad)));
}

TEST(Causes, EachHasANameOfItsOwn) {
  std::vector<std::string_view> names;
  for (std::uint8_t i = 0; i < kCauseCount; ++i) {
    const std::string_view name = to_string(static_cast<Cause>(i));
    EXPECT_NE(name, "unknown");
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 0) << name;
    names.push_back(name);
  }
  EXPECT_EQ(to_string(static_cast<Cause>(kCauseCount)), "unknown");
  EXPECT_TRUE(is_client_cause(Cause::released) && is_client_cause(Cause::bad_config));
  EXPECT_TRUE(is_client_cause(Cause::service_stop));
  EXPECT_FALSE(is_client_cause(Cause::estop) || is_client_cause(Cause::min_on));
  EXPECT_TRUE(is_limit(Cause::estop) && is_limit(Cause::rate_limit) && is_limit(Cause::line_fault));
  EXPECT_FALSE(is_limit(Cause::decision) || is_limit(Cause::released) ||
               is_limit(Cause::override_));
}

}  // namespace
}  // namespace pinfer
