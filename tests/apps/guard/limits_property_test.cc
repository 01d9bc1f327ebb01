// SPDX-License-Identifier: Apache-2.0
// K11: random clients, persons, faults and limits. Whatever they do, a judge who sees the levels
// only must find no law broken.
//
// PINFER_SEQUENCES=100000   how many random sequences (default 10000)
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "apps/guard/lease_table.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;

constexpr ClientId kAnna = 1;
constexpr int kSteps = 60;

struct Span {
  MonotonicTime from, to;
};

// What the judge has seen of one line, and what he knows of the wishes.
struct Witness {
  LineHandle handle = LineHandle::none;
  LineLimits limits;
  bool on = false;
  MonotonicTime changed;  // last level change, or when the line was added
  bool was_on = false;
  Duration last_on{};
  std::vector<Span> spans;  // all times on, the last one open while `on`
  std::vector<MonotonicTime> edges;
  // Until when somebody wants it on.
  MonotonicTime leased_until, overridden_until;
  bool lease_level = false, override_level = false;
  bool stuck = false;
};

class Sequence {
 public:
  explicit Sequence(unsigned seed) : random_(seed), late_(seed % 3 == 0 ? 3 : 0) {
    const int lines = 2 + pick(4);
    for (Duration& dead : dead_times_) dead = any_time(0, 80);
    for (int i = 0; i < lines; ++i) add_line(i);
  }

  // Empty, or which law was broken.
  std::string run() {
    for (int step = 0; step < kSteps && broken_.empty(); ++step) {
      act();
      check();
      pass_time(any_time(0, 200));
    }
    pass_time(milliseconds(2000));
    return broken_;
  }
  [[nodiscard]] int ons() const { return ons_; }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  Duration any_time(int low, int high) { return milliseconds(low + pick(high - low + 1)); }
  Duration maybe(int low, int high) {
    return pick(2) == 0 ? Duration::zero() : any_time(low, high);
  }

  void add_line(int number) {
    LineSpec spec;
    EXPECT_TRUE(spec.name.assign(fmt::format("line{}", number)) && spec.driver.assign("log"));
    LineLimits& limits = spec.limits;
    limits.min_on = maybe(1, 150);
    limits.min_off = maybe(1, 150);
    if (pick(2) == 0) {
      limits.max_on = limits.min_on + any_time(1, 200);
      limits.cool_down = maybe(1, 400);
    }
    if (pick(3) == 0) {
      limits.duty_on = limits.min_on + any_time(20, 200);
      limits.duty_window = limits.duty_on + any_time(50, 1000);
    }
    if (pick(3) == 0) {
      limits.max_edges = static_cast<std::uint32_t>(2 + pick(10));
      limits.edge_window = any_time(50, 1500);
    }
    for (std::size_t group = 0; group < dead_times_.size(); ++group) {
      if (pick(2) == 0) continue;
      limits.interlocks |= 1U << group;
      limits.dead_time = std::max(limits.dead_time, dead_times_[group]);
    }
    ASSERT_EQ(limits_fault(spec), "");
    Witness line;
    line.limits = limits;
    line.handle = table_->add(spec, {}, kAnna, now_);
    line.changed = now_;
    lines_.push_back(line);
  }

  void act() {
    Witness& line = lines_[static_cast<std::size_t>(pick(static_cast<int>(lines_.size())))];
    const std::size_t slot = LeaseTable::slot_of(line.handle);
    switch (pick(24)) {
      case 0:
        table_->press_estop(now_);
        break;
      case 1:
        table_->note_estop_line(pick(4) == 0, now_);
        break;
      case 2:
      case 3:
      case 4:
        static_cast<void>(table_->reset_estop(now_));
        break;
      case 5:
        line.override_level = pick(2) == 0;
        line.overridden_until = now_ + any_time(1, 400);
        table_->set_override(slot, line.override_level, line.overridden_until, now_);
        break;
      case 6:
        table_->end_override(slot, now_);
        line.overridden_until = now_;
        break;
      case 7:
        table_->fail_line(slot, now_);
        line.leased_until = line.overridden_until = now_;
        line.stuck = true;
        break;
      case 8:
        table_->make_client_safe(kAnna, Cause::bad_message, now_);
        for (Witness& each : lines_) each.leased_until = now_;
        break;
      case 9:
      case 10:
      case 11:
      case 12:
        static_cast<void>(table_->release(
            kAnna, line.handle, pick(4) == 0 ? Cause::stale_frame : Cause::released, now_));
        line.leased_until = now_;
        break;
      default:
        lease(line);
    }
    check();
    for (Witness& each : lines_) {
      if (!each.stuck || pick(3) != 0) continue;
      table_->free_line(LeaseTable::slot_of(each.handle), now_);
      each.stuck = false;
      each.changed = now_;  // nobody knows how long it was on
      each.was_on = false;
    }
  }

  void lease(Witness& line) {
    const Duration ttl = any_time(1, 500);
    const MonotonicTime sent = now_ - any_time(0, 50);
    const bool level = pick(4) != 0;
    if (sent + ttl <= now_) return;
    ASSERT_EQ(table_->lease(kAnna, {line.handle, level, ttl, sent}, now_), LeaseTable::Answer::ok);
    line.leased_until = sent + ttl;
    line.lease_level = level;
  }

