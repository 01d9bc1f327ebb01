// SPDX-License-Identifier: Apache-2.0
// LeaseTable::settle(): from what is wanted to what happens. The only place where a level changes.
#include <algorithm>

#include "apps/guard/lease_table.h"

namespace pinfer {
namespace {

constexpr Duration kNone = Duration::zero();
// Less than this of a duty is nothing: a line is not switched for it.
constexpr Duration kShortest = std::chrono::milliseconds(1);

struct Wish {
  bool away;      // from the safe level
  bool ordinary;  // safe because somebody wants it so, not for want of a client
  Cause cause;
};

Wish wish_of(const Line& line) noexcept {
  const bool safe = line.spec.safe_active;
  if (line.overridden) return {line.override_level != safe, true, Cause::override_};
  if (line.leased) return {line.level != safe, true, Cause::decision};
  return {false, line.ended == Cause::released, line.ended};
}

}  // namespace

void LeaseTable::settle(MonotonicTime now) noexcept {
  std::bitset<kMaxLines> was_away;
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) was_away[slot] = lines_[slot].away();
  for (const bool away : {true, false})
    for (std::size_t slot = 0; slot < kMaxLines; ++slot)
      if (lines_[slot].claimed() && was_away[slot] == away) settle_line(slot, now);
}

void LeaseTable::settle_line(std::size_t slot, MonotonicTime now) noexcept {
  Line& line = lines_[slot];
  const bool safe = line.spec.safe_active;
  const Wish wish = wish_of(line);
  line.review = kNever;
  if (estop_.latched) {
    if (wish.away) line.tripped = Cause::estop;
    return change(slot, safe, Cause::estop, now);
  }
  const MonotonicTime held_until = line.past.since() + line.spec.limits.min_on;
  const bool held = line.away() && !wish.away && wish.ordinary && now < held_until;
  if (!wish.away && !held) {
    line.tripped.reset();
    return change(slot, safe, line.stuck ? Cause::line_fault : wish.cause, now);
  }
  if (held) line.review = held_until;
  const bool was_away = line.away();
  const auto limit = was_away ? limit_on(line, now) : limit_off(line, now);
  if (limit)
    change(slot, safe, *limit, now);
  else
    change(slot, !safe, held ? Cause::min_on : wish.cause, now);
  if (line.away() == was_away) return;
  // An edge: now the limits of the other level say when to look again.
  line.review = kNever;
  if (line.away())
    static_cast<void>(limit_on(line, now));
  else if (wish.away)
    static_cast<void>(limit_off(line, now));
}

// Why a line that is on cannot stay on.
std::optional<Cause> LeaseTable::limit_on(Line& line, MonotonicTime now) noexcept {
  const LineLimits& limits = line.spec.limits;
  if (is_interlocked(line, now)) return Cause::interlock;
  if (limits.max_on != kNone) {
    const MonotonicTime end = line.past.since() + limits.max_on;
    if (end <= now) {
      if (limits.cool_down == kNone) line.tripped = Cause::max_on;
      return Cause::max_on;
    }
    line.review = std::min(line.review, end);
  }
  if (limits.duty_on != kNone) {
    const MonotonicTime end = line.past.spent_at(limits.duty_window, limits.duty_on, now);
    if (end < now + kShortest) return Cause::duty_limit;
    line.review = std::min(line.review, end);
  }
  return std::nullopt;
}

// Why a line that is off cannot go on yet.
std::optional<Cause> LeaseTable::limit_off(Line& line, MonotonicTime now) noexcept {
  const LineLimits& limits = line.spec.limits;
  if (line.stuck) return Cause::line_fault;
  if (line.tripped) return line.tripped;
  if (is_interlocked(line, now)) return Cause::interlock;
  const auto wait = [&line, now](MonotonicTime until) {
    if (until <= now) return false;
    line.review = until;
    return true;
  };
  if (wait(line.rest_until)) return Cause::max_on;
  if (wait(line.past.since() + limits.min_off)) return Cause::min_off;
  if (limits.duty_on != kNone) {
    const Duration budget = limits.duty_on - std::max(limits.min_on, kShortest);
    if (wait(line.past.rested_at(limits.duty_window, std::max(budget, kNone), now)))
      return Cause::duty_limit;
  }
  // Together with this change and the one back, which must never have to wait.
  if (limits.max_edges != 0 &&
      wait(line.past.calm_at(limits.edge_window, limits.max_edges - 2, now)))
    return Cause::rate_limit;
  return std::nullopt;
}

// True while a line of a shared group is on, may be on, or has been within the dead time.
bool LeaseTable::is_interlocked(Line& line, MonotonicTime now) const noexcept {
  const LineLimits& limits = line.spec.limits;
  if (limits.interlocks == 0) return false;
  for (const Line& other : lines_) {
    const LineLimits& theirs = other.spec.limits;
    if (&other == &line || !other.claimed() || (theirs.interlocks & limits.interlocks) == 0 ||
        other.configured_by != line.configured_by)
      continue;
    if (other.away() || other.stuck) return true;
    if (line.away()) continue;
    // Both have at least the dead time of the group they share.
    const MonotonicTime free = other.past.since() + std::min(limits.dead_time, theirs.dead_time);
    if (now < free) {
      line.review = free;
      return true;
    }
  }
  return false;
}

void LeaseTable::change(std::size_t slot, bool active, Cause cause, MonotonicTime now) noexcept {
  Line& line = lines_[slot];
  if (line.active == active && line.cause == cause) return;
  if (line.active != active) {
    ++line.edges;
    if (active != line.spec.safe_active) {
      line.past.start(now);
    } else {
      const LineLimits& limits = line.spec.limits;
      // Also when something else has switched it off at that moment.
      if (limits.max_on != kNone && now - line.past.since() >= limits.max_on)
        line.rest_until = now + limits.cool_down;
      line.past.end(now);
    }
  }
  line.active = active;
  line.cause = cause;
  line.since = now;
  changed_.set(slot);
}

}  // namespace pinfer
