// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "apps/guard/messages.h"

namespace pinfer {
namespace {

constexpr Duration kAnswerTimeout = std::chrono::seconds(5);

// Waits until `fd` is readable. timeout: `deadline` has passed.
Status wait_readable(int fd, MonotonicTime deadline) noexcept {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - MonotonicTime::now()).count();
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (count > 0) return Status::ok;
    if (count == 0) return Status::timeout;
    if (errno != EINTR) return Status::backend_fault;
  }
}

Result<void> read_verdict(const ReplyMessage& reply) {
  if (reply.ok == 1) return {};
  const auto text = text_from_wire(reply.message);
  const bool known = reply.code <= static_cast<std::uint32_t>(ErrorCode::internal);
  return tl::unexpected(Error{known ? static_cast<ErrorCode>(reply.code) : ErrorCode::internal,
                              text ? std::string(text->view()) : "the guard gives no reason"});
}

LineHandles read_handles(const ReplyMessage& reply) noexcept {
  LineHandles handles;
  for (std::size_t i = 0; i < std::min<std::size_t>(reply.count, kMaxClientLines); ++i)
    static_cast<void>(handles.push_back(LineHandle{reply.handles[i]}));
  return handles;
}

tl::unexpected<Error> no_answer(Status status) {
  return fail(ErrorCode::unavailable,
              "the guard does not answer ({}); its lines go safe by themselves", to_string(status));
}

}  // namespace

Result<GuardClient> GuardClient::connect(const std::string& socket_path,
                                         std::string_view client_name) {
  GuardClient client;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof(address.sun_path) || !client.name_.assign(client_name) ||
      client_name.empty())
    return fail(ErrorCode::invalid_argument, "{}: the path of the guard's socket is too long",
                socket_path);
  std::copy(socket_path.begin(), socket_path.end(), address.sun_path);
  // Not blocking: a guard that hangs would leave its queue of connections full.
  client.socket_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!client.socket_.valid() ||
      ::connect(client.socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) != 0) {
    const bool forbidden = errno == EACCES || errno == EPERM;
    return fail(forbidden ? ErrorCode::refused : ErrorCode::unavailable,
                "{}: cannot reach the guard: {}; is pinfer-guard running{}?", socket_path,
                std::strerror(errno), forbidden ? " for this user" : "");
  }
  return client;
}

Status GuardClient::send(std::span<const std::byte> message) noexcept {
  const ssize_t sent =
      ::send(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(message.size())) return Status::ok;
  return errno == EAGAIN || errno == EINTR ? Status::timeout : Status::backend_fault;
}

// The frame thread's leases share the queue: it may be full for a moment.
Status GuardClient::send_before(std::span<const std::byte> message,
                                MonotonicTime deadline) noexcept {
  constexpr int kStepMs = 5;
  Status status = send(message);
  while (status == Status::timeout && MonotonicTime::now() < deadline) {
    ::poll(nullptr, 0, kStepMs);
    status = send(message);
  }
  return status;
}

Result<LineHandles> GuardClient::configure(std::span<const LineSpec> outputs,
                                           const std::optional<OutputSpec>& estop) {
  if (outputs.size() > kMaxClientLines)
    return fail(ErrorCode::over_budget, "{} outputs; the guard takes at most {} from one client",
                outputs.size(), kMaxClientLines);
  ConfigureMessage message;
  message.request = ++last_request_;
  message.count = static_cast<std::uint32_t>(outputs.size());
  text_to_wire(name_.view(), message.client);
  // The guard would take a bad one for malformed and hang up; say which one it is instead.
  const auto pack = [](const LineSpec& spec, WireSpec& wire) -> Result<void> {
    wire = to_wire(spec);
    if (pinfer::from_wire(wire)) return {};
    const std::string_view limits = limits_fault(spec);
    return fail(ErrorCode::config,
                "output '{}': a name has letters, digits, '_', '-', '.'; a line number is at most "
                "{}; a chip has printable characters; PWM levels fit the period{}{}",
                spec.name.view(), kMaxOffset, limits.empty() ? "" : "; ", limits);
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) PINFER_CHECK(pack(outputs[i], message.specs[i]));
  if (estop) PINFER_CHECK(pack({*estop, {}}, message.estop));
  PINFER_TRY(const ReplyMessage reply, ask(as_message(message), message.request));
  PINFER_CHECK(read_verdict(reply));
  return read_handles(reply);
}

