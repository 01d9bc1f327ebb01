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
#include "drivers/output/output_spec.h"
#include "runtime/core/clock.h"

namespace pinfer {

inline constexpr std::size_t kMaxLines = 64;  // of all clients together
inline constexpr Duration kMinTtl = std::chrono::milliseconds(1);

using ClientId = int;  // one live connection
inline constexpr ClientId kNoClient = -1;
using ClientName = FixedText<31>;

// One claimed line. `active` is the level the line must have; whoever owns the table drives it.
struct Line {
  LineHandle handle = LineHandle::none;  // none: the slot is free
  OutputSpec spec;
  ClientName configured_by;
  ClientId client = kNoClient;  // who may lease it now
  bool leased = false;
  MonotonicTime expires;  // of the lease
  bool active = false;
  Cause cause = Cause::start;
  MonotonicTime since;  // last change of level or cause
  std::uint64_t edges = 0;

  [[nodiscard]] bool claimed() const noexcept { return handle != LineHandle::none; }
};

struct LeaseRequest {
  LineHandle handle = LineHandle::none;
  bool active = false;
  Duration ttl{};
  MonotonicTime sent_at;
};

// - Every line is at its safe level unless its client holds a lease that has not run out.
// - A lease runs from the moment it was sent: one that waited in a queue too long changes nothing.
// - All changes of level go through settle(): interlocks, min_on, min_off, max_on and e-stop are
//   to be added there.
class LeaseTable final {
 public:
  enum class Answer : std::uint8_t {
    ok,
    ignored,  // names a line that is gone: a client may be that late
    refused,  // out of bounds, or somebody else's line: never sent by a correct client
  };

  // `serial` starts the handles; a random one makes those of an earlier guard worthless.
  explicit LeaseTable(std::uint64_t serial) noexcept : serial_(serial) {}

  // Claims a free slot at the safe level; none when the table is full.
  LineHandle add(const OutputSpec& spec, const ClientName& configured_by, ClientId client,
                 MonotonicTime now) noexcept;
  // A client takes a line of its own table back, after it or the guard was gone.
  void adopt(std::size_t slot, const ClientName& configured_by, ClientId client) noexcept {
    lines_[slot].configured_by = configured_by;
    lines_[slot].client = client;
  }
  void remove(std::size_t slot) noexcept { lines_[slot] = Line{}; }

  Answer lease(ClientId client, const LeaseRequest& request, MonotonicTime now) noexcept;
  Answer release(ClientId client, LineHandle handle, Cause cause, MonotonicTime now) noexcept;
  void make_client_safe(ClientId client, Cause cause, MonotonicTime now) noexcept;
  // The connection has ended: all its lines go safe for the given cause and belong to nobody.
  void drop_client(ClientId client, Cause cause, MonotonicTime now) noexcept;
  void expire(MonotonicTime now) noexcept;
  void make_all_safe(Cause cause, MonotonicTime now) noexcept;
  // One line goes safe, whatever its client wants: the wire did not follow.
  void make_safe(std::size_t slot, Cause cause, MonotonicTime now) noexcept;

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
  void settle(std::size_t slot, bool active, Cause cause, MonotonicTime now) noexcept;

  std::array<Line, kMaxLines> lines_{};
  std::bitset<kMaxLines> changed_;
  std::uint64_t serial_;
};

}  // namespace pinfer
