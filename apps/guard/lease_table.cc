// SPDX-License-Identifier: Apache-2.0
// What clients and persons want; what the limits make of it is in settle.cc.
#include "apps/guard/lease_table.h"

#include <algorithm>

namespace pinfer {

// The slot that remembers the wire, else one that remembers nothing, else any free one.
Line& LeaseTable::free_slot(const LineSpec& spec) noexcept {
  Line* found = nullptr;
  for (Line& line : lines_) {
    if (line.claimed()) continue;
    if (line.spec.same_line(spec)) return line;
    if (found == nullptr || (line.spec.name.empty() && !found->spec.name.empty())) found = &line;
  }
  *found = Line{};
  return *found;
}

LineHandle LeaseTable::add(const LineSpec& spec, const ClientName& configured_by, ClientId client,
                           MonotonicTime now, Before before) noexcept {
  if (std::all_of(lines_.begin(), lines_.end(), [](const Line& line) { return line.claimed(); }))
    return LineHandle::none;
  Line& line = free_slot(spec);
  const auto slot = static_cast<std::uint64_t>(&line - lines_.data());
  // The slot sits in the low digits, so that a handle finds its line without a search.
  do {
    ++serial_;
  } while (serial_ * kMaxLines == 0);
  line.handle = LineHandle{serial_ * kMaxLines + slot};
  if (line.spec.name.empty()) line.past = OnTimes(now);
  if (before == Before::unknown) line.rest_until = now + spec.limits.cool_down;
  line.spec = spec;
  line.configured_by = configured_by;
  line.client = client;
  line.ended = Cause::start;
  line.active = spec.safe_active;
  line.cause = estop_.latched ? Cause::estop : Cause::start;
  line.since = now;
  line.edges = 0;
  return line.handle;
}

void LeaseTable::remove(std::size_t slot, MonotonicTime now) noexcept {
  Line& line = lines_[slot];
  if (line.past.on()) line.past.end(now);
  if (line.stuck) line.past.stretch(now);
  Line kept;
  kept.spec = line.spec;
  kept.past = line.past;
  kept.rest_until = line.rest_until;
  line = kept;
  settle(now);
}

LeaseTable::Access LeaseTable::access(ClientId client, LineHandle handle) const noexcept {
  const Line& line = lines_[slot_of(handle)];
  if (handle == LineHandle::none || line.handle != handle) return Access::gone;
  return line.client == client ? Access::mine : Access::foreign;
}

LeaseTable::Answer LeaseTable::lease(ClientId client, const LeaseRequest& request,
                                     MonotonicTime now) noexcept {
  if (request.ttl < kMinTtl || request.ttl > kMaxTtl) return Answer::refused;
  const Access may = access(client, request.handle);
  if (may != Access::mine) return may == Access::gone ? Answer::ignored : Answer::refused;
  // A time of sending in the future must not stretch the lease.
  const MonotonicTime expires = std::min(request.sent_at, now) + request.ttl;
  if (expires <= now) return Answer::ignored;
  Line& line = lines_[slot_of(request.handle)];
  line.leased = true;
  line.level = request.active;
  line.expires = expires;
  settle(now);
  return Answer::ok;
}

LeaseTable::Answer LeaseTable::release(ClientId client, LineHandle handle, Cause cause,
                                       MonotonicTime now) noexcept {
  if (!is_client_cause(cause)) return Answer::refused;
  const Access may = access(client, handle);
  if (may != Access::mine) return may == Access::gone ? Answer::ignored : Answer::refused;
  Line& line = lines_[slot_of(handle)];
  line.leased = false;
  line.ended = cause;
  settle(now);
  return Answer::ok;
}

void LeaseTable::make_client_safe(ClientId client, Cause cause, MonotonicTime now) noexcept {
  for (Line& line : lines_) {
    if (!line.claimed() || line.client != client) continue;
    line.leased = false;
    line.ended = cause;
  }
  settle(now);
}

void LeaseTable::drop_client(ClientId client, Cause cause, MonotonicTime now) noexcept {
  make_client_safe(client, cause, now);
  for (Line& line : lines_)
    if (line.client == client) line.client = kNoClient;
}

void LeaseTable::expire(MonotonicTime now) noexcept {
  for (Line& line : lines_) {
    if (line.leased && line.expires <= now) {
      line.leased = false;
      line.ended = Cause::lease_expired;
    }
    if (line.overridden && line.override_until <= now) {
      line.overridden = false;
      if (!line.leased) line.ended = Cause::released;
    }
  }
  settle(now);
}

void LeaseTable::end_wishes(Line& line, Cause cause) noexcept {
  line.leased = false;
  line.overridden = false;
  line.ended = cause;
}

void LeaseTable::make_all_safe(Cause cause, MonotonicTime now) noexcept {
  for (Line& line : lines_)
    if (line.claimed()) end_wishes(line, cause);
  settle(now);
}

void LeaseTable::make_safe(std::size_t slot, Cause cause, MonotonicTime now) noexcept {
  end_wishes(lines_[slot], cause);
  settle(now);
}

void LeaseTable::fail_line(std::size_t slot, MonotonicTime now) noexcept {
  lines_[slot].stuck = true;
  make_safe(slot, Cause::line_fault, now);
}

void LeaseTable::free_line(std::size_t slot, MonotonicTime now) noexcept {
  lines_[slot].stuck = false;
  lines_[slot].past.stretch(now);
  settle(now);
}

void LeaseTable::set_override(std::size_t slot, bool active, MonotonicTime until,
                              MonotonicTime now) noexcept {
  lines_[slot].overridden = true;
  lines_[slot].override_level = active;
  lines_[slot].override_until = until;
  settle(now);
}

void LeaseTable::end_override(std::size_t slot, MonotonicTime now) noexcept {
  if (lines_[slot].overridden) lines_[slot].override_until = now;
  expire(now);
}

void LeaseTable::press_estop(MonotonicTime now) noexcept {
  if (!estop_.latched) estop_.since = now;
  estop_.latched = true;
  settle(now);
}

void LeaseTable::note_estop_line(bool pressed, MonotonicTime now) noexcept {
  estop_.pressed = pressed;
  if (pressed && !estop_.latched) press_estop(now);
}

bool LeaseTable::reset_estop(MonotonicTime now) noexcept {
  if (estop_.pressed) return false;
  if (estop_.latched) estop_.since = now;
  estop_.latched = false;
  settle(now);
  return true;
}

std::optional<MonotonicTime> LeaseTable::next_expiry() const noexcept {
  MonotonicTime next = kNever;
  for (const Line& line : lines_) {
    if (line.leased) next = std::min(next, line.expires);
    if (line.overridden) next = std::min(next, line.override_until);
    next = std::min(next, line.review);
  }
  return next == kNever ? std::nullopt : std::optional(next);
}

std::bitset<kMaxLines> LeaseTable::take_changed() noexcept {
  const std::bitset<kMaxLines> changed = changed_;
  changed_.reset();
  return changed;
}

}  // namespace pinfer