// Sends and waits for the reply; reports that come meanwhile are for poll().
Result<ReplyMessage> GuardClient::ask(std::span<const std::byte> message, std::uint32_t request) {
  const MonotonicTime deadline = MonotonicTime::now() + kAnswerTimeout;
  Status status = send_before(message, deadline);
  while (status == Status::ok) {
    status = wait_readable(socket_.get(), deadline);
    if (status != Status::ok) break;
    ReplyMessage reply;
    const ssize_t size = ::recv(socket_.get(), &reply, sizeof(reply), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) {
      status = Status::backend_fault;
      break;
    }
    const std::span bytes(reinterpret_cast<const std::byte*>(&reply),
                          static_cast<std::size_t>(size));
    if (const auto answer = read_message<ReplyMessage>(bytes)) {
      if (answer->request == request) return *answer;
    } else if (const auto wire = read_message<LineReportMessage>(bytes)) {
      keep_report(*wire);
    }
  }
  return no_answer(status);
}

Result<void> GuardClient::command(CommandMessage& message) {
  message.request = ++last_request_;
  PINFER_TRY(const ReplyMessage reply, ask(as_message(message), message.request));
  return read_verdict(reply);
}

Result<void> GuardClient::estop() {
  CommandMessage message;
  message.command = Command::estop;
  return command(message);
}

Result<void> GuardClient::reset() {
  CommandMessage message;
  message.command = Command::reset;
  return command(message);
}

Result<void> GuardClient::override_output(std::string_view output, bool level, Duration time) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(time);
  if (ms <= Duration::zero() || ms > kMaxOverride)
    return fail(ErrorCode::invalid_argument, "an override lasts 1 ms to 1 h, not {:g} s",
                to_ms(time) / 1000.0);
  CommandMessage message;
  message.command = Command::override_;
  message.level = level ? 1 : 0;
  message.duration_ms = static_cast<std::uint32_t>(ms.count());
  text_to_wire(output, message.output);
  return command(message);
}

Result<void> GuardClient::end_override(std::string_view output) {
  CommandMessage message;
  message.command = Command::end_override;
  text_to_wire(output, message.output);
  return command(message);
}

Result<GuardStatus> GuardClient::status() {
  const MonotonicTime deadline = MonotonicTime::now() + kAnswerTimeout;
  GuardStatus all;
  Status status = send_before(as_message(QueryMessage{}), deadline);
  while (status == Status::ok) {
    status = wait_readable(socket_.get(), deadline);
    if (status != Status::ok) break;
    ReplyMessage buffer;  // the largest message the guard sends
    const ssize_t size = ::recv(socket_.get(), &buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) {
      status = Status::backend_fault;
      break;
    }
    const std::span bytes(reinterpret_cast<const std::byte*>(&buffer),
                          static_cast<std::size_t>(size));
    if (const auto wire = read_message<GuardReportMessage>(bytes)) {
      const auto guard = pinfer::from_wire(*wire);
      if (!guard) continue;
      all.guard = *guard;
      return all;
    }
    if (const auto wire = read_message<LineReportMessage>(bytes))
      if (const auto line = pinfer::from_wire(*wire)) all.lines.push_back(*line);
  }
  return no_answer(status);
}

// Reports that come while ask() waits are for poll(). When there is no room the oldest
// matter least: the guard's next word on the line, or a query, replaces them.
void GuardClient::keep_report(const LineReportMessage& wire) noexcept {
  const auto report = pinfer::from_wire(wire);
  if (!report) return;
  if (next_waiting_ == waiting_.size() || waiting_.full()) {
    waiting_.clear();
    next_waiting_ = 0;
  }
  static_cast<void>(waiting_.push_back(*report));
}

Status GuardClient::renew(LineHandle line, bool level, Duration ttl) noexcept {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(ttl);
  if (ttl <= Duration::zero() || ms > kMaxTtl) return Status::bad_value;
  LeaseMessage message;
  message.handle = static_cast<std::uint64_t>(line);
  message.sent_at = MonotonicTime::now().since_boot.count();
  message.ttl_ms = static_cast<std::uint32_t>(ms.count());
  message.level = level ? 1 : 0;
  return send(as_message(message));
}

Status GuardClient::release(LineHandle line, Cause cause) noexcept {
  if (!is_client_cause(cause)) return Status::bad_value;
  ReleaseMessage message;
  message.handle = static_cast<std::uint64_t>(line);
  message.cause = static_cast<std::uint32_t>(cause);
  return send(as_message(message));
}

Status GuardClient::query() noexcept { return send(as_message(QueryMessage{})); }

Status GuardClient::poll(LineReport& report) noexcept {
  if (next_waiting_ < waiting_.size()) {
    report = waiting_[next_waiting_++];
    return Status::ok;
  }
  for (;;) {
    ReplyMessage buffer;  // the largest message the guard sends
    const ssize_t size = ::recv(socket_.get(), &buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return Status::timeout;
    if (size <= 0) return Status::backend_fault;
    const auto wire = read_message<LineReportMessage>(
        {reinterpret_cast<const std::byte*>(&buffer), static_cast<std::size_t>(size)});
    if (!wire) continue;  // a late answer to a configure() that had given up
    const auto parsed = pinfer::from_wire(*wire);
    if (!parsed) continue;
    report = *parsed;
    return Status::ok;
  }
}

}  // namespace pinfer
