// SPDX-License-Identifier: Apache-2.0
// Guard: the input line of the e-stop. A line that cannot be read counts as pressed.
#include <algorithm>

#include "apps/guard/guard.h"

namespace pinfer {
namespace {

// Far below the time that a hand needs to press a button.
constexpr Duration kSampleInterval = std::chrono::milliseconds(10);

}  // namespace

bool Guard::drops_estop(ClientId client, const Table& table) const noexcept {
  if (!estop_line_ || table.estop) return false;
  return estop_line_->client == client ||
         (estop_line_->client == kNoClient && estop_line_->saved.client == table.name);
}

// No wire is an e-stop and an output, and no client changes the e-stop of another.
Result<void> Guard::check_estop(ClientId client, const Table& table,
                                const ConfigurePlan& plan) const {
  const std::optional<LineSpec> stays =
      estop_line_ ? std::optional(estop_line_->saved.spec) : std::nullopt;
  const std::optional<LineSpec> estop =
      table.estop ? table.estop : (drops_estop(client, table) ? std::nullopt : stays);
  if (!estop) return {};
  for (const LineSpec& spec : table.specs)
    if (spec.same_line(*estop))
      return fail(ErrorCode::config, "output {}: its line is the e-stop line {} already",
                  spec.name.view(), estop->name.view());
  if (!table.estop || table.estop == stays) return {};
  if (estop_line_ && estop_line_->client != kNoClient && estop_line_->client != client)
    return fail(ErrorCode::refused, "{}: {} has another e-stop line; give both the same one",
                estop->name.view(), estop_line_->saved.client.view());
  for (std::size_t slot = 0; slot < kMaxLines; ++slot) {
    const Line& line = table_.lines()[slot];
    if (line.claimed() && !plan.drop.test(slot) && line.spec.same_line(*estop))
      return fail(ErrorCode::refused, "{}: its line is the output {} of {}", estop->name.view(),
                  line.spec.name.view(), line.configured_by.view());
  }
  return {};
}

// The input for a new e-stop line; nothing when there is none, or the old one goes on.
Result<std::unique_ptr<Input>> Guard::open_estop(const std::optional<LineSpec>& spec) {
  if (!spec) return nullptr;
  if (estop_line_ && estop_line_->saved.spec == *spec && estop_line_->input != nullptr)
    return nullptr;
  // A driver does not open one line twice.
  if (estop_line_ && estop_line_->saved.spec.same_line(*spec)) estop_line_->input.reset();
  auto input = drivers_.open_input(*spec, context_);
  if (!input) reopen_estop();
  return input;
}

void Guard::reopen_estop() {
  if (!estop_line_ || estop_line_->input != nullptr) return;
  auto input = drivers_.open_input(estop_line_->saved.spec, context_);
  if (input) estop_line_->input = std::move(*input);
}

void Guard::keep_estop(ClientId client, const Table& table, std::unique_ptr<Input> input,
                       MonotonicTime now) {
  if (drops_estop(client, table)) {
    estop_line_.reset();
    table_.note_estop_line(false, now);
  }
  if (!table.estop) return;
  if (input == nullptr) input = std::move(estop_line_->input);
  estop_line_.emplace(EstopLine{{*table.estop, table.name}, client, std::move(input)});
  sample_estop(now);
}

void Guard::sample_estop(MonotonicTime now) noexcept {
  if (!estop_line_) return;
  next_sample_ = now + kSampleInterval;
  bool pressed = true;
  const bool known =
      estop_line_->input != nullptr && estop_line_->input->read(pressed) == Status::ok;
  const bool was_latched = table_.estop().latched;
  table_.note_estop_line(!known || pressed, now);
  if (table_.estop().latched != was_latched) ++revision_;
}

}  // namespace pinfer
