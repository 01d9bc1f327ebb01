// SPDX-License-Identifier: Apache-2.0
// GuardLink: the connection to the guard, kept alive: its own guard is started, a lost one is
// looked for again.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/guard/client.h"
#include "drivers/output/output_spec.h"
#include "runtime/core/result.h"

namespace pinfer {

struct GuardLinkOptions {
  std::string socket;  // the system's guard; unused for a private one
  bool private_guard = false;
  std::string guard_binary;  // empty: find_guard_binary()
};

// pinfer-guard beside this program, in the build tree next to it, or just its name (for PATH).
std::string find_guard_binary();

class GuardLink final {
 public:
  explicit GuardLink(GuardLinkOptions options) : options_(std::move(options)) {}
  GuardLink(const GuardLink&) = delete;
  GuardLink& operator=(const GuardLink&) = delete;
  ~GuardLink();  // a private guard ends with its last client; waits for it

  // Starts the private guard if there is none, and connects. The old client stays until
  // drop_lost_clients(): a pipeline may still use it.
  Result<void> connect();
  Result<LineHandles> configure(std::span<const LineSpec> specs,
                                const std::optional<OutputSpec>& estop);
  // The connection has ended: the guard's lines are safe by themselves.
  void note_lost() noexcept;
  void drop_lost_clients() noexcept { lost_clients_.clear(); }

  [[nodiscard]] bool connected() const noexcept { return client_ != nullptr; }
  // Null while the guard is lost.
  [[nodiscard]] GuardClient* client() const noexcept { return client_.get(); }

 private:
  Result<void> start_private_guard();
  void reap_private_guard(Duration patience) noexcept;

  GuardLinkOptions options_;
  std::unique_ptr<GuardClient> client_;
  std::vector<std::unique_ptr<GuardClient>> lost_clients_;
  PrivateGuard guard_;
  std::string folder_;  // of the private guard's socket
};

}  // namespace pinfer
