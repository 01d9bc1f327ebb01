// SPDX-License-Identifier: Apache-2.0
// spawn_guard(): a guard process of one's own.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <vector>

#include "apps/guard/client.h"

extern "C" char** environ;

namespace pinfer {
namespace {

constexpr int kStartTimeoutMs = 5000;
constexpr int kReadyFd = 3;  // in the child

// Our own environment but for what systemd tells its service: the private guard must not answer
// READY, WATCHDOG and STOPPING in its parent's name.
std::vector<char*> child_environment() {
  std::vector<char*> kept;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    constexpr std::array kOfService = {"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_"};
    if (std::none_of(kOfService.begin(), kOfService.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); }))
      kept.push_back(*variable);
  }
  kept.push_back(nullptr);
  return kept;
}

// Starts the program in a session of its own: a Ctrl-C at the terminal, or a kill of the parent's
// group, must not take the guard before it has made its lines safe.
Result<pid_t> start(const std::string& binary, const std::string& socket_path, int ready_fd) {
  std::string arguments[] = {binary,      "--private",  "--socket",
                             socket_path, "--ready-fd", std::to_string(kReadyFd)};
  std::array<char*, std::size(arguments) + 1> argv{};
  std::transform(std::begin(arguments), std::end(arguments), argv.begin(),
                 [](std::string& text) { return text.data(); });
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, ready_fd, kReadyFd);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK));
  pid_t pid = -1;
  std::vector<char*> environment = child_environment();
  const int error =
      ::posix_spawnp(&pid, binary.c_str(), &files, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0)
    return fail(ErrorCode::unavailable, "{}: cannot start the guard: {}", binary,
                std::strerror(error));
  return pid;
}

// A byte: it listens. The end of the pipe: it has ended and said why on stderr.
bool wait_ready(int fd) noexcept {
  pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
  int count = 0;
  do {
    count = ::poll(&ready, 1, kStartTimeoutMs);
  } while (count < 0 && errno == EINTR);
  char byte = 0;
  return count == 1 && ::read(fd, &byte, 1) == 1;
}

}  // namespace

Result<PrivateGuard> spawn_guard(const std::string& binary, const std::string& socket_path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(ErrorCode::io, "cannot make a pipe for the guard: {}", std::strerror(errno));
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  // dup2 onto itself would keep close-on-exec set.
  if (writer.get() == kReadyFd) writer.reset(::fcntl(kReadyFd, F_DUPFD_CLOEXEC, kReadyFd + 1));
  PrivateGuard guard;
  PINFER_TRY(guard.pid, start(binary, socket_path, writer.get()));
  writer.reset();
  if (!wait_ready(reader.get())) {
    ::kill(guard.pid, SIGTERM);
    int status = 0;
    ::waitpid(guard.pid, &status, 0);
    return fail(ErrorCode::unavailable, "{}: the guard did not start ({} {})", binary,
                WIFEXITED(status) ? "exit code" : "signal",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  }
  guard.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, guard.pid, 0)));
  return guard;
}

}  // namespace pinfer
