// SPDX-License-Identifier: Apache-2.0
// Guard: owns every line; turns messages and time into levels. The sockets are in guard_loop.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <optional>
#include <span>

#include "apps/guard/configure_plan.h"
#include "apps/guard/lease_table.h"
#include "apps/guard/messages.h"
#include "apps/guard/saved_table.h"
#include "drivers/output/output.h"

namespace pinfer {

// Where answers and reports go. Must not block; may drop what the client does not read.
struct ReplySink {
  void* context = nullptr;
  void (*send)(void* context, ClientId client,
               std::span<const std::byte> message) noexcept = nullptr;
};

// create_output and create_input, or what a test puts in their place to break a wire.
struct GuardDrivers {
  decltype(&create_output) open_output = create_output;
  decltype(&create_input) open_input = create_input;
};

// Claims and drops lines only in configure() and claim(); only these and commands allocate.
class Guard final {
 public:
  Guard(const OutputContext& context, ReplySink sink, std::uint64_t serial,
        const GuardDrivers& drivers = {}) noexcept
      : context_(context), sink_(sink), drivers_(drivers), table_(serial) {}

  // Start: takes the lines of an earlier guard at their safe levels, for nobody yet, and its
  // e-stop. Goes on after a line that it cannot open, and returns the first such error.
  Result<void> claim(const SavedTable& saved, MonotonicTime now);

  // False when the message is malformed: the client's lines are safe, its connection must go.
  [[nodiscard]] bool on_message(ClientId client, std::span<const std::byte> bytes,
                                MonotonicTime now);
  void on_client_gone(ClientId client, MonotonicTime now) noexcept;
  void on_time(MonotonicTime now) noexcept;
  void stop(MonotonicTime now) noexcept;

  // When on_time() has to be called next.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const noexcept;
  [[nodiscard]] bool all_safe() const noexcept;
  [[nodiscard]] SavedTable saved_table() const noexcept;
  // Another number when saved_table() may say something else.
  [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
  [[nodiscard]] std::span<const Line, kMaxLines> lines() const noexcept { return table_.lines(); }
  [[nodiscard]] const EstopState& estop() const noexcept { return table_.estop(); }

 private:
  bool dispatch(ClientId client, std::span<const std::byte> bytes, MonotonicTime now);
  bool on_query(ClientId client, const QueryMessage& message, MonotonicTime now) noexcept;
  bool on_command(ClientId client, const CommandMessage& message, MonotonicTime now);
  Result<void> command(const CommandMessage& message, std::string_view output, MonotonicTime now);
  Result<std::size_t> find_line(std::string_view output) const;

  // guard_configure.cc
  bool on_configure(ClientId client, const ConfigureMessage& message, MonotonicTime now);
  struct Table {
    ClientName name;
    FixedVector<LineSpec, kMaxClientLines> specs;
    std::optional<LineSpec> estop;
  };
  static std::optional<Table> read_table(const ConfigureMessage& message) noexcept;
  Result<LineHandles> configure(ClientId client, const Table& table, MonotonicTime now);
  Result<LineHandles> configure_lines(ClientId client, const Table& table,
                                      const ConfigurePlan& plan, MonotonicTime now);
  using Opened = std::array<std::unique_ptr<Output>, kMaxClientLines>;
  Result<Opened> open_added(const ConfigurePlan& plan, std::span<const LineSpec> specs);
  void reopen(const std::bitset<kMaxLines>& slots, MonotonicTime now);

  // guard_estop.cc
  Result<void> check_estop(ClientId client, const Table& table, const ConfigurePlan& plan) const;
  [[nodiscard]] bool drops_estop(ClientId client, const Table& table) const noexcept;
  Result<std::unique_ptr<Input>> open_estop(const std::optional<LineSpec>& spec);
  void reopen_estop();
  void keep_estop(ClientId client, const Table& table, std::unique_ptr<Input> input,
                  MonotonicTime now);
  void sample_estop(MonotonicTime now) noexcept;

  void apply(MonotonicTime now) noexcept;
  void follow(std::size_t slot, MonotonicTime now) noexcept;
  bool drive(std::size_t slot) noexcept;
  void report(ClientId client, std::size_t slot) noexcept;
  void reply(ClientId client, std::uint32_t request, const Result<LineHandles>& result) noexcept;
  [[nodiscard]] bool any_stuck() const noexcept;

  // The input line of the e-stop. Without `input` nobody can read it: that counts as pressed.
  struct EstopLine {
    SavedLine saved;
    ClientId client = kNoClient;
    std::unique_ptr<Input> input;
  };

  OutputContext context_;
  ReplySink sink_;
  GuardDrivers drivers_;
  LeaseTable table_;
  std::array<std::unique_ptr<Output>, kMaxLines> outputs_;
  std::optional<EstopLine> estop_line_;
  MonotonicTime next_sample_;
  MonotonicTime next_retry_;  // of lines that are stuck
  std::uint64_t revision_ = 0;
};

}  // namespace pinfer
