// SPDX-License-Identifier: Apache-2.0
// LeaseTable: (state, event, now) -> levels. No clock, no I/O, no heap: the part to audit first.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "apps/guard/cause.h"
#include "apps/guard/client.h"
#include "apps/guard/on_times.h"
#include "runtime/core/clock.h"

namespace pinfer {

inline constexpr std::size_t kMaxLines = 64;  // of all clients together
inline constexpr Duration kMinTtl = std::chrono::milliseconds(1);
inline constexpr MonotonicTime kNever{Duration::max()};

using ClientId = int;  // one live connection
inline constexpr ClientId kNoClient = -1;
using ClientName = FixedText<31>;

// One claimed line. `active` is the level the line must have; whoever owns the table drives it.
struct Line {
  LineHandle handle = LineHandle::none;  // none: the slot is free
  LineSpec spec;
  ClientName configured_by;
  ClientId client = kNoClient;  // who may lease it now
  // What its client wants: `level` until `expires`, or nothing since the lease `ended`.
  bool leased = false;
  bool level = false;
  MonotonicTime expires;
  Cause ended = Cause::start;
  // What a person wants; comes before the client.
  bool overridden = false;
  bool override_level = false;
  MonotonicTime override_until;
  // What the guard lets happen.
  bool active = false;
  Cause cause = Cause::start;
  MonotonicTime since;  // last change of level or cause
  std::uint64_t edges = 0;
  MonotonicTime review = kNever;  // when a limit may say something else by itself
  // What the limits remember. Survives remove(), for the next line on the same wire.
  OnTimes past;
  MonotonicTime rest_until;      // after max_on
  std::optional<Cause> tripped;  // at the safe level for that, until nobody wants another one
  bool stuck = false;            // the wire has not followed: it may have any level

  [[nodiscard]] bool claimed() const noexcept { return handle != LineHandle::none; }
  [[nodiscard]] bool away() const noexcept { return active != spec.safe_active; }
};

struct LeaseRequest {
  LineHandle handle = LineHandle::none;
  bool active = false;
  Duration ttl{};
  MonotonicTime sent_at;
};

struct EstopState {
  bool latched = false;  // every line is safe until somebody resets it
  bool pressed = false;  // the e-stop line says so now, or cannot be read
  MonotonicTime since;   // of `latched`
};

// - Every line is at its safe level unless its client holds a lease that has not run out, a person
//   has overridden it, or min_on keeps it after an ordinary end; and no limit says otherwise.
// - A lease runs from the moment it was sent: one that waited in a queue too long changes nothing.
// - Nothing ever delays the way to the safe level but min_on, and min_on no fault, no e-stop and no
//   other limit.
// - After an e-stop and its reset, and after max_on without cool_down, a line stays safe until its
//   client, or a person, has once stopped wanting it away: a reset starts nothing.
// - All changes of level go through settle().
class LeaseTable final {
 public:
  enum class Answer : std::uint8_t {
    ok,
    ignored,  // names a line that is gone: a client may be that late
    refused,  // out of bounds, or somebody else's line: never sent by a correct client
  };
  // What came before a line that is added: nothing, or a guard that has died and told nobody.
  enum class Before : std::uint8_t { nothing, unknown };

  // `serial` starts the handles; a random one makes those of an earlier guard worthless.
  explicit LeaseTable(std::uint64_t serial) noexcept : serial_(serial) {}

  // Claims a free slot at the safe level; none when the table is full. What the limits remember of
  // the same wire is kept; after an unknown guard they take it for just switched off by max_on.
  LineHandle add(const LineSpec& spec, const ClientName& configured_by, ClientId client,
                 MonotonicTime now, Before before = Before::nothing) noexcept;
  // A client takes a line of its own table back, after it or the guard was gone.
  void adopt(std::size_t slot, const ClientName& configured_by, ClientId client) noexcept {
    lines_[slot].configured_by = configured_by;
    lines_[slot].client = client;
  }
  // Whoever owns the table has driven the wire safe and let it go.
  void remove(std::size_t slot, MonotonicTime now) noexcept;

  Answer lease(ClientId client, const LeaseRequest& request, MonotonicTime now) noexcept;
  Answer release(ClientId client, LineHandle handle, Cause cause, MonotonicTime now) noexcept;
  void make_client_safe(ClientId client, Cause cause, MonotonicTime now) noexcept;
  // The connection has ended: all its lines go safe for the given cause and belong to nobody.
  void drop_client(ClientId client, Cause cause, MonotonicTime now) noexcept;
  // Time has passed: leases and overrides that have run out, limits.
  void expire(MonotonicTime now) noexcept;
  // The next three end what clients and persons want.
  void make_all_safe(Cause cause, MonotonicTime now) noexcept;
  void make_safe(std::size_t slot, Cause cause, MonotonicTime now) noexcept;
  // The wire did not follow: nobody knows its level until free_line().
  void fail_line(std::size_t slot, MonotonicTime now) noexcept;
  // The wire has followed to its safe level.
  void free_line(std::size_t slot, MonotonicTime now) noexcept;

  // A person wants a level until then; the limits and the e-stop come first.
  void set_override(std::size_t slot, bool active, MonotonicTime until, MonotonicTime now) noexcept;
  void end_override(std::size_t slot, MonotonicTime now) noexcept;

  void press_estop(MonotonicTime now) noexcept;
  void note_estop_line(bool pressed, MonotonicTime now) noexcept;
  // False, and nothing happens, while the e-stop line is pressed.
  [[nodiscard]] bool reset_estop(MonotonicTime now) noexcept;
  [[nodiscard]] const EstopState& estop() const noexcept { return estop_; }

  // When expire() has something to do.
  [[nodiscard]] std::optional<MonotonicTime> next_expiry() const noexcept;
  [[nodiscard]] std::span<const Line, kMaxLines> lines() const noexcept { return lines_; }

  static constexpr std::size_t slot_of(LineHandle handle) noexcept {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(handle) % kMaxLines);
  }

  // The slots whose level or cause has changed since the last call.
  std::bitset<kMaxLines> take_changed() noexcept;

 private:
  enum class Access : std::uint8_t { mine, gone, foreign };
  Access access(ClientId client, LineHandle handle) const noexcept;
  Line& free_slot(const LineSpec& spec) noexcept;
  static void end_wishes(Line& line, Cause cause) noexcept;
  // Decides every line anew: first those that are away, so that one can give way to another.
  void settle(MonotonicTime now) noexcept;
  void settle_line(std::size_t slot, MonotonicTime now) noexcept;
  std::optional<Cause> limit_on(Line& line, MonotonicTime now) noexcept;
  std::optional<Cause> limit_off(Line& line, MonotonicTime now) noexcept;
  bool is_interlocked(Line& line, MonotonicTime now) const noexcept;
  void change(std::size_t slot, bool active, Cause cause, MonotonicTime now) noexcept;

  std::array<Line, kMaxLines> lines_{};
  std::bitset<kMaxLines> changed_;
  std::uint64_t serial_;
  EstopState estop_;
};

}  // namespace pinfer
