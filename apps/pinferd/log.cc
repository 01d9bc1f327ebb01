// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/log.h"

#include <cstdio>
#include <cstdlib>

#include "apps/pipeline/json_text.h"

namespace pinfer {
namespace {

std::string_view name_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "info";
}

std::string_view journal_prefix(LogLevel level) noexcept {
  if (std::getenv("JOURNAL_STREAM") == nullptr) return "";
  switch (level) {
    case LogLevel::error:
      return "<3>";
    case LogLevel::warning:
      return "<4>";
    case LogLevel::info:
      return "<6>";
    case LogLevel::debug:
      return "<7>";
  }
  return "";
}

// One write for a line, so that two programs on one terminal do not mix theirs.
void put(std::FILE* file, const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), file);
  std::fflush(file);
}

}  // namespace

void Log::write(LogLevel level, std::string_view text, std::string_view prefix) const {
  if (level > config_.level) return;
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (config_.format == LogFormat::json)
    put(stderr,
        fmt::format("{{\"log\":\"{}\",\"message\":{}}}\n", name_of(level), json_text(text)));
  else
    put(stderr, fmt::format("{}{}{}\n", journal_prefix(level), prefix, text));
}

void Log::event(const Event& event) const {
  if (event.kind == EventKind::decision && config_.level < LogLevel::debug) return;
  const std::string line =
      config_.format == LogFormat::json ? event_json(event) : event_line(event);
  if (journald_ && journald_->send(event, line)) return;
  put(stdout, line + '\n');
}

}  // namespace pinfer
