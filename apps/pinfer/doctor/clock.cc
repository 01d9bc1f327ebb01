// SPDX-License-Identifier: Apache-2.0
// The date. Leases and rules run on the monotonic clock; the journal and certificates do not.
#include <chrono>

#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

constexpr std::int64_t kEarliest = 1735689600;  // 2025-01-01: older than any release of Pinfer

std::string date_of(std::int64_t seconds) {
  const auto day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

bool is_synchronized(const SystemView& system) {
  return system.exists("/run/systemd/timesync/synchronized") ||
         system.exists("/run/chrony/chronyd.pid") || system.exists("/run/ntpd.pid");
}

}  // namespace

void check_clock(const Inspection& in, Findings& out) {
  const std::int64_t now = in.system.now();
  if (now < kEarliest) {
    out.push_back({FindingId::clock_set, FindingSeverity::warning,
                   now == 0 ? "the date is not known" : "the clock is not set: " + date_of(now),
                   "the journal would have wrong times; decisions and leases do not need the date",
                   "connect a time server: timedatectl set-ntp true", ""});
  } else {
    out.push_back({FindingId::clock_set, FindingSeverity::ok, "the clock is set", "", "", ""});
  }
  const bool synchronized = is_synchronized(in.system);
  const bool battery = in.system.exists("/sys/class/rtc/rtc0");
  if (synchronized) {
    out.push_back({FindingId::clock_source, FindingSeverity::ok, "the clock follows a time server",
                   "", "", ""});
  } else if (battery) {
    out.push_back({FindingId::clock_source, FindingSeverity::ok,
                   "a real-time clock keeps the date; no time server corrects it", "", "", ""});
  } else {
    out.push_back({FindingId::clock_source, FindingSeverity::note,
                   "no real-time clock and no time server: the date is wrong after a power cut", "",
                   "timedatectl set-ntp true, or fit a real-time clock", ""});
  }
}

}  // namespace pinfer
