// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/deploy/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/core/unique_fd.h"

namespace pinfer {
namespace {

tl::unexpected<Error> trouble(std::string_view what) {
  return fail(ErrorCode::io, "cannot {}: {}", what, std::strerror(errno));
}

// stdin as a file: a pipe would have to be filled while the program's output is read.
Result<UniqueFd> open_input(const ProcessInput& input) {
  if (input.text.empty()) {
    const std::string& path = input.file.empty() ? std::string("/dev/null") : input.file;
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return fail(ErrorCode::io, "{}: {}", path, std::strerror(errno));
    return file;
  }
  UniqueFd memory(::memfd_create("pinfer-stdin", MFD_CLOEXEC));
  for (std::size_t done = 0; memory.valid() && done < input.text.size();) {
    const ssize_t count = ::write(memory.get(), input.text.data() + done, input.text.size() - done);
    if (count <= 0) return trouble("keep the input of a program");
    done += static_cast<std::size_t>(count);
  }
  if (!memory.valid() || ::lseek(memory.get(), 0, SEEK_SET) != 0)
    return trouble("keep the input of a program");
  return memory;
}

void read_lines(int fd, const std::function<void(std::string_view)>& on_line) {
  std::array<char, 4096> buffer;
  std::string pending;
  for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) != 0;) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    pending.append(buffer.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = pending.find('\n')) != std::string::npos;) {
      on_line(std::string_view(pending).substr(0, end));
      pending.erase(0, end + 1);
    }
  }
  if (!pending.empty()) on_line(pending);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  if (::lseek(fd, 0, SEEK_SET) != 0) return text;
  for (ssize_t count = 0; (count = ::read(fd, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  return text;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int spawn(const std::vector<std::string>& words, int in, int out, int err, pid_t& pid) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, err, 2);
  const int error = ::posix_spawnp(&pid, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

Result<ProcessEnd> run_process(const std::vector<std::string>& words, const ProcessInput& input,
                               const std::function<void(std::string_view)>& on_line) {
  PINFER_TRY(const UniqueFd in, open_input(input));
  const UniqueFd err(::memfd_create("pinfer-stderr", MFD_CLOEXEC));
  std::array<int, 2> ends{};
  if (!err.valid() || ::pipe2(ends.data(), O_CLOEXEC) != 0) return trouble("make a pipe");
  const UniqueFd out(ends[0]);
  UniqueFd write_end(ends[1]);
  pid_t pid = 0;
  if (const int error = spawn(words, in.get(), write_end.get(), err.get(), pid); error != 0)
    return fail(ErrorCode::not_found, "cannot run {}: {}; is it installed?", words[0],
                std::strerror(error));
  write_end.reset();
  read_lines(out.get(), on_line);
  ProcessEnd end;
  end.exit_code = wait_for(pid);
  end.errors = read_all(err.get());
  return end;
}

Result<std::string> output_of(const std::vector<std::string>& words) {
  std::string text;
  PINFER_TRY(const ProcessEnd end, run_process(words, {}, [&](std::string_view line) {
               text.append(line).push_back('\n');
             }));
  if (end.exit_code == 0) return text;
  return fail(ErrorCode::io, "{} failed ({}): {}", words[0], end.exit_code, end.errors);
}

}  // namespace pinfer
