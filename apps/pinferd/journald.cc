// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/journald.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace pinfer {
namespace {

// A line end would start another field.
void add(std::string& entry, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  entry.append(name).push_back('=');
  for (const char c : value) entry.push_back(c == '\n' ? ' ' : c);
  entry.push_back('\n');
}

void add_level(std::string& entry, const Event& event) {
  switch (event.kind) {
    case EventKind::edge:
    case EventKind::held:
      add(entry, "PINFER_CAUSE", to_string(event.cause));
      [[fallthrough]];
    case EventKind::decision:
      add(entry, "PINFER_OUTPUT", event.output.view());
      add(entry, "PINFER_LEVEL", event.active ? "on" : "off");
      break;
    case EventKind::withheld:
      add(entry, "PINFER_CAUSE", to_string(event.cause));
      break;
    case EventKind::prediction:
    case EventKind::resumed:
    case EventKind::view:
      break;
  }
}

}  // namespace

std::string journald_entry(const Event& event, std::string_view line) {
  std::string entry;
  add(entry, "MESSAGE", line);
  add(entry, "PRIORITY", event.kind == EventKind::withheld ? "4" : "6");
  add(entry, "SYSLOG_IDENTIFIER", "pinferd");
  add(entry, "PINFER_EVENT", to_string(event.kind));
  add_level(entry, event);
  add(entry, "PINFER_RULE", event.rule.view());
  add(entry, "PINFER_REASON", event.reason.view());
  if (event.has_frame) {
    add(entry, "PINFER_FRAME", std::to_string(event.sequence));
    add(entry, "PINFER_AGE_MS", fmt::format("{:.1f}", to_ms(event.age())));
  }
  add(entry, "PINFER_MODEL", event.model.view());
  if (!event.scores.empty()) {
    const EventScore& best = event.scores[0];
    add(entry, "PINFER_LABEL",
        best.label.empty() ? std::to_string(best.class_id) : std::string(best.label.view()));
    add(entry, "PINFER_SCORE", fmt::format("{:.3f}", best.score));
  }
  return entry;
}

std::optional<Journald> Journald::find(const std::string& socket) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat out {};
  if (stream == nullptr || ::fstat(STDOUT_FILENO, &out) != 0) return std::nullopt;
  if (fmt::format("{}:{}", out.st_dev, out.st_ino) != stream) return std::nullopt;
  return connect(socket);
}

std::optional<Journald> Journald::connect(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(address.sun_path)) return std::nullopt;
  std::memcpy(address.sun_path, socket.data(), socket.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid() ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return std::nullopt;
  return Journald(std::move(fd));
}

bool Journald::send(const Event& event, std::string_view line) const {
  const std::string entry = journald_entry(event, line);
  return ::send(socket_.get(), entry.data(), entry.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(entry.size());
}

}  // namespace pinfer
