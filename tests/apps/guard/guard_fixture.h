// SPDX-License-Identifier: Apache-2.0
// The guard without its sockets: messages in, lines of a memory chip and answers out.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/guard/guard.h"
#include "drivers/output/memory_chip.h"
#include "tests/apps/guard/processes.h"

namespace pinfer::testing {

inline constexpr ClientId kAnna = 0;
inline constexpr ClientId kBert = 1;

class GuardFixture : public ::testing::Test {
 protected:
  LineSpec line(std::string_view name, std::uint32_t offset) const {
    return memory_line(name, folder.file("chip"), offset);
  }
  ReplyMessage configure(ClientId client, const std::vector<LineSpec>& specs,
                         std::string_view name = "anna",
                         const std::optional<LineSpec>& estop = std::nullopt) {
    ConfigureMessage message;
    message.request = ++request;
    message.count = static_cast<std::uint32_t>(specs.size());
    text_to_wire(name, message.client);
    for (std::size_t i = 0; i < specs.size(); ++i) message.specs[i] = to_wire(specs[i]);
    if (estop) message.estop = to_wire(*estop);
    EXPECT_TRUE(send(client, message));
    EXPECT_EQ(reply.request, request);
    return reply;
  }
  ReplyMessage command(ClientId client, Command what, std::string_view output = "",
                       bool level = false, std::uint32_t duration_ms = 0) {
    CommandMessage message;
    message.request = ++request;
    message.command = what;
    message.level = level ? 1 : 0;
    message.duration_ms = duration_ms;
    text_to_wire(output, message.output);
    EXPECT_TRUE(send(client, message));
    EXPECT_EQ(reply.request, request);
    return reply;
  }
  template <class Message>
  bool send(ClientId client, const Message& message) {
    return guard.on_message(client, as_message(message), now);
  }
  bool lease(ClientId client, std::uint64_t handle, bool active = true) {
    LeaseMessage message;
    message.handle = handle;
    message.sent_at = now.since_boot.count();
    message.ttl_ms = 500;
    message.level = active ? 1 : 0;
    return send(client, message);
  }
  MemoryLine wire(std::uint32_t offset) const {
    auto chip = MemoryChip::open(folder.file("chip"));
    return chip ? chip->read(offset) : MemoryLine{};
  }
  std::string error() const { return reply.message.data(); }

  static void keep(void* self, ClientId client, std::span<const std::byte> bytes) noexcept {
    auto& test = *static_cast<GuardFixture*>(self);
    if (const auto answer = read_message<ReplyMessage>(bytes)) test.reply = *answer;
    if (const auto wire = read_message<LineReportMessage>(bytes))
      test.reports[client].push_back(*from_wire(*wire));
    if (const auto wire = read_message<GuardReportMessage>(bytes)) test.status = from_wire(*wire);
  }

  TempFolder folder;
  MonotonicTime now{std::chrono::milliseconds(1000)};
  std::uint32_t request = 0;
  ReplyMessage reply;
  std::map<ClientId, std::vector<LineReport>> reports;
  std::optional<GuardReport> status;
  Guard guard{{}, {this, keep}, 1};
};

}  // namespace pinfer::testing
