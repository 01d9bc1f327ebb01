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
static_assert(std::has_unique_object_representations_v<CommandMessage>);
static_assert(std::has_unique_object_representations_v<GuardReportMessage>);
static_assert(std::has_unique_object_representations_v<ReplyMessage>);
static_assert(std::has_unique_object_representations_v<LineReportMessage>);

constexpr std::array<std::uint8_t, 5> kZeros{};

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

WireSpec to_wire(const LineSpec& spec) noexcept {
  const LineLimits& limits = spec.limits;
  WireSpec wire{};
  text_to_wire(spec.name.view(), wire.name);
  text_to_wire(spec.driver.view(), wire.driver);
  text_to_wire(spec.chip.view(), wire.chip);
  wire.t = {limits.min_on.count(),      limits.min_off.count(),  limits.max_on.count(),
            limits.cool_down.count(),   limits.duty_on.count(),  limits.duty_window.count(),
            limits.edge_window.count(), limits.dead_time.count()};
  wire.max_edges = limits.max_edges;
  wire.interlocks = limits.interlocks;
  wire.pwm = {spec.pwm.period, spec.pwm.inactive, spec.pwm.active};
  wire.offset = spec.offset;
  wire.active_low = spec.active_low ? 1 : 0;
  wire.safe_active = spec.safe_active ? 1 : 0;
  wire.bias = static_cast<std::uint8_t>(spec.bias);
  return wire;
}

std::optional<LineSpec> from_wire(const WireSpec& wire) noexcept {
  const auto name = text_from_wire(wire.name);
  const auto driver = text_from_wire(wire.driver);
  const auto chip = text_from_wire(wire.chip);
  if (!name || !driver || !chip || !is_name(name->view()) || !is_name(driver->view()) ||
      !is_printable(chip->view()))
    return std::nullopt;
  if (wire.offset > kMaxOffset || wire.active_low > 1 || wire.safe_active > 1 ||
      wire.bias > static_cast<std::uint8_t>(Bias::pull_down) || wire.reserved != kZeros)
    return std::nullopt;
  LineSpec spec;
  spec.name = *name;
  spec.driver = *driver;
  spec.chip = *chip;
  spec.offset = wire.offset;
  spec.active_low = wire.active_low == 1;
  spec.safe_active = wire.safe_active == 1;
  spec.bias = static_cast<Bias>(wire.bias);
  spec.pwm = {wire.pwm[0], wire.pwm[1], wire.pwm[2]};
  spec.limits = {.min_on = Duration(wire.t[0]),
                 .min_off = Duration(wire.t[1]),
                 .max_on = Duration(wire.t[2]),
                 .cool_down = Duration(wire.t[3]),
                 .duty_on = Duration(wire.t[4]),
                 .duty_window = Duration(wire.t[5]),
                 .edge_window = Duration(wire.t[6]),
                 .max_edges = wire.max_edges,
                 .interlocks = wire.interlocks,
                 .dead_time = Duration(wire.t[7])};
  if (std::max(spec.pwm.inactive, spec.pwm.active) > spec.pwm.period || !limits_fault(spec).empty())
    return std::nullopt;
  return spec;
}

LineReportMessage to_wire(const LineReport& report) noexcept {
  LineReportMessage wire;
  wire.handle = static_cast<std::uint64_t>(report.handle);
  wire.since = report.since.since_boot.count();
  wire.edges = report.edges;
  wire.until = report.until.since_boot.count();
  text_to_wire(report.name.view(), wire.name);
  text_to_wire(report.client.view(), wire.client);
  wire.owned = report.owned ? 1 : 0;
  wire.active = report.active ? 1 : 0;
  wire.safe_active = report.safe_active ? 1 : 0;
  wire.cause = static_cast<std::uint8_t>(report.cause);
  return wire;
}

std::optional<LineReport> from_wire(const LineReportMessage& wire) noexcept {
  const auto name = text_from_wire(wire.name);
  const auto client = text_from_wire(wire.client);
  if (!name || !client || wire.active > 1 || wire.safe_active > 1 || wire.owned > 1 ||
      wire.cause >= kCauseCount)
    return std::nullopt;
  return LineReport{LineHandle{wire.handle},
                    *name,
                    wire.active == 1,
                    wire.safe_active == 1,
                    static_cast<Cause>(wire.cause),
                    MonotonicTime{Duration(wire.since)},
                    wire.edges,
                    MonotonicTime{Duration(wire.until)},
                    *client,
                    wire.owned == 1};
}

std::optional<GuardReport> from_wire(const GuardReportMessage& wire) noexcept {
  if (wire.estop_latched > 1 || wire.estop_pressed > 1 || wire.has_estop_line > 1)
    return std::nullopt;
  return GuardReport{wire.estop_latched == 1, wire.estop_pressed == 1, wire.has_estop_line == 1,
                     MonotonicTime{Duration(wire.estop_since)}};
}

}  // namespace pinfer
