// SPDX-License-Identifier: Apache-2.0
// The guard's protocol: fixed-size messages over a Unix seqpacket socket, and their bounds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "apps/guard/cause.h"
#include "apps/guard/client.h"

namespace pinfer {

// Both ends run on one machine: fields are in its byte order. A message of another size, magic,
// version, type, or with a field out of its bounds is malformed: see README.md for what follows.
inline constexpr std::uint32_t kGuardMagic = 0x44524750;  // "PGRD"
inline constexpr std::uint16_t kGuardVersion = 2;

enum class MessageType : std::uint16_t {
  configure = 1,  // client -> guard
  lease = 2,      // client -> guard
  release = 3,    // client -> guard
  query = 4,      // client -> guard
  command = 5,    // client -> guard
  reply = 16,
  line_report = 17,
  guard_report = 18,
};

struct MessageHeader {
  std::uint32_t magic = kGuardMagic;
  std::uint16_t version = kGuardVersion;
  MessageType type{};
};

struct WireSpec {
  std::array<char, 32> name;      // NUL-padded, at least one NUL
  std::array<char, 16> driver;    // the same
  std::array<char, 128> chip;     // the same
  std::array<std::int64_t, 8> t;  // LineLimits in ns, in the order of its fields
  std::uint32_t max_edges;
  std::uint32_t interlocks;
  std::array<std::uint32_t, 3> pwm;      // PwmShape; the levels <= the period
  std::uint32_t offset;                  // <= kMaxOffset
  std::uint8_t active_low;               // 0 or 1
  std::uint8_t safe_active;              // 0 or 1
  std::uint8_t bias;                     // a Bias
  std::array<std::uint8_t, 5> reserved;  // 0
};
inline constexpr std::uint32_t kMaxOffset = 4095;

struct ConfigureMessage {
  MessageHeader header{.type = MessageType::configure};
  std::uint32_t request = 0;  // comes back in the reply
  std::uint32_t count = 0;    // <= kMaxClientLines
  std::array<char, 32> client{};
  std::array<WireSpec, kMaxClientLines> specs{};  // the first `count` are valid, the rest zero
  WireSpec estop{};                               // the e-stop line; no name: none
};

struct LeaseMessage {
  MessageHeader header{.type = MessageType::lease};
  std::uint64_t handle = 0;
  std::int64_t sent_at = 0;  // CLOCK_MONOTONIC in ns: the lease runs from here, not from arrival
  std::uint32_t ttl_ms = 0;  // 1 .. kMaxTtl
  std::uint32_t level = 0;   // 0 inactive, 1 active
};

struct ReleaseMessage {
  MessageHeader header{.type = MessageType::release};
  std::uint64_t handle = 0;
  std::uint32_t cause = 0;  // one of is_client_cause()
  std::uint32_t reserved = 0;
};

struct QueryMessage {
  MessageHeader header{.type = MessageType::query};
  std::uint64_t reserved = 0;
};

enum class Command : std::uint32_t { estop = 1, reset = 2, override_ = 3, end_override = 4 };

struct CommandMessage {
  MessageHeader header{.type = MessageType::command};
  std::uint32_t request = 0;  // comes back in the reply
  Command command{};
  std::uint32_t level = 0;        // override_: 0 inactive, 1 active
  std::uint32_t duration_ms = 0;  // override_: 1 .. kMaxOverride
  std::array<char, 32> output{};  // override_, end_override: its name
};

// To a configure and to a command.
struct ReplyMessage {
  MessageHeader header{.type = MessageType::reply};
  std::uint32_t request = 0;
  std::uint32_t ok = 0;    // 1: `handles` are valid; 0: `code` and `message` are
  std::uint32_t code = 0;  // an ErrorCode
  std::uint32_t count = 0;
  std::array<std::uint64_t, kMaxClientLines> handles{};
  std::array<char, 512> message{};
};

struct LineReportMessage {
  MessageHeader header{.type = MessageType::line_report};
  std::uint64_t handle = 0;
  std::int64_t since = 0;  // CLOCK_MONOTONIC in ns
  std::uint64_t edges = 0;
  std::int64_t until = 0;  // 0: nothing to wait for
  std::array<char, 32> name{};
  std::array<char, 32> client{};
  std::uint8_t active = 0;
  std::uint8_t safe_active = 0;
  std::uint8_t cause = 0;
  std::uint8_t owned = 0;
  std::array<std::uint8_t, 4> reserved{};
};

// The end of the answer to a query.
struct GuardReportMessage {
  MessageHeader header{.type = MessageType::guard_report};
  std::int64_t estop_since = 0;  // CLOCK_MONOTONIC in ns
  std::uint8_t estop_latched = 0;
  std::uint8_t estop_pressed = 0;
  std::uint8_t has_estop_line = 0;
  std::array<std::uint8_t, 5> reserved{};
};

inline constexpr std::size_t kMaxMessage = sizeof(ConfigureMessage);

template <class Message>
std::span<const std::byte> as_message(const Message& message) noexcept {
  return std::as_bytes(std::span(&message, 1));
}

// The message in `bytes` when it has Message's size and header, else nothing.
template <class Message>
std::optional<Message> read_message(std::span<const std::byte> bytes) noexcept;

// What kind of message `bytes` claims to be, when its header is good.
std::optional<MessageType> message_type(std::span<const std::byte> bytes) noexcept;

WireSpec to_wire(const LineSpec& spec) noexcept;

// Nothing when a field breaks its bounds (WireSpec, limits_fault()). Names are letters, digits,
// '_', '-', '.'.
std::optional<LineSpec> from_wire(const WireSpec& wire) noexcept;

LineReportMessage to_wire(const LineReport& report) noexcept;
std::optional<LineReport> from_wire(const LineReportMessage& wire) noexcept;
std::optional<GuardReport> from_wire(const GuardReportMessage& wire) noexcept;

// A NUL-padded text field of the wire as a FixedText; nothing when it has no NUL or bytes after it.
template <std::size_t N>
std::optional<FixedText<N - 1>> text_from_wire(const std::array<char, N>& field) noexcept {
  FixedText<N - 1> text;
  const std::string_view all(field.data(), field.size());
  const std::size_t end = all.find('\0');
  if (end == std::string_view::npos || all.find_first_not_of('\0', end) != std::string_view::npos ||
      !text.assign(all.substr(0, end)))
    return std::nullopt;
  return text;
}

template <std::size_t N>
void text_to_wire(std::string_view text, std::array<char, N>& field) noexcept {
  field.fill('\0');
  std::copy_n(text.begin(), std::min(text.size(), N - 1), field.begin());
}

template <class Message>
std::optional<Message> read_message(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() != sizeof(Message) || message_type(bytes) != Message{}.header.type)
    return std::nullopt;
  Message message;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::byte*>(&message));
  return message;
}

}  // namespace pinfer
