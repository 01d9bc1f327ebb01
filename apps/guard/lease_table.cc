// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/lease_table.h"

#include <algorithm>

namespace pinfer {

LineHandle LeaseTable::add(const OutputSpec& spec, const ClientName& configured_by, ClientId client,
                           MonotonicTime now) noexcept {
  const auto free = std::find_if_not(lines_.begin(), lines_.end(),
                                     [](const Line& line) { return line.claimed(); });
  if (free == lines_.end()) return LineHandle::none;
  const auto slot = static_cast<std::uint64_t>(free - lines_.begin());
  // The slot sits in the low digits, so that a handle finds its line without a search.
  do {
    ++serial_;
  } while (serial_ * kMaxLines == 0);
  *free = Line{};
  free->handle = LineHandle{serial_ * kMaxLines + slot};
  free->spec = spec;
  free->configured_by = configured_by;
  free->client = client;
  free->active = spec.safe_active;
  free->since = now;
  return free->handle;
}

LeaseTable::Access LeaseTable::access(ClientId client, LineHandle handle) const noexcept {
  const Line& line = lines_[slot_of(handle)];
  if (handle == LineHandle::none || line.handle != handle) return Access::gone;
  return line.client == client ? Access::mine : Access::foreign;
}

// The only place where a level changes.
void LeaseTable::settle(std::size_t slot, bool active, Cause cause, MonotonicTime now) noexcept {
  Line& line = lines_[slot];
  if (line.active == active && line.cause == cause) return;
  if (line.active != active) ++line.edges;
  line.active = active;
  line.cause = cause;
  line.since = now;
  changed_.set(slot);
}

LeaseTable::Answer LeaseTable::lease(ClientId client, const LeaseRequest& request,
                                     MonotonicTime now) noexcept {
  if (request.ttl < kMinTtl || request.ttl > kMaxTtl) return Answer::refused;
  switch (access(client, request.handle)) {
    case Access::gone:
      return Answer::ignored;
    case Access::foreign:
      return Answer::refused;
    case Access::mine:
      break;
  }
  // A time of sending in the future must not stretch the lease.
  const MonotonicTime expires = std::min(request.sent_at, now) + request.ttl;
  if (expires <= now) return Answer::ignored;
  const std::size_t slot = slot_of(request.handle);
  Line& line = lines_[slot];
  line.leased = true;
  line.expires = expires;
  settle(slot, request.active, Cause::decision, now);
  return Answer::ok;
}

LeaseTable::Answer LeaseTable::release(ClientId client, LineHandle handle, Cause cause,
                                       MonotonicTime now) noexcept {
  if (!is_client_cause(cause)) return Answer::refused;
  switch (access(client, handle)) {
    case Access::gone:
      return Answer::ignored;
    case Access::foreign:
      return Answer::refused;
    case Access::mine:
      break;
  }
  make_safe(slot_of(handle), cause, now);
  return Answer::ok;
}

void LeaseTable::make_safe(std::size_t slot, Cause cause, MonotonicTime now) noexcept {
  Line& line = lines_[slot];
  line.leased = false;
  settle(slot, line.spec.safe_active, cause, now);
}

void LeaseTable::make_client_safe(ClientId client, Cause cause, MonotonicTime now) noexcept {
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (lines_[slot].claimed() && lines_[slot].client == client) make_safe(slot, cause, now);
}

void LeaseTable::drop_client(ClientId client, Cause cause, MonotonicTime now) noexcept {
  make_client_safe(client, cause, now);
  for (Line& line : lines_)
    if (line.client == client) line.client = kNoClient;
}

void LeaseTable::expire(MonotonicTime now) noexcept {
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (lines_[slot].leased && lines_[slot].expires <= now)
      make_safe(slot, Cause::lease_expired, now);
}

void LeaseTable::make_all_safe(Cause cause, MonotonicTime now) noexcept {
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (lines_[slot].claimed()) make_safe(slot, cause, now);
}

std::optional<MonotonicTime> LeaseTable::next_expiry() const noexcept {
  std::optional<MonotonicTime> next;
  for (const Line& line : lines_)
    if (line.leased && (!next || line.expires < *next)) next = line.expires;
  return next;
}

std::bitset<kMaxLines> LeaseTable::take_changed() noexcept {
  const std::bitset<kMaxLines> changed = changed_;
  changed_.reset();
  return changed;
}

}  // namespace pinfer
