// SPDX-License-Identifier: Apache-2.0
// GuardClient: how pinferd asks the guard for levels. The only header of this room for others.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "apps/guard/cause.h"
#include "drivers/output/output_spec.h"
#include "runtime/core/clock.h"
#include "runtime/core/fixed_vector.h"
#include "runtime/core/result.h"
#include "runtime/core/status.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

inline constexpr std::string_view kGuardSocket = "/run/pinfer/guard.sock";
inline constexpr Duration kDefaultTtl = std::chrono::milliseconds(500);
inline constexpr Duration kMaxTtl = std::chrono::seconds(10);
inline constexpr std::size_t kMaxClientLines = 32;  // lines in one client's table

// One configured line. A handle stays good while the line's spec stays the same, over any number of
// reconfigurations; after that (or after a restart of the guard) it names nothing and is ignored,
// so a frame thread that still runs the old pipeline can never move a line of the new one.
enum class LineHandle : std::uint64_t { none = 0 };
using LineHandles = FixedVector<LineHandle, kMaxClientLines>;

// What the guard says about one line: on each edge, each change of cause, and when asked.
struct LineReport {
  LineHandle handle = LineHandle::none;
  OutputName name;
  bool active = false;       // logical level driven now
  bool safe_active = false;  // its safe level
  Cause cause = Cause::start;
  MonotonicTime since;      // when level or cause changed last
  std::uint64_t edges = 0;  // level changes since the guard claimed the line
};

// renew() and release() may be called by one thread (the frame thread) while another (the control
// thread) calls the rest: they share only the socket. Nothing noexcept here allocates or blocks.
struct LineReportMessage;  // the report on the wire: messages.h

class GuardClient final {
 public:
  // Errors: unavailable (no guard listens there), refused (it runs for another user).
  static Result<GuardClient> connect(const std::string& socket_path,
                                     std::string_view client_name = "pinferd");

  // Hands over this client's whole table, at most kMaxClientLines, and waits for the answer (at
  // most 5 s). Lines whose spec is unchanged are not touched and keep their leases; new and changed
  // ones are at their safe level; lines left out are driven safe and let go. On an error the old
  // table stays. Returns one handle a spec, in order.
  Result<LineHandles> configure(std::span<const OutputSpec> outputs);

  // "`level` until `ttl` from now", 1 ms to kMaxTtl. ok: sent (an edge comes back as a report).
  // timeout: the guard does not read. backend_fault: the guard is gone, its lines are safe.
  // bad_value: ttl out of range.
  Status renew(LineHandle line, bool level, Duration ttl) noexcept;

  // Back to the safe level at once; `cause` is one of those with is_client_cause().
  Status release(LineHandle line, Cause cause) noexcept;

  // The next report. ok: `report` is set. timeout: none is waiting. backend_fault: guard gone.
  Status poll(LineReport& report) noexcept;

  // Asks for a report of every line of the guard, also those of other clients; poll() gets them.
  Status query() noexcept;

  // Readable when poll() has something; for epoll.
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

 private:
  GuardClient() = default;
  Status send(std::span<const std::byte> message) noexcept;
  Status send_before(std::span<const std::byte> message, MonotonicTime deadline) noexcept;
  void keep_report(const LineReportMessage& wire) noexcept;

  UniqueFd socket_;
  FixedText<31> name_;
  std::uint32_t last_request_ = 0;
  FixedVector<LineReport, 2 * kMaxClientLines> waiting_;  // arrived while configure() waited
  std::size_t next_waiting_ = 0;
};

// A guard of one's own, for `pinfer run` and a pinferd without root. It lives in its own session
// and is not killed with its parent: it drives its lines safe and exits when its only client is
// gone.
struct PrivateGuard {
  pid_t pid = -1;
  UniqueFd pidfd;  // readable when the guard has ended; for epoll. Then waitpid(pid).
};

// Starts `binary --private --socket socket_path` and waits until it listens (at most 5 s).
Result<PrivateGuard> spawn_guard(const std::string& binary, const std::string& socket_path);

}  // namespace pinfer
