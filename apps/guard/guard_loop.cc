// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/guard_loop.h"

#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "apps/guard/log.h"
#include "apps/guard/notify.h"

namespace pinfer {
namespace {

// Keys of the epoll set above the client numbers.
constexpr std::uint64_t kListenerKey = 100;
constexpr std::uint64_t kTimerKey = 101;
constexpr std::uint64_t kSignalKey = 102;
constexpr std::uint64_t kWriterKey = 103;
constexpr int kMessagesPerTurn = 32;  // a client that floods does not keep others from their turn
constexpr Duration kPrivatePatience = std::chrono::seconds(10);  // for the first client

std::uint64_t random_serial() noexcept {
  std::uint64_t serial = 0;
  if (::getrandom(&serial, sizeof(serial), GRND_NONBLOCK) != sizeof(serial))
    serial = static_cast<std::uint64_t>(MonotonicTime::now().since_boot.count());
  return serial;
}

// SIGHUP is taken and ignored: a closed terminal must not end the guard.
sigset_t guard_signals() noexcept {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

bool may_connect(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

GuardLoop::GuardLoop(const GuardOptions& options)
    : options_(options),
      guard_({.log_fd = STDERR_FILENO}, {this, on_reply}, random_serial()),
      started_(MonotonicTime::now()) {}

GuardLoop::~GuardLoop() {
  if (listener_.valid()) ::unlink(options_.socket.c_str());
}

Result<std::unique_ptr<GuardLoop>> GuardLoop::create(const GuardOptions& options) {
  // Before there is a thread or a line: from here on a signal ends the guard in order or not at
  // all.
  const sigset_t signals = guard_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::unique_ptr<GuardLoop> loop(new GuardLoop(options));
  // The lines first: every moment they belong to nobody is a moment with an unknown level.
  PINFER_CHECK(loop->claim_saved_lines());
  PINFER_CHECK(loop->open_descriptors());
  PINFER_CHECK(loop->listen());
  loop->watchdog_interval_ = watchdog_interval();
  return loop;
}

Result<void> GuardLoop::claim_saved_lines() {
  if (options_.state.empty()) return {};
  PINFER_TRY(writer_, TableWriter::create(options_.state,
                                          [](const Error& error) { say("{}", error.message); }));
  const auto saved = load_table(options_.state);
  if (!saved) {
    // Without the table the lines wait for a client; refusing to start would leave them longer.
    say("{}", saved.error().message);
    return {};
  }
  const auto claimed = guard_.claim(*saved, MonotonicTime::now());
  if (!claimed) say("{}", claimed.error().message);
  return {};
}

Result<void> GuardLoop::open_descriptors() {
  const sigset_t signals = guard_signals();
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  timer_.reset(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!epoll_.valid() || !timer_.valid() || !signals_.valid() || !watch(timer_.get(), kTimerKey) ||
      !watch(signals_.get(), kSignalKey) || (writer_ && !watch(writer_->fd(), kWriterKey)))
    return fail(ErrorCode::io, "cannot set up the event loop: {}", std::strerror(errno));
  return {};
}

bool GuardLoop::watch(int fd, std::uint64_t key) const noexcept {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = key;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

Result<void> GuardLoop::listen() {
  const std::string& path = options_.socket;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return fail(ErrorCode::invalid_argument, "{}: a socket's path has at most {} bytes", path,
                sizeof(address.sun_path) - 1);
  std::copy(path.begin(), path.end(), address.sun_path);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  UniqueFd probe(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.valid() && ::connect(probe.get(), name, sizeof(address)) == 0)
    return fail(ErrorCode::refused, "{}: another guard listens there already", path);
  if (probe.valid() && errno == ECONNREFUSED) ::unlink(path.c_str());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const mode_t old_mask = ::umask(0117);
  const bool bound = fd.valid() && ::bind(fd.get(), name, sizeof(address)) == 0;
  const int why = errno;
  ::umask(old_mask);
  if (!bound)
    return fail(ErrorCode::io,
                "{}: cannot listen there: {}; make the folder, or name another "
                "socket with --socket",
                path, std::strerror(why));
  listener_ = std::move(fd);
  if (::listen(listener_.get(), static_cast<int>(kMaxClients)) != 0 ||
      !watch(listener_.get(), kListenerKey))
    return fail(ErrorCode::io, "{}: cannot listen there: {}", path, std::strerror(errno));
  return {};
}

Result<void> GuardLoop::run() {
  announce_ready();
  std::array<epoll_event, 16> events;
  for (;;) {
    arm_timer(MonotonicTime::now());
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) {
      guard_.stop(MonotonicTime::now());
      return fail(ErrorCode::io, "cannot wait for events: {}", std::strerror(errno));
    }
    const MonotonicTime now = MonotonicTime::now();
    bool stop = false;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
      if (key < kMaxClients) read_client(static_cast<ClientId>(key), now);
      if (key == kListenerKey) accept_client();
      if (key == kTimerKey) take_timer();
      if (key == kWriterKey) send_held_replies();
      if (key == kSignalKey) {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info))
          stop = stop || info.ssi_signo != SIGHUP;
      }
    }
    // After the messages: a lease renewed in time is not cut short because we were late to read.
    guard_.on_time(MonotonicTime::now());
    save_table();
    if (watchdog_interval_ > Duration::zero() && now >= next_watchdog_) {
      notify_alive();
      next_watchdog_ = now + watchdog_interval_ / 2;
    }
    if (stop || may_end(now)) break;
  }
  notify_stopping();
  guard_.stop(MonotonicTime::now());
  return {};
}

void GuardLoop::accept_client() {
  UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd.valid()) return;
  const auto free = std::find_if_not(clients_.begin(), clients_.end(),
                                     [](const UniqueFd& client) { return client.valid(); });
  if (!may_connect(fd.get()) || free == clients_.end() ||
      !watch(fd.get(), static_cast<std::uint64_t>(free - clients_.begin())))
    return;
  *free = std::move(fd);
  had_client_ = true;
}

