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

// Claims and drops lines only in configure() and claim(); everything else allocates nothing.
class Guard final {
 public:
  // `open` is create_output, or what a test puts in its place to break a wire.
  using OpenOutput = decltype(&create_output);
  Guard(const OutputContext& context, ReplySink sink, std::uint64_t serial,
        OpenOutput open = create_output) noexcept
      : context_(context), sink_(sink), open_(open), table_(serial) {}

  // Start: takes the lines of an earlier guard at their safe levels, for nobody yet. Goes on after
  // a line that it cannot open, and returns the first such error.
  Result<void> claim(std::span<const SavedLine> lines, MonotonicTime now);

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
  [[nodiscard]] std::span<const Line, kMaxLines> lines() const noexcept { return table_.lines(); }

 private:
  bool dispatch(ClientId client, std::span<const std::byte> bytes, MonotonicTime now);
  bool on_configure(ClientId client, const ConfigureMessage& message, MonotonicTime now);
  Result<LineHandles> configure(ClientId client, const ClientName& name,
                                std::span<const OutputSpec> specs, MonotonicTime now);
  using Opened = std::array<std::unique_ptr<Output>, kMaxClientLines>;
  Result<Opened> open_added(const ConfigurePlan& plan, std::span<const OutputSpec> specs);
  void reopen(const std::bitset<kMaxLines>& slots, MonotonicTime now);
  void apply(MonotonicTime now) noexcept;
  bool drive(std::size_t slot) noexcept;
  void report(ClientId client, std::size_t slot) noexcept;

  OutputContext context_;
  ReplySink sink_;
  OpenOutput open_;
  LeaseTable table_;
  std::array<std::unique_ptr<Output>, kMaxLines> outputs_;
  std::bitset<kMaxLines> faulty_;  // the wire did not follow: the safe level is tried again
  MonotonicTime next_retry_;
};

}  // namespace pinfer
