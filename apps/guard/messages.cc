// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/messages.h"

#include <cstring>

namespace pinfer {
namespace {

// No padding bytes: what one end does not write, the other must not see.
static_assert(std::has_unique_object_representations_v<WireSpec>);
static_assert(std::has_unique_object_representations_v<ConfigureMessage>);
static_assert(std::has_unique_object_representations_v<LeaseMessage>);
static_assert(std::has_unique_object_representations_v<ReleaseMessage>);
static_assert(std::has_unique_object_representations_v<QueryMessage>);
static_assert(std::has_unique_object_representations_v<ConfigureReply>);
static_assert(std::has_unique_object_representations_v<LineReportMessage>);

bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

bool is_printable(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::optional<MessageType> message_type(std::span<const std::byte> bytes) noexcept {
  MessageHeader header;
  if (bytes.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kGuardMagic || header.version != kGuardVersion) return std::nullopt;
  return header.type;
}

WireSpec to_wire(const OutputSpec& spec) noexcept {
  WireSpec wire{};
  text_to_wire(spec.name.view(), wire.name);
  text_to_wire(spec.driver.view(), wire.driver);
  text_to_wire(spec.chip.view(), wire.chip);
  wire.offset = spec.offset;
  wire.active_low = spec.active_low ? 1 : 0;
  wire.safe_active = spec.safe_active ? 1 : 0;
  wire.bias = static_cast<std::uint8_t>(spec.bias);
  return wire;
}

std::optional<OutputSpec> from_wire(const WireSpec& wire) noexcept {
  const auto name = text_from_wire(wire.name);
  const auto driver = text_from_wire(wire.driver);
  const auto chip = text_from_wire(wire.chip);
  if (!name || !driver || !chip || !is_name(name->view()) || !is_name(driver->view()) ||
      !is_printable(chip->view()))
    return std::nullopt;
  if (wire.offset > kMaxOffset || wire.active_low > 1 || wire.safe_active > 1 ||
      wire.bias > static_cast<std::uint8_t>(Bias::pull_down) || wire.reserved != 0)
    return std::nullopt;
  OutputSpec spec;
  spec.name = *name;
  spec.driver = *driver;
  spec.chip = *chip;
  spec.offset = wire.offset;
  spec.active_low = wire.active_low == 1;
  spec.safe_active = wire.safe_active == 1;
  spec.bias = static_cast<Bias>(wire.bias);
  return spec;
}

LineReportMessage to_wire(const LineReport& report) noexcept {
  LineReportMessage wire;
  wire.handle = static_cast<std::uint64_t>(report.handle);
  wire.since = report.since.since_boot.count();
  wire.edges = report.edges;
  text_to_wire(report.name.view(), wire.name);
  wire.active = report.active ? 1 : 0;
  wire.safe_active = report.safe_active ? 1 : 0;
  wire.cause = static_cast<std::uint8_t>(report.cause);
  return wire;
}

std::optional<LineReport> from_wire(const LineReportMessage& wire) noexcept {
  const auto name = text_from_wire(wire.name);
  if (!name || wire.active > 1 || wire.safe_active > 1 || wire.cause >= kCauseCount)
    return std::nullopt;
  return LineReport{LineHandle{wire.handle},
                    *name,
                    wire.active == 1,
                    wire.safe_active == 1,
                    static_cast<Cause>(wire.cause),
                    MonotonicTime{Duration(wire.since)},
                    wire.edges};
}

}  // namespace pinfer