void GuardLoop::read_client(ClientId client, MonotonicTime now) {
  const UniqueFd& fd = clients_[static_cast<std::size_t>(client)];
  // One byte more than any message, so that a longer one shows.
  std::array<std::byte, kMaxMessage + 1> buffer;
  for (int i = 0; i < kMessagesPerTurn && fd.valid(); ++i) {
    const ssize_t size = ::recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return close_client(client, now);
    const std::span message(buffer.data(), static_cast<std::size_t>(size));
    // The time of each message, not of the turn: configuring may have taken long.
    if (!guard_.on_message(client, message, MonotonicTime::now())) {
      say("client {}: malformed message, closed", client);
      return close_client(client, now);
    }
  }
}

void GuardLoop::close_client(ClientId client, MonotonicTime now) noexcept {
  guard_.on_client_gone(client, now);
  held_replies_[static_cast<std::size_t>(client)].reset();
  clients_[static_cast<std::size_t>(client)].reset();
}

void GuardLoop::send(ClientId client, std::span<const std::byte> message) const noexcept {
  // A client that does not read loses reports, never the guard's time; it can query again.
  static_cast<void>(::send(clients_[static_cast<std::size_t>(client)].get(), message.data(),
                           message.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

void GuardLoop::on_reply(void* context, ClientId client,
                         std::span<const std::byte> message) noexcept {
  auto* loop = static_cast<GuardLoop*>(context);
  const auto reply = read_message<ReplyMessage>(message);
  if (!reply || reply->ok == 0 || loop->is_saved()) return loop->send(client, message);
  loop->held_replies_[static_cast<std::size_t>(client)] = reply;
}

// Gives a changed table to the writer.
void GuardLoop::save_table() {
  if (!writer_ || guard_.revision() == saved_revision_) return;
  saved_revision_ = guard_.revision();
  writer_->submit(guard_.saved_table());
}

// True when there is nothing to wait for.
bool GuardLoop::is_saved() {
  save_table();
  return !writer_ || writer_->idle();
}

void GuardLoop::send_held_replies() noexcept {
  writer_->take_event();
  if (!writer_->idle()) return;
  for (std::size_t i = 0; i < kMaxClients; ++i) {
    if (!held_replies_[i]) continue;
    send(static_cast<ClientId>(i), as_message(*held_replies_[i]));
    held_replies_[i].reset();
  }
}

void GuardLoop::arm_timer(MonotonicTime now) noexcept {
  std::optional<MonotonicTime> next = guard_.next_deadline();
  const auto sooner = [&next](MonotonicTime time) { next = next ? std::min(*next, time) : time; };
  if (watchdog_interval_ > Duration::zero()) sooner(std::max(next_watchdog_, now));
  if (options_.is_private && !had_client_) sooner(started_ + kPrivatePatience);
  // Zero would disarm the timer.
  const MonotonicTime wanted = next ? std::max(*next, MonotonicTime{Duration(1)}) : MonotonicTime{};
  if (wanted == armed_) return;
  armed_ = wanted;
  const auto ns = wanted.since_boot.count();
  itimerspec timer{};
  timer.it_value.tv_sec = static_cast<time_t>(ns / 1'000'000'000);
  timer.it_value.tv_nsec = static_cast<long>(ns % 1'000'000'000);
  static_cast<void>(::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &timer, nullptr));
}

// Read, or it would stay readable where nothing is armed anew, and the loop would never sleep.
void GuardLoop::take_timer() noexcept {
  std::uint64_t expirations = 0;
  static_cast<void>(!::read(timer_.get(), &expirations, sizeof(expirations)));
  armed_ = {};
}

void GuardLoop::announce_ready() {
  notify_ready();
  if (options_.ready_fd < 0) return;
  const UniqueFd fd(std::exchange(options_.ready_fd, -1));
  static_cast<void>(!::write(fd.get(), "R", 1));
}

bool GuardLoop::has_clients() const noexcept {
  return std::any_of(clients_.begin(), clients_.end(),
                     [](const UniqueFd& client) { return client.valid(); });
}

bool GuardLoop::may_end(MonotonicTime now) const noexcept {
  if (!options_.is_private || has_clients()) return false;
  const bool waited = now - started_ >= kPrivatePatience;
  return (had_client_ || waited) && guard_.all_safe();
}

}  // namespace pinfer
