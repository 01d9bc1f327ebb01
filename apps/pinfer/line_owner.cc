// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/line_owner.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "drivers/output/output.h"

namespace pinfer {
namespace {

// From the owner: after it has opened the line, and after each level.
struct Reply {
  bool ok = false;
  bool active = false;  // what the line reads
  ErrorCode code = ErrorCode::io;
  std::array<char, 512> message{};
};

constexpr char kOn = '1';
constexpr char kOff = '0';
constexpr Duration kPatience = std::chrono::seconds(5);  // with an owner that should end

bool send_all(int fd, const void* data, std::size_t size) noexcept {
  ssize_t sent = -1;
  do {
    sent = ::send(fd, data, size, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(size);
}

bool receive_all(int fd, void* data, std::size_t size) noexcept {
  ssize_t received = -1;
  do {
    received = ::recv(fd, data, size, 0);
  } while (received < 0 && errno == EINTR);
  return received == static_cast<ssize_t>(size);
}

Reply drive(Output& output, bool active) noexcept {
  Reply reply;
  reply.ok = output.set(active) == Status::ok && output.read(reply.active) == Status::ok;
  constexpr std::string_view kWhy = "the line cannot be driven";
  std::copy(kWhy.begin(), kWhy.end(), reply.message.begin());
  return reply;
}

// The life of the owner; the line is released, at its safe level, when it returns.
void own(int fd, const OutputSpec& spec) {
  auto output = create_output(spec);
  Reply reply;
  reply.ok = output.has_value();
  if (!output) {
    reply.code = output.error().code;
    const std::string& why = output.error().message;
    why.copy(reply.message.data(), reply.message.size() - 1);
  }
  if (!send_all(fd, &reply, sizeof(reply)) || !output) return;
  const int patience = static_cast<int>(to_ms(LineOwner::kMaxSilence));
  for (;;) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    const int count = ::poll(&ready, 1, patience);
    if (count < 0 && errno == EINTR) continue;
    char command = 0;
    if (count == 0) {
      static_cast<void>((*output)->set(spec.safe_active));
      continue;
    }
    if (count < 0 || !receive_all(fd, &command, 1)) return;
    reply = drive(**output, command == kOn);
    if (!send_all(fd, &reply, sizeof(reply))) return;
  }
}

// Waits for the end; true when there was one in time.
bool wait_for_end(pid_t pid, Duration patience, int& status) noexcept {
  constexpr useconds_t kStep = 1000;
  const MonotonicTime deadline = MonotonicTime::now() + patience;
  for (;;) {
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return true;
    if (ended < 0 && errno != EINTR) return true;  // somebody else has waited for it
    if (MonotonicTime::now() > deadline) return false;
    ::usleep(kStep);
  }
}

}  // namespace

Result<LineOwner> LineOwner::start(const OutputSpec& spec) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(ErrorCode::io, "cannot make a socket: {}", std::strerror(errno));
  UniqueFd ours(ends[0]), theirs(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return fail(ErrorCode::io, "cannot start a process: {}", std::strerror(errno));
  if (pid == 0) {
    ours.reset();
    own(theirs.get(), spec);
    ::_exit(0);
  }
  theirs.reset();
  LineOwner owner(spec, pid, std::move(ours));
  Reply reply;
  if (!receive_all(owner.socket_.get(), &reply, sizeof(reply))) {
    owner.killed_ = true;
    return fail(ErrorCode::io, "output {}: the process that was to hold the line has died",
                spec.name.view());
  }
  if (reply.ok) return owner;
  return tl::unexpected(Error{reply.code, reply.message.data()});
}

LineOwner::LineOwner(LineOwner&& other) noexcept
    : spec_(other.spec_),
      pid_(std::exchange(other.pid_, -1)),
      socket_(std::move(other.socket_)),
      killed_(std::exchange(other.killed_, false)) {}

LineOwner::~LineOwner() { static_cast<void>(finish()); }

Result<bool> LineOwner::set(bool active) {
  const char command = active ? kOn : kOff;
  Reply reply;
  if (!send_all(socket_.get(), &command, 1) || !receive_all(socket_.get(), &reply, sizeof(reply)))
    return fail(ErrorCode::io, "output {}: the process that holds the line has died",
                spec_.name.view());
  if (!reply.ok)
    return fail(ErrorCode::io, "output {}: {}", spec_.name.view(), reply.message.data());
  return reply.active;
}

MonotonicTime LineOwner::kill() noexcept {
  const MonotonicTime at = MonotonicTime::now();
  ::kill(pid_, SIGKILL);
  killed_ = true;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  socket_.reset();
  return at;
}

Result<void> LineOwner::finish() {
  socket_.reset();
  if (pid_ > 0) {
    int status = 0;
    if (!wait_for_end(pid_, kPatience, status)) kill();
    if (pid_ > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) killed_ = true;
    pid_ = -1;
  }
  if (!std::exchange(killed_, false)) return {};
  // Opening drives the safe level, and so does letting go.
  PINFER_TRY(const auto output, create_output(spec_));
  return {};
}

Interruption::Interruption() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&signals_, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Interruption::~Interruption() {
  const timespec now{};
  while (::sigtimedwait(&signals_, nullptr, &now) > 0) {  // answered by ending
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interruption::pause(Duration time) {
  const MonotonicTime end = MonotonicTime::now() + time;
  while (!wanted_) {
    const Duration left = std::max(end - MonotonicTime::now(), Duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec wait{static_cast<time_t>(seconds.count()),
                        static_cast<long>((left - seconds).count())};
    if (::sigtimedwait(&signals_, nullptr, &wait) > 0)
      wanted_ = true;
    else if (errno == EAGAIN)
      break;
  }
  return wanted_;
}

}  // namespace pinfer
