// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/guard.h"

#include <algorithm>

namespace pinfer {
namespace {

constexpr Duration kRetryInterval = std::chrono::milliseconds(100);

LineReport report_of(const Line& line) noexcept {
  return {line.handle, line.spec.name, line.active, line.spec.safe_active,
          line.cause,  line.since,     line.edges};
}

}  // namespace

Result<void> Guard::claim(std::span<const SavedLine> lines, MonotonicTime now) {
  Result<void> first_error;
  for (const SavedLine& line : lines) {
    auto output = open_(line.spec, context_);
    if (!output) {
      if (first_error) first_error = tl::unexpected(std::move(output.error()));
      continue;
    }
    const LineHandle handle = table_.add(line.spec, line.client, kNoClient, now);
    if (handle == LineHandle::none) break;
    outputs_[LeaseTable::slot_of(handle)] = std::move(*output);
  }
  return first_error;
}

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
  if (const auto query = read_message<QueryMessage>(bytes)) {
    if (query->reserved != 0) return false;
    apply(now);
    for (std::size_t slot = 0; slot < kMaxLines; ++slot)
      if (table_.lines()[slot].claimed()) report(client, slot);
    return true;
  }
  const auto configure = read_message<ConfigureMessage>(bytes);
  return configure && on_configure(client, *configure, now);
}

bool Guard::on_configure(ClientId client, const ConfigureMessage& message, MonotonicTime now) {
  const auto name = text_from_wire(message.client);
  if (!name || name->empty() || message.count > kMaxClientLines) return false;
  FixedVector<OutputSpec, kMaxClientLines> specs;
  for (std::size_t i = 0; i < message.count; ++i) {
    const auto spec = from_wire(message.specs[i]);
    if (!spec || !specs.push_back(*spec)) return false;
  }
  const auto handles = configure(client, *name, {specs.data(), specs.size()}, now);
  ConfigureReply reply;
  reply.request = message.request;
  if (handles) {
    reply.ok = 1;
    reply.count = static_cast<std::uint32_t>(handles->size());
    for (std::size_t i = 0; i < handles->size(); ++i)
      reply.handles[i] = static_cast<std::uint64_t>((*handles)[i]);
  } else {
    reply.code = static_cast<std::uint32_t>(handles.error().code);
    text_to_wire(handles.error().message, reply.message);
  }
  sink_.send(sink_.context, client, as_message(reply));
  if (handles)
    for (const LineHandle handle : *handles) report(client, LeaseTable::slot_of(handle));
  return true;
}

Result<LineHandles> Guard::configure(ClientId client, const ClientName& name,
                                     std::span<const OutputSpec> specs, MonotonicTime now) {
  PINFER_TRY(const ConfigurePlan plan, plan_configure(table_.lines(), client, name, specs));
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (plan.moved.test(slot)) outputs_[slot].reset();
  auto opened = open_added(plan, specs);
  if (!opened) {
    reopen(plan.moved, now);
    return tl::unexpected(std::move(opened.error()));
  }
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) {
    if (!plan.drop.test(slot)) continue;
    outputs_[slot].reset();
    table_.remove(slot);
    faulty_.reset(slot);
  }
  LineHandles handles;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    LineHandle handle = LineHandle::none;
    if (plan.slots[i] == ConfigurePlan::kAdd) {
      handle = table_.add(specs[i], name, client, now);
      outputs_[LeaseTable::slot_of(handle)] = std::move((*opened)[i]);
    } else {
      const auto slot = static_cast<std::size_t>(plan.slots[i]);
      table_.adopt(slot, name, client);
      handle = table_.lines()[slot].handle;
    }
    if (!handles.push_back(handle)) return fail(ErrorCode::internal, "the guard lost count");
  }
  return handles;
}

Result<Guard::Opened> Guard::open_added(const ConfigurePlan& plan,
                                        std::span<const OutputSpec> specs) {
  Opened opened;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (plan.slots[i] != ConfigurePlan::kAdd) continue;
    PINFER_TRY(opened[i], open_(specs[i], context_));
  }
  return opened;
}

// The new table did not work out: the lines that had made room for it come back, safe.
void Guard::reopen(const std::bitset<kMaxLines>& slots, MonotonicTime now) {
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) {
    if (!slots.test(slot)) continue;
    table_.make_safe(slot, Cause::bad_config, now);
    auto output = open_(table_.lines()[slot].spec, context_);
    if (output) outputs_[slot] = std::move(*output);
  }
}

void Guard::on_client_gone(ClientId client, MonotonicTime now) noexcept {
  table_.drop_client(client, Cause::client_gone, now);
  apply(now);
}

void Guard::on_time(MonotonicTime now) noexcept {
  table_.expire(now);
  apply(now);
  if (faulty_.none() || now < next_retry_) return;
  next_retry_ = now + kRetryInterval;
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (faulty_.test(slot) && drive(slot)) faulty_.reset(slot);
}

void Guard::stop(MonotonicTime now) noexcept {
  table_.make_all_safe(Cause::service_stop, now);
  apply(now);
}

bool Guard::drive(std::size_t slot) noexcept {
  return outputs_[slot] != nullptr &&
         outputs_[slot]->set(table_.lines()[slot].active) == Status::ok;
}

// Makes the wires follow the table and tells the clients.
void Guard::apply(MonotonicTime now) noexcept {
  const std::bitset<kMaxLines> changed = table_.take_changed();
  if (changed.none()) return;
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) {
    if (!changed.test(slot)) continue;
    if (drive(slot)) {
      faulty_.reset(slot);
    } else {
      table_.make_safe(slot, Cause::line_fault, now);
      faulty_.set(slot, !drive(slot));
    }
    report(table_.lines()[slot].client, slot);
  }
  static_cast<void>(table_.take_changed());  // the faults that were just driven and reported
}

void Guard::report(ClientId client, std::size_t slot) noexcept {
  if (client == kNoClient) return;
  const LineReportMessage message = to_wire(report_of(table_.lines()[slot]));
  sink_.send(sink_.context, client, as_message(message));
}

std::optional<MonotonicTime> Guard::next_deadline() const noexcept {
  const auto expiry = table_.next_expiry();
  if (faulty_.none()) return expiry;
  return expiry ? std::min(*expiry, next_retry_) : next_retry_;
}

bool Guard::all_safe() const noexcept {
  return std::all_of(table_.lines().begin(), table_.lines().end(), [](const Line& line) {
    return !line.claimed() || line.active == line.spec.safe_active;
  });
}

SavedTable Guard::saved_table() const noexcept {
  SavedTable saved;
  for (const Line& line : table_.lines())
    if (line.claimed()) static_cast<void>(saved.push_back({line.spec, line.configured_by}));
  return saved;
}

}  // namespace pinfer
