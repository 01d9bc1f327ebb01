// SPDX-License-Identifier: Apache-2.0
// Journald: event lines with fields, so that `journalctl PINFER_OUTPUT=gate` finds them.
//
// journald's own protocol: one datagram, a line a field. Messages of the log go to stderr as ever.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apps/pipeline/events.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

class Journald final {
 public:
  static constexpr std::string_view kSocket = "/run/systemd/journal/socket";

  // Nothing where stdout does not go to the journal ($JOURNAL_STREAM names another file), or where
  // nobody listens.
  static std::optional<Journald> find(const std::string& socket = std::string(kSocket));
  // To that socket, wherever stdout goes.
  static std::optional<Journald> connect(const std::string& socket);

  // False when the entry was not taken: print the line instead. Does not wait.
  [[nodiscard]] bool send(const Event& event, std::string_view line) const;

 private:
  explicit Journald(UniqueFd socket) noexcept : socket_(std::move(socket)) {}
  UniqueFd socket_;
};

// MESSAGE=..., PRIORITY=..., SYSLOG_IDENTIFIER=pinferd and the PINFER_ fields of the event.
std::string journald_entry(const Event& event, std::string_view line);

}  // namespace pinfer
