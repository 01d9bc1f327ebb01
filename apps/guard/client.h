// SPDX-License-Identifier: Apache-2.0
// GuardClient: how pinferd asks the guard for levels. The only header of this room for others.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/guard/cause.h"
#include "apps/guard/limits.h"
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
inline constexpr Duration kMaxOverride = std::chrono::hours(1);
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
  // When the cause may end by itself: a limit, or an override. Zero: nothing to wait for.
  MonotonicTime until;
  FixedText<31> client;  // whose table has the line
  bool owned = false;    // that client is connected
};

// The guard's emergency stop.
struct GuardReport {
  bool estop_latched = false;   // every line is safe until a reset
  bool estop_pressed = false;   // the e-stop line says so now, or cannot be read
  bool has_estop_line = false;  // some client has configured one
  MonotonicTime estop_since;    // of `estop_latched`
};

struct GuardStatus {
  GuardReport guard;
  std::vector<LineReport> lines;
};

struct LineReportMessage;  // on the wire: messages.h
struct CommandMessage;
struct ReplyMessage;

// renew() and release() may be called by one thread (the frame thread) while another (the control
// thread) calls the rest: they share only the socket. Nothing noexcept here allocates or blocks.
class GuardClient final {
 public:
  // Errors: unavailable (no guard listens there), refused (it runs for another user).
  static Result<GuardClient> connect(const std::string& socket_path,
                                     std::string_view client_name = "pinferd");

  // Hands over this client's whole table, at most kMaxClientLines, and waits for the answer (at
  // most 5 s). Lines whose spec is unchanged are not touched and keep their leases; new and changed
  // ones are at their safe level; lines left out are driven safe and let go. On an error the old
  // table stays. Returns one handle a spec, in order. `estop` is an input: active means stop.
  Result<LineHandles> configure(std::span<const LineSpec> outputs,
                                const std::optional<OutputSpec>& estop = std::nullopt);

  // For people; each waits for the answer like configure(). estop: every line of the guard goes
  // safe and stays so. reset: refused while the e-stop line is pressed; starts nothing by itself.
  Result<void> estop();
  Result<void> reset();
  // Commands a level for a time, 1 ms to kMaxOverride, through the same limits. Errors: not_found.
  Result<void> override_output(std::string_view output, bool level, Duration time);
  Result<void> end_override(std::string_view output);
  Result<GuardStatus> status();

  // "`level` until `ttl` from now", 1 ms to kMaxTtl. ok: sent (an edge comes back as a report).
  // timeout: the guard does not read. backend_fault: the guard is gone, its lines are safe.
  // bad_value: ttl out of range.
  Status renew(LineHandle line, bool level, Duration ttl) noexcept;

  // Back to the safe level, at once but for min_on after Cause::released; `cause` is one of those
  // with is_client_cause().
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
  Result<ReplyMessage> ask(std::span<const std::byte> message, std::uint32_t request);
  Result<void> command(CommandMessage& message);

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
