// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/edges.h"

#include <gtest/gtest.h>

namespace pinfer {
namespace {

using std::chrono::milliseconds;

OutputConfig output(const char* name, std::uint32_t offset, bool safe_active = false) {
  OutputConfig config;
  config.name = name;
  static_cast<void>(config.spec.name.assign(name));
  config.spec.offset = offset;
  config.spec.safe_active = safe_active;
  return config;
}

Event decision(const char* name, bool active, std::uint64_t sequence) {
  Event event;
  event.kind = EventKind::decision;
  event.active = active;
  event.sequence = sequence;
  event.captured_at = event.at = {milliseconds(sequence * 40)};
  assign_cut(event.output, name);
  assign_cut(event.rule, "rule");
  assign_cut(event.reason, "because");
  return event;
}

LineReport report(const char* name, bool active, Cause cause, int at_ms) {
  LineReport line;
  static_cast<void>(line.name.assign(name));
  line.active = active;
  line.cause = cause;
  line.since = {milliseconds(at_ms)};
  return line;
}

TEST(Edges, CarryTheDecisionThatCausedThem) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1), output("lamp", 2)});
  EXPECT_FALSE(edges.on_decision(decision("lamp", true, 7), false));
  EXPECT_FALSE(edges.on_decision(decision("gate", true, 8), false));
  const auto edge = edges.on_report(report("lamp", true, Cause::decision, 290));
  ASSERT_TRUE(edge);
  EXPECT_EQ(edge->kind, EventKind::edge);
  EXPECT_EQ(edge->output.view(), "lamp");
  EXPECT_EQ(edge->sequence, 7u);
  EXPECT_EQ(edge->rule.view(), "rule");
  EXPECT_EQ(edge->age(), milliseconds(10));
  EXPECT_TRUE(edges.any_away());
  EXPECT_EQ(edges.states()[1].edges, 1u);
}

TEST(Edges, ALateReportFindsItsOwnDecision) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1)});
  for (std::uint64_t frame = 1; frame <= 5; ++frame)  // on at 40, 120, 200 ms; off in between
    edges.on_decision(decision("gate", frame % 2 == 1, frame), false);
  EXPECT_EQ(edges.on_report(report("gate", true, Cause::decision, 41))->sequence, 1u);
  EXPECT_EQ(edges.on_report(report("gate", false, Cause::released, 81))->sequence, 2u);
  EXPECT_EQ(edges.on_report(report("gate", true, Cause::decision, 122))->sequence, 3u);
}

TEST(Edges, AnEdgeFromBeforeAllKeptDecisionsNamesNoRule) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1)});
  for (std::uint64_t frame = 1; frame <= 101; ++frame)
    edges.on_decision(decision("gate", frame % 2 == 1, frame), false);
  const auto edge = edges.on_report(report("gate", true, Cause::decision, 41));
  ASSERT_TRUE(edge);
  EXPECT_TRUE(edge->rule.empty()) << "a later decision did not cause it";
}

TEST(Edges, AReportWithoutAChangeOfLevelIsNone) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1)});
  EXPECT_FALSE(edges.on_report(report("gate", false, Cause::released, 10)));
  EXPECT_FALSE(edges.on_report(report("other", true, Cause::decision, 10)));
  EXPECT_EQ(edges.states()[0].cause, Cause::released);
}

TEST(Edges, WhatTheGuardDidByItselfHasNoRule) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1)});
  edges.on_decision(decision("gate", true, 3), false);
  ASSERT_TRUE(edges.on_report(report("gate", true, Cause::decision, 130)));
  const auto edge = edges.on_report(report("gate", false, Cause::lease_expired, 700));
  ASSERT_TRUE(edge);
  EXPECT_TRUE(edge->rule.empty());
  EXPECT_EQ(edge->cause, Cause::lease_expired);
  EXPECT_EQ(edge->sequence, 3u) << "the newest frame known";
}

TEST(Edges, InADryRunTheDecisionIsTheEdge) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1)});
  const auto on = edges.on_decision(decision("gate", true, 3), true);
  ASSERT_TRUE(on);
  EXPECT_EQ(on->cause, Cause::decision);
  EXPECT_FALSE(edges.on_decision(decision("gate", true, 4), true));
  EXPECT_EQ(edges.on_decision(decision("gate", false, 5), true)->cause, Cause::released);
}

TEST(Edges, AReloadKeepsTheStateOfUnchangedLines) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1), output("lamp", 2)});
  edges.on_report(report("gate", true, Cause::decision, 1));
  edges.on_report(report("lamp", true, Cause::decision, 1));
  edges.set_outputs(std::vector{output("lamp", 3), output("gate", 1)});
  EXPECT_FALSE(edges.states()[0].active) << "another line starts at its safe level";
  EXPECT_TRUE(edges.states()[1].active);
}

TEST(Edges, ALostGuardMakesSafeWhatWasAway) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1), output("lamp", 2), output("heat", 3, true)});
  edges.on_report(report("gate", true, Cause::decision, 1));
  const auto found = edges.all_safe(Cause::client_gone, {milliseconds(5)});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].output.view(), "gate");
  EXPECT_FALSE(found[0].active);
  EXPECT_FALSE(edges.any_away());
}

TEST(Edges, SayWhenALimitOfTheGuardKeepsALine) {
  EdgeTracker edges;
  edges.set_outputs(std::vector{output("gate", 1)});
  EXPECT_FALSE(edges.on_decision(decision("gate", true, 8), false));
  const auto held = edges.on_report(report("gate", false, Cause::interlock, 330));
  ASSERT_TRUE(held);
  EXPECT_EQ(held->kind, EventKind::held);
  EXPECT_FALSE(held->active);
  EXPECT_EQ(held->output.view(), "gate");
  EXPECT_EQ(held->rule.view(), "") << "it is not the rule's doing";
  EXPECT_EQ(event_line(*held), "held gate off: interlock [frame 8, age 10.0 ms]");
  EXPECT_EQ(edges.states()[0].cause, Cause::interlock);
  EXPECT_EQ(edges.states()[0].edges, 0u);
  EXPECT_FALSE(edges.on_report(report("gate", false, Cause::interlock, 340))) << "no news";
  EXPECT_FALSE(edges.on_report(report("gate", false, Cause::released, 350))) << "no limit";
  const auto edge = edges.on_report(report("gate", true, Cause::decision, 360));
  ASSERT_TRUE(edge);
  EXPECT_EQ(edge->rule.view(), "rule");
  const auto off = edges.on_report(report("gate", false, Cause::max_on, 400));
  ASSERT_TRUE(off);
  EXPECT_EQ(off->kind, EventKind::edge);
  EXPECT_EQ(event_line(*off), "edge gate off: max_on [frame 8, age 80.0 ms]");
}

}  // namespace
}  // namespace pinfer
