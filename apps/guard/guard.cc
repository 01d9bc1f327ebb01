// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/guard.h"

#include <algorithm>
#include <vector>

#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

constexpr Duration kRetryInterval = std::chrono::milliseconds(100);

LineReport report_of(const Line& line) noexcept {
  const MonotonicTime until = line.review != kNever ? line.review
                              : line.overridden     ? line.override_until
                                                    : MonotonicTime{};
  return {
      line.handle, line.spec.name, line.active, line.spec.safe_active, line.cause,
      line.since,  line.edges,     until,       line.configured_by,    line.client != kNoClient};
}

}  // namespace

bool Guard::on_message(ClientId client, std::span<const std::byte> bytes, MonotonicTime now) {
  const bool good = dispatch(client, bytes, now);
  if (!good) table_.make_client_safe(client, Cause::bad_message, now);
  apply(now);
  if (!good) table_.drop_client(client, Cause::bad_message, now);
  return good;
}

bool Guard::dispatch(ClientId client, std::span<const std::byte> bytes, MonotonicTime now) {
  if (const auto lease = read_message<LeaseMessage>(bytes)) {
    if (lease->level > 1 || lease->sent_at < 0) return false;
    const LeaseRequest request{LineHandle{lease->handle}, lease->level == 1,
                               std::chrono::milliseconds(lease->ttl_ms),
                               MonotonicTime{Duration(lease->sent_at)}};
    return table_.lease(client, request, now) != LeaseTable::Answer::refused;
  }
  if (const auto release = read_message<ReleaseMessage>(bytes)) {
    if (release->cause >= kCauseCount || release->reserved != 0) return false;
    return table_.release(client, LineHandle{release->handle}, static_cast<Cause>(release->cause),
                          now) != LeaseTable::Answer::refused;
  }
  if (const auto query = read_message<QueryMessage>(bytes)) return on_query(client, *query, now);
  if (const auto command = read_message<CommandMessage>(bytes))
    return on_command(client, *command, now);
  const auto configure = read_message<ConfigureMessage>(bytes);
  return configure && on_configure(client, *configure, now);
}

bool Guard::on_query(ClientId client, const QueryMessage& message, MonotonicTime now) noexcept {
  if (message.reserved != 0) return false;
  apply(now);
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (table_.lines()[slot].claimed()) report(client, slot);
  GuardReportMessage end;
  end.estop_since = table_.estop().since.since_boot.count();
  end.estop_latched = table_.estop().latched ? 1 : 0;
  end.estop_pressed = table_.estop().pressed ? 1 : 0;
  end.has_estop_line = estop_line_ ? 1 : 0;
  sink_.send(sink_.context, client, as_message(end));
  return true;
}

bool Guard::on_command(ClientId client, const CommandMessage& message, MonotonicTime now) {
  const auto output = text_from_wire(message.output);
  const Duration time = std::chrono::milliseconds(message.duration_ms);
  const bool is_override = message.command == Command::override_;
  if (!output || message.command < Command::estop || message.command > Command::end_override ||
      message.level > 1 || time > kMaxOverride || is_override != (time > Duration::zero()))
    return false;
  const bool was_latched = table_.estop().latched;
  const Result<void> done = command(message, output->view(), now);
  if (table_.estop().latched != was_latched) ++revision_;
  apply(now);  // the reply comes after the edge
  reply(client, message.request, done.map([] { return LineHandles{}; }));
  return true;
}

Result<void> Guard::command(const CommandMessage& message, std::string_view output,
                            MonotonicTime now) {
  if (message.command == Command::estop) {
    table_.press_estop(now);
    return {};
  }
  if (message.command == Command::reset) {
    reopen_estop();
    sample_estop(now);
    if (table_.reset_estop(now)) return {};
    return fail(ErrorCode::refused, "the e-stop line {} is {}; the e-stop stays latched",
                estop_line_->saved.spec.name.view(),
                estop_line_->input != nullptr ? "still pressed, or cannot be read"
                                              : "not there: it cannot be opened");
  }
  PINFER_TRY(const std::size_t slot, find_line(output));
  if (message.command == Command::end_override) {
    table_.end_override(slot, now);
    return {};
  }
  if (table_.estop().latched)
    return fail(ErrorCode::refused, "output {}: the e-stop is latched; reset it first", output);
  table_.set_override(slot, message.level == 1,
                      now + std::chrono::milliseconds(message.duration_ms), now);
  return {};
}

