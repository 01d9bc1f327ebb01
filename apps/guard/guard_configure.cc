// SPDX-License-Identifier: Apache-2.0
// Guard: which lines there are. Everything here may allocate and open devices.
#include "apps/guard/guard.h"

namespace pinfer {

Result<void> Guard::claim(const SavedTable& saved, MonotonicTime now) {
  Result<void> first_error;
  if (saved.estop) {
    estop_line_.emplace(EstopLine{*saved.estop, kNoClient, nullptr});
    reopen_estop();
  }
  if (saved.estop_latched) table_.press_estop(now);
  for (const SavedLine& line : saved.lines) {
    auto output = drivers_.open_output(line.spec, context_);
    if (!output) {
      if (first_error) first_error = tl::unexpected(std::move(output.error()));
      continue;
    }
    const LineHandle handle =
        table_.add(line.spec, line.client, kNoClient, now, LeaseTable::Before::unknown);
    outputs_[LeaseTable::slot_of(handle)] = std::move(*output);
  }
  sample_estop(now);
  return first_error;
}

std::optional<Guard::Table> Guard::read_table(const ConfigureMessage& message) noexcept {
  Table table;
  const auto name = text_from_wire(message.client);
  if (!name || name->empty() || message.count > kMaxClientLines) return std::nullopt;
  table.name = *name;
  for (std::size_t i = 0; i < message.count; ++i) {
    const auto spec = from_wire(message.specs[i]);
    if (!spec) return std::nullopt;
    static_cast<void>(table.specs.push_back(*spec));
  }
  if (message.estop.name[0] == '\0') return table;
  table.estop = from_wire(message.estop);
  if (!table.estop || table.estop->limits != LineLimits{}) return std::nullopt;
  return table;
}

bool Guard::on_configure(ClientId client, const ConfigureMessage& message, MonotonicTime now) {
  const auto table = read_table(message);
  if (!table) return false;
  const auto handles = configure(client, *table, now);
  ++revision_;
  reply(client, message.request, handles);
  if (handles)
    for (const LineHandle handle : *handles) report(client, LeaseTable::slot_of(handle));
  return true;
}

Result<LineHandles> Guard::configure(ClientId client, const Table& table, MonotonicTime now) {
  PINFER_TRY(const ConfigurePlan plan, plan_configure(table_.lines(), client, table.name,
                                                      {table.specs.data(), table.specs.size()}));
  PINFER_CHECK(check_estop(client, table, plan));
  PINFER_TRY(std::unique_ptr<Input> input, open_estop(table.estop));
  auto handles = configure_lines(client, table, plan, now);
  if (!handles) {
    input.reset();
    reopen_estop();
    return handles;
  }
  keep_estop(client, table, std::move(input), now);
  return handles;
}

Result<LineHandles> Guard::configure_lines(ClientId client, const Table& table,
                                           const ConfigurePlan& plan, MonotonicTime now) {
  for (std::size_t slot = 0; slot < kMaxLines; ++slot)
    if (plan.moved.test(slot)) outputs_[slot].reset();
  auto opened = open_added(plan, {table.specs.data(), table.specs.size()});
  if (!opened) {
    reopen(plan.moved, now);
    return tl::unexpected(std::move(opened.error()));
  }
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) {
    if (!plan.drop.test(slot)) continue;
    outputs_[slot].reset();
    table_.remove(slot, now);
  }
  LineHandles handles;
  for (std::size_t i = 0; i < table.specs.size(); ++i) {
    LineHandle handle = LineHandle::none;
    if (plan.slots[i] == ConfigurePlan::kAdd) {
      handle = table_.add(table.specs[i], table.name, client, now);
      outputs_[LeaseTable::slot_of(handle)] = std::move((*opened)[i]);
    } else {
      const auto slot = static_cast<std::size_t>(plan.slots[i]);
      table_.adopt(slot, table.name, client);
      handle = table_.lines()[slot].handle;
    }
    static_cast<void>(handles.push_back(handle));
  }
  return handles;
}

Result<Guard::Opened> Guard::open_added(const ConfigurePlan& plan,
                                        std::span<const LineSpec> specs) {
  Opened opened;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (plan.slots[i] != ConfigurePlan::kAdd) continue;
    PINFER_TRY(opened[i], drivers_.open_output(specs[i], context_));
  }
  return opened;
}

// The new table did not work out: the lines that had made room for it come back, safe.
void Guard::reopen(const std::bitset<kMaxLines>& slots, MonotonicTime now) {
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) {
    if (!slots.test(slot)) continue;
    table_.make_safe(slot, Cause::bad_config, now);
    auto output = drivers_.open_output(table_.lines()[slot].spec, context_);
    if (output) outputs_[slot] = std::move(*output);
  }
}

}  // namespace pinfer
