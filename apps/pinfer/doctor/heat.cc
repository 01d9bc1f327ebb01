// SPDX-License-Identifier: Apache-2.0
// Temperature, throttling, supply.
#include <array>

#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

constexpr std::string_view kZones = "/sys/class/thermal/";
constexpr int kNear = 10;              // degrees below the limit that deserve a word
constexpr int kUsualThrottlesAt = 85;  // where neither board nor zone tells

// Bits of the Raspberry Pi firmware; the same 16 places higher: since boot.
constexpr std::int64_t kUndervoltage = 1 << 0, kClockCapped = 1 << 1, kThrottled = 1 << 2,
                       kSoftLimit = 1 << 3;
constexpr int kSinceBoot = 16;

// The folder of the zone that the board names, else of the first one.
std::string zone_of(const Inspection& in) {
  std::string first;
  std::vector<std::string> zones;
  for (const std::string& name : in.system.list(std::string(kZones)))
    if (name.starts_with("thermal_zone")) zones.push_back(std::string(kZones) + name + "/");
  for (const std::string& wanted : in.board.heat.zones)
    for (const std::string& zone : zones)
      if (in.system.line(zone + "type") == wanted) return zone;
  return zones.empty() ? "" : zones.front();
}

// Degrees at which the clock goes down: of the board, else the zone's first passive trip point; 0:
// neither tells.
int throttles_at(const Inspection& in, const std::string& zone) {
  if (in.board.heat.throttles_at > 0) return in.board.heat.throttles_at;
  constexpr int kMaxTrips = 12;
  int limit = 0;
  for (int i = 0; i < kMaxTrips; ++i) {
    const std::string trip = fmt::format("{}trip_point_{}_", zone, i);
    const auto temperature = in.system.number(trip + "temp");
    if (in.system.line(trip + "type") != "passive" || !temperature) continue;
    const int degrees = static_cast<int>(*temperature / 1000);
    if (limit == 0 || degrees < limit) limit = degrees;
  }
  return limit;
}

void check_temperature(const Inspection& in, Findings& out) {
  const std::string zone = zone_of(in);
  const auto millidegrees = zone.empty() ? std::nullopt : in.system.number(zone + "temp");
  if (!millidegrees) {
    out.push_back({FindingId::temperature, FindingSeverity::note, "the temperature cannot be read",
                   "", "", ""});
    return;
  }
  const int degrees = static_cast<int>(*millidegrees / 1000);
  const int known = throttles_at(in, zone);
  const int limit = known > 0 ? known : kUsualThrottlesAt;
  Finding finding{FindingId::temperature,
                  FindingSeverity::ok,
                  fmt::format("{} degrees, throttling {} {}", degrees,
                              known > 0 ? "starts at" : "is assumed to start at", limit),
                  "",
                  "",
                  ""};
  if (degrees >= limit - kNear) {
    finding.severity = degrees >= limit ? FindingSeverity::warning : FindingSeverity::note;
    finding.why = "a slower clock makes frames late, and late frames decide nothing";
    finding.todo = "cool the board";
  }
  out.push_back(std::move(finding));
}

void add_throttled(std::int64_t bits, Findings& out) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 3> kCauses = {
      {{kClockCapped, "clock capped"}, {kThrottled, "throttled"}, {kSoftLimit, "soft limit"}}};
  std::string now, before;
  for (const auto& [bit, word] : kCauses) {
    if ((bits & bit) != 0) now += (now.empty() ? "" : ", ") + std::string(word);
    if ((bits & (bit << kSinceBoot)) != 0)
      before += (before.empty() ? "" : ", ") + std::string(word);
  }
  Finding finding{FindingId::throttled,
                  FindingSeverity::ok,
                  "the firmware has not held the clock down since boot",
                  "",
                  "",
                  ""};
  if (!now.empty()) {
    finding.severity = FindingSeverity::warning;
    finding.what = "the firmware holds the clock down now: " + now;
    finding.why = "frames take longer than measured on a cool board";
    finding.todo = "cool the board, and see to its supply";
  } else if (!before.empty()) {
    finding.severity = FindingSeverity::note;
    finding.what = "the firmware has held the clock down since boot: " + before;
    finding.todo = "watch the temperature under load";
  }
  out.push_back(std::move(finding));
}

void add_undervoltage(bool now, bool before, const std::string& source, Findings& out) {
  Finding finding{FindingId::undervoltage,
                  FindingSeverity::ok,
                  "the supply has been good since boot",
                  source,
                  "",
                  ""};
  if (now || before) {
    finding.severity = now ? FindingSeverity::danger : FindingSeverity::warning;
    finding.what = now ? "the supply is too weak now" : "the supply was too weak since boot";
    finding.why = fmt::format("undervoltage resets boards and corrupts cards ({})", source);
    finding.todo = "use a stronger supply and a shorter, thicker cable";
  }
  out.push_back(std::move(finding));
}

// hwmon rpi_volt: one alarm that stays until it is read.
std::optional<bool> voltage_alarm(const SystemView& system) {
  constexpr std::string_view kHwmon = "/sys/class/hwmon/";
  for (const std::string& name : system.list(std::string(kHwmon))) {
    const std::string folder = std::string(kHwmon) + name + "/";
    if (system.line(folder + "name") != "rpi_volt") continue;
    if (const auto alarm = system.number(folder + "in0_lcrit_alarm")) return *alarm != 0;
  }
  return std::nullopt;
}

}  // namespace

void check_heat(const Inspection& in, Findings& out) {
  check_temperature(in, out);
  const std::string& file = in.board.heat.throttled;
  const auto bits = file.empty() ? std::nullopt : in.system.number(file, 16);
  if (bits) {
    add_throttled(*bits, out);
    add_undervoltage((*bits & kUndervoltage) != 0, (*bits & (kUndervoltage << kSinceBoot)) != 0,
                     "get_throttled", out);
    return;
  }
  const bool is_pi = in.board.id.starts_with("raspberry-pi");
  if (const auto alarm = voltage_alarm(in.system)) {
    add_undervoltage(false, *alarm, "hwmon rpi_volt", out);
  } else if (is_pi) {
    out.push_back({FindingId::undervoltage, FindingSeverity::note,
                   "this kernel does not tell of undervoltage", "", "see vcgencmd get_throttled",
                   ""});
  }
  if (is_pi) {
    out.push_back({FindingId::throttled, FindingSeverity::note,
                   "this kernel does not tell of throttling", "", "see vcgencmd get_throttled",
                   ""});
  }
}

}  // namespace pinfer