  // Deadlines come at their time, or a little late as on a busy machine.
  void pass_time(Duration time) {
    const MonotonicTime end = now_ + time;
    for (int turns = 0; broken_.empty(); ++turns) {
      if (turns > 5000) return fail("the deadlines do not end");
      const auto next = table_->next_expiry();
      if (!next || *next > end) break;
      now_ = std::max(now_, *next + milliseconds(late_ == 0 ? 0 : pick(late_)));
      table_->expire(now_);
      check();
    }
    now_ = std::max(now_, end);
    table_->expire(now_);
    check();
  }

  void check() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      Witness& line = lines_[i];
      const Line& state = table_->lines()[LeaseTable::slot_of(line.handle)];
      if (state.active != line.on) note_edge(line, state);
      if (!line.on) continue;
      if (table_->estop().latched) fail("on during an e-stop");
      if (line.stuck) fail("on though nobody knows its level");
      if (!is_wanted(line) && !(now_ < line.changed + line.limits.min_on))
        fail("on though nobody wants it");
      if (line.limits.max_on > Duration::zero() &&
          now_ - line.changed >= line.limits.max_on + milliseconds(late_ + 1))
        fail("on longer than max_on");
      for (std::size_t j = 0; j < i; ++j) {
        if ((lines_[j].limits.interlocks & line.limits.interlocks) == 0) continue;
        if (lines_[j].on || lines_[j].stuck) fail("on beside an interlocked line");
      }
    }
  }

  [[nodiscard]] bool is_wanted(const Witness& line) const {
    if (line.overridden_until > now_) return line.override_level;
    return line.leased_until > now_ && line.lease_level;
  }

  void note_edge(Witness& line, const Line& state) {
    const Duration length = now_ - line.changed;
    if (state.active) {
      ++ons_;
      line.spans.push_back({now_, now_});
      if (length < line.limits.min_off) fail("off for less than min_off");
      const bool was_long = line.was_on && line.limits.max_on > Duration::zero() &&
                            line.last_on >= line.limits.max_on;
      if (was_long && length < line.limits.cool_down) fail("on before it has cooled down");
      check_dead_time(line);
    } else {
      line.spans.back().to = now_;
      line.was_on = true;
      line.last_on = length;
      const bool ordinary = state.cause == Cause::released || state.cause == Cause::decision ||
                            state.cause == Cause::override_;
      if (ordinary && length < line.limits.min_on) fail("on for less than min_on");
      check_duty(line);
    }
    line.on = state.active;
    line.changed = now_;
    line.edges.push_back(now_);
    check_rate(line);
  }

  void check_dead_time(const Witness& line) {
    for (const Witness& other : lines_) {
      for (std::size_t group = 0; group < dead_times_.size(); ++group) {
        const bool shared = ((other.limits.interlocks & line.limits.interlocks) >> group) & 1U;
        if (&other != &line && shared && !other.on && now_ - other.changed < dead_times_[group])
          fail("on within the dead time");
      }
    }
  }

  void check_duty(const Witness& line) {
    if (line.limits.duty_on == Duration::zero()) return;
    Duration used{};
    for (const Span& span : line.spans)
      used +=
          std::max(span.to - std::max(span.from, now_ - line.limits.duty_window), Duration::zero());
    if (used > line.limits.duty_on + milliseconds(late_)) fail("on more than its duty");
  }

  void check_rate(const Witness& line) {
    if (line.limits.max_edges == 0) return;
    std::uint32_t count = 0;
    for (const MonotonicTime edge : line.edges)
      count += edge > now_ - line.limits.edge_window ? 1 : 0;
    if (count > line.limits.max_edges) fail("more level changes than allowed");
  }

  void fail(const std::string& law) {
    if (broken_.empty()) broken_ = law;
  }

  std::mt19937 random_;
  int late_;  // ms that a deadline may come late
  std::unique_ptr<LeaseTable> table_ = std::make_unique<LeaseTable>(41);
  MonotonicTime now_{milliseconds(1000)};
  std::array<Duration, 2> dead_times_;
  std::vector<Witness> lines_;
  std::string broken_;
  int ons_ = 0;
};

TEST(LimitsProperty, NoLawIsBrokenByAnyRandomSequence) {
  const char* text = std::getenv("PINFER_SEQUENCES");
  const unsigned sequences =
      text == nullptr ? 10'000U : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
  std::uint64_t ons = 0;
  for (unsigned seed = 0; seed < sequences; ++seed) {
    Sequence sequence(seed);
    const std::string broken = sequence.run();
    ASSERT_EQ(broken, "") << "sequence " << seed;
    ons += static_cast<std::uint64_t>(sequence.ons());
  }
  fmt::print("{} sequences of {} steps, {} times on, no law broken\n", sequences, kSteps, ons);
  EXPECT_GT(ons, sequences) << "else the test shows nothing";
}

}  // namespace
}  // namespace pinfer
