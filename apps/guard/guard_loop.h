// SPDX-License-Identifier: Apache-2.0
// GuardLoop: the guard's sockets, clock and signals; one thread, one epoll.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "apps/guard/guard.h"
#include "apps/guard/options.h"
#include "apps/guard/saved_table.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

class GuardLoop final {
 public:
  // Claims the saved lines and listens. Errors: refused (another guard listens there), io.
  static Result<std::unique_ptr<GuardLoop>> create(const GuardOptions& options);

  GuardLoop(const GuardLoop&) = delete;
  GuardLoop& operator=(const GuardLoop&) = delete;
  ~GuardLoop();

  // Until SIGTERM or SIGINT, or, when private, until the last client has gone. Lines are safe then.
  Result<void> run();

 private:
  static constexpr std::size_t kMaxClients = 8;

  explicit GuardLoop(const GuardOptions& options);
  static void on_reply(void* context, ClientId client, std::span<const std::byte> message) noexcept;
  void send(ClientId client, std::span<const std::byte> message) const noexcept;
  Result<void> claim_saved_lines();
  Result<void> open_descriptors();
  Result<void> listen();
  bool watch(int fd, std::uint64_t key) const noexcept;
  void accept_client();
  void read_client(ClientId client, MonotonicTime now);
  void close_client(ClientId client, MonotonicTime now) noexcept;
  void save_table();
  bool is_saved();
  void send_held_replies() noexcept;
  void arm_timer(MonotonicTime now) noexcept;
  void take_timer() noexcept;
  void announce_ready();
  [[nodiscard]] bool has_clients() const noexcept;
  [[nodiscard]] bool may_end(MonotonicTime now) const noexcept;

  GuardOptions options_;
  Guard guard_;
  std::unique_ptr<TableWriter> writer_;
  std::uint64_t saved_revision_ = 0;  // of the newest table given to the writer
  UniqueFd epoll_, listener_, timer_, signals_;
  std::array<UniqueFd, kMaxClients> clients_;
  // A client gets its handles when its table is on the disk: so no line can leave its safe level
  // before a guard that starts again knows of it.
  std::array<std::optional<ReplyMessage>, kMaxClients> held_replies_;
  bool had_client_ = false;
  MonotonicTime started_;
  MonotonicTime armed_;
  Duration watchdog_interval_{};
  MonotonicTime next_watchdog_;
};

}  // namespace pinfer
