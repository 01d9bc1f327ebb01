// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace pinfer {
namespace {

using std::chrono::milliseconds;

Event edge() {
  Event event;
  event.kind = EventKind::edge;
  event.cause = Cause::decision;
  event.active = true;
  event.sequence = 123;
  event.captured_at = {milliseconds(5000)};
  event.at = {milliseconds(5012)};
  assign_cut(event.output, "gate");
  assign_cut(event.rule, "open_the_gate");
  assign_cut(event.reason, "7 0.98 >= 0.70, 3 of 5 frames");
  EventScore score{7, 0.98f, {}};
  assign_cut(score.label, "se\"ven");
  static_cast<void>(event.scores.push_back(score));
  static_cast<void>(event.scores.push_back({1, 0.01f, {}}));
  return event;
}

TEST(Events, ReadAsOneLine) {
  EXPECT_EQ(event_line(edge()),
            "edge gate on, rule open_the_gate: 7 0.98 >= 0.70, 3 of 5 frames [frame 123, age 12.0 "
            "ms: se\"ven 0.98, class 1 0.01]");
  Event event = edge();
  event.rule = {};
  event.active = false;
  event.cause = Cause::lease_expired;
  event.scores.clear();
  EXPECT_EQ(event_line(event), "edge gate off: lease expired [frame 123, age 12.0 ms]");
  event.kind = EventKind::withheld;
  event.cause = Cause::camera_lost;
  EXPECT_EQ(event_line(event), "withheld: camera lost, outputs are safe [frame 123, age 12.0 ms]");
  event.has_frame = false;
  EXPECT_EQ(event_line(event), "withheld: camera lost, outputs are safe [no frame]");
  event.has_frame = true;
  event.kind = EventKind::prediction;
  EXPECT_EQ(event_line(event), "prediction none [frame 123, age 12.0 ms]");
}

TEST(Events, ReadAsJson) {
  EXPECT_EQ(event_json(edge()),
            R"({"event":"edge","output":"gate","active":true,"cause":"decision",)"
            R"("rule":"open_the_gate","reason":"7 0.98 >= 0.70, 3 of 5 frames",)"
            R"("sequence":123,"captured_at":5.000000,"age_ms":12.000,"scores":[)"
            R"({"class":7,"label":"se\"ven","score":0.98},{"class":1,"score":0.01}]})");
}

TEST(Events, LongTextsAreCutBetweenCharacters) {
  FixedText<5> text;
  assign_cut(text, "abcd\xc3\xa9");
  EXPECT_EQ(text.view(), "abcd");
  assign_cut(text, "abc\xc3\xa9");
  EXPECT_EQ(text.view(), "abc\xc3\xa9");
}

TEST(EventRing, CarriesEventsInOrderAndCountsWhatDoesNotFit) {
  EventRing ring;
  Event event = edge();
  for (std::uint64_t i = 0; i < EventRing::kCapacity + 3; ++i) {
    event.sequence = i;
    EXPECT_EQ(ring.push(event), i < EventRing::kCapacity);
  }
  EXPECT_EQ(ring.dropped(), 3u);
  for (std::uint64_t i = 0; i < EventRing::kCapacity; ++i) {
    ASSERT_TRUE(ring.pop(event));
    EXPECT_EQ(event.sequence, i);
  }
  EXPECT_FALSE(ring.pop(event));
}

TEST(EventRing, WorksBetweenTwoThreads) {
  EventRing ring;
  constexpr std::uint64_t kCount = 20000;
  std::thread writer([&] {
    Event event = edge();
    for (std::uint64_t i = 0; i < kCount;) {
      event.sequence = i;
      if (ring.push(event)) ++i;
    }
  });
  Event event;
  for (std::uint64_t i = 0; i < kCount;) {
    if (!ring.pop(event)) continue;
    ASSERT_EQ(event.sequence, i++);
  }
  writer.join();
}

}  // namespace
}  // namespace pinfer
