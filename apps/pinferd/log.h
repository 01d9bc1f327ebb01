// SPDX-License-Identifier: Apache-2.0
// Log: what the daemon says on stderr, and its event lines on stdout or in the journal.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "apps/pinferd/journald.h"
#include "apps/pipeline/config.h"
#include "apps/pipeline/events.h"

namespace pinfer {

class Log final {
 public:
  void configure(const LogConfig& config) noexcept { config_ = config; }

  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::error, fmt::format(format, std::forward<Args>(args)...), "error: ");
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...), "warning: ");
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::info, fmt::format(format, std::forward<Args>(args)...), "");
  }

  // A text that starts with its own place, as compilers write it.
  void plain(LogLevel level, std::string_view text) const { write(level, text, ""); }

  // Under systemd, events go to the journal with their fields.
  void find_journald() { journald_ = Journald::find(); }

  // One line on stdout, or one entry of the journal; decisions only at level debug.
  void event(const Event& event) const;

 private:
  // journald takes "<N>" at the start of a line as its priority.
  void write(LogLevel level, std::string_view text, std::string_view prefix) const;

  LogConfig config_;
  std::optional<Journald> journald_;
};

}  // namespace pinfer