Result<std::size_t> Guard::find_line(std::string_view output) const {
  std::vector<std::string_view> names;
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) {
    const Line& line = table_.lines()[slot];
    if (!line.claimed()) continue;
    if (line.spec.name.view() == output) return slot;
    names.push_back(line.spec.name.view());
  }
  const auto meant = nearest(output, names);
  return fail(ErrorCode::not_found, "the guard has no output '{}'{}", output,
              meant ? fmt::format(" (did you mean {}?)", *meant) : "");
}

void Guard::reply(ClientId client, std::uint32_t request,
                  const Result<LineHandles>& result) noexcept {
  ReplyMessage message;
  message.request = request;
  if (result) {
    message.ok = 1;
    message.count = static_cast<std::uint32_t>(result->size());
    for (std::size_t i = 0; i < result->size(); ++i)
      message.handles[i] = static_cast<std::uint64_t>((*result)[i]);
  } else {
    message.code = static_cast<std::uint32_t>(result.error().code);
    text_to_wire(result.error().message, message.message);
  }
  sink_.send(sink_.context, client, as_message(message));
}

void Guard::on_client_gone(ClientId client, MonotonicTime now) noexcept {
  table_.drop_client(client, Cause::client_gone, now);
  if (estop_line_ && estop_line_->client == client) estop_line_->client = kNoClient;
  apply(now);
}

void Guard::on_time(MonotonicTime now) noexcept {
  if (now >= next_sample_) sample_estop(now);
  table_.expire(now);
  apply(now);
  if (!any_stuck() || now < next_retry_) return;
  next_retry_ = now + kRetryInterval;
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (table_.lines()[slot].stuck && drive(slot)) table_.free_line(slot, now);
  apply(now);
}

void Guard::stop(MonotonicTime now) noexcept {
  table_.make_all_safe(Cause::service_stop, now);
  apply(now);
}

bool Guard::drive(std::size_t slot) noexcept {
  return outputs_[slot] != nullptr &&
         outputs_[slot]->set(table_.lines()[slot].active) == Status::ok;
}

// Makes the wires follow the table and tells the clients: lines that go safe first, so that an
// interlocked line goes on only after the other has gone off.
void Guard::apply(MonotonicTime now) noexcept {
  for (auto changed = table_.take_changed(); changed.any(); changed = table_.take_changed())
    for (const bool away : {false, true})
      for (std::size_t slot = 0; slot < kMaxLines; ++slot)
        if (changed.test(slot) && table_.lines()[slot].away() == away) follow(slot, now);
}

void Guard::follow(std::size_t slot, MonotonicTime now) noexcept {
  if (!drive(slot)) {
    // Taken for stuck until the safe level is there: nothing interlocked with it may go on.
    table_.fail_line(slot, now);
    if (drive(slot)) table_.free_line(slot, now);
  }
  report(table_.lines()[slot].client, slot);
}

void Guard::report(ClientId client, std::size_t slot) noexcept {
  if (client == kNoClient) return;
  const LineReportMessage message = to_wire(report_of(table_.lines()[slot]));
  sink_.send(sink_.context, client, as_message(message));
}

bool Guard::any_stuck() const noexcept {
  return std::any_of(table_.lines().begin(), table_.lines().end(),
                     [](const Line& line) { return line.stuck; });
}

std::optional<MonotonicTime> Guard::next_deadline() const noexcept {
  MonotonicTime next = table_.next_expiry().value_or(kNever);
  if (any_stuck()) next = std::min(next, next_retry_);
  if (estop_line_) next = std::min(next, next_sample_);
  return next == kNever ? std::nullopt : std::optional(next);
}

bool Guard::all_safe() const noexcept {
  return std::none_of(table_.lines().begin(), table_.lines().end(),
                      [](const Line& line) { return line.claimed() && line.away(); });
}

SavedTable Guard::saved_table() const noexcept {
  SavedTable saved;
  saved.estop_latched = table_.estop().latched;
  if (estop_line_) saved.estop = estop_line_->saved;
  for (const Line& line : table_.lines())
    if (line.claimed()) static_cast<void>(saved.lines.push_back({line.spec, line.configured_by}));
  return saved;
}

}  // namespace pinfer
