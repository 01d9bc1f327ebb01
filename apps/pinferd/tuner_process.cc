// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/tuner_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

extern "C" char** environ;

namespace pinfer {
namespace {

constexpr std::size_t kMostText = 4096;

}  // namespace

Result<std::unique_ptr<TunerProcess>> TunerProcess::start(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(ErrorCode::unavailable, "{}: cannot make a pipe: {}", words[0],
                std::strerror(errno));
  UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);

  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, writer.get(), STDOUT_FILENO);
  sigset_t none;
  ::sigemptyset(&none);  // the daemon's threads block what it serves
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, words[0].c_str(), &files, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0)
    return fail(ErrorCode::unavailable, "{}: cannot start: {}", words[0], std::strerror(error));
  return std::unique_ptr<TunerProcess>(new TunerProcess(pid, std::move(reader)));
}

TunerProcess::~TunerProcess() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  reap();
}

void TunerProcess::reap() noexcept {
  if (pid_ <= 0) return;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) text_.clear();
}

bool TunerProcess::read() {
  std::array<char, 1024> part;
  for (;;) {
    const ssize_t size = ::read(out_.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return false;
    if (size > 0) {
      text_.append(part.data(), static_cast<std::size_t>(size));
      if (text_.size() <= kMostText) continue;
      ::kill(pid_, SIGKILL);
    }
    // Who closes its stdout is about to end; who does not is not waited for.
    reap();
    return true;
  }
}

}  // namespace pinfer
