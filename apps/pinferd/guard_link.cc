// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/guard_link.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace pinfer {

std::string find_guard_binary() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& path : {self / "pinfer-guard", self / ".." / "guard" / "pinfer-guard"})
    if (::access(path.c_str(), X_OK) == 0) return path.lexically_normal().string();
  return "pinfer-guard";
}

GuardLink::~GuardLink() {
  client_.reset();
  lost_clients_.clear();
  reap_private_guard(std::chrono::seconds(2));
  if (folder_.empty()) return;
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

Result<void> GuardLink::connect() {
  if (options_.private_guard) PINFER_CHECK(start_private_guard());
  PINFER_TRY(GuardClient client, GuardClient::connect(options_.socket));
  client_ = std::make_unique<GuardClient>(std::move(client));
  return {};
}

Result<void> GuardLink::start_private_guard() {
  if (guard_.pid > 0) {
    // Its only client is gone, so it is on its way out, if it lives at all.
    reap_private_guard(std::chrono::seconds(2));
  }
  if (folder_.empty()) {
    std::string path = std::filesystem::temp_directory_path().string() + "/pinfer-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr)
      return fail(ErrorCode::io, "{}: cannot make a folder: {}", path, std::strerror(errno));
    folder_ = path;
  }
  options_.socket = folder_ + "/guard.sock";
  const std::string binary =
      options_.guard_binary.empty() ? find_guard_binary() : options_.guard_binary;
  PINFER_TRY(guard_, spawn_guard(binary, options_.socket));
  return {};
}

void GuardLink::reap_private_guard(Duration patience) noexcept {
  if (guard_.pid <= 0) return;
  pollfd ended{.fd = guard_.pidfd.get(), .events = POLLIN, .revents = 0};
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  if (::poll(&ended, 1, static_cast<int>(wait)) != 1) {
    ::kill(guard_.pid, SIGTERM);  // it drives its lines safe first
    static_cast<void>(::poll(&ended, 1, static_cast<int>(wait)));
  }
  int status = 0;
  if (::waitpid(guard_.pid, &status, WNOHANG) == 0) ::kill(guard_.pid, SIGKILL);
  guard_ = PrivateGuard{};
}

Result<LineHandles> GuardLink::configure(std::span<const LineSpec> specs,
                                         const std::optional<OutputSpec>& estop) {
  if (client_ == nullptr) return fail(ErrorCode::unavailable, "the guard is gone");
  return client_->configure(specs, estop);
}

void GuardLink::note_lost() noexcept {
  if (client_ != nullptr) lost_clients_.push_back(std::move(client_));
}

}  // namespace pinfer
