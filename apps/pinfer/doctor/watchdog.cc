// SPDX-License-Identifier: Apache-2.0
// The hardware watchdog, and whether systemd feeds it in a time that it can count.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

constexpr std::string_view kClass = "/sys/class/watchdog/";

// "14", "10s", "1min 30s", "500ms"; nothing for "off", "default" and what is no time. Seconds.
std::optional<double> parse_time(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, double>, 12> kUnits = {{{"", 1.0},
                                                                           {"s", 1.0},
                                                                           {"sec", 1.0},
                                                                           {"second", 1.0},
                                                                           {"seconds", 1.0},
                                                                           {"ms", 1e-3},
                                                                           {"msec", 1e-3},
                                                                           {"us", 1e-6},
                                                                           {"m", 60.0},
                                                                           {"min", 60.0},
                                                                           {"minutes", 60.0},
                                                                           {"h", 3600.0}}};
  double total = 0.0;
  std::string_view rest = text;
  bool any = false;
  while (!rest.empty()) {
    if (rest.front() == ' ') {
      rest.remove_prefix(1);
      continue;
    }
    double number = 0.0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{}) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::size_t length = std::min(rest.find_first_of(" 0123456789"), rest.size());
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& candidate) {
      return candidate.first == rest.substr(0, length);
    });
    if (unit == kUnits.end()) return std::nullopt;
    rest.remove_prefix(length);
    total += number * unit->second;
    any = true;
  }
  return any ? std::optional(total) : std::nullopt;
}

// RuntimeWatchdogSec of systemd's manager: the last file that sets it counts, drop-ins by name, and
// one of /etc hides one of the same name elsewhere.
struct Setting {
  std::string value;
  std::string file;
};

std::string trim(const std::string& text) {
  const std::size_t start = text.find_first_not_of(" \t\r");
  if (start == std::string::npos) return "";
  return text.substr(start, text.find_last_not_of(" \t\r") - start + 1);
}

void read_setting(const SystemView& system, const std::string& file, Setting& setting) {
  for (const std::string& line : lines_of(system.read(file).value_or(""))) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || trim(line.substr(0, equals)) != "RuntimeWatchdogSec")
      continue;
    setting = {trim(line.substr(equals + 1)), file};
  }
}

Setting runtime_watchdog(const SystemView& system) {
  Setting setting;
  for (const char* file : {"/usr/lib/systemd/system.conf", "/etc/systemd/system.conf"})
    read_setting(system, file, setting);
  std::map<std::string, std::string> drop_ins;
  for (const std::string folder :
       {"/usr/lib/systemd/system.conf.d/", "/etc/systemd/system.conf.d/"})
    for (const std::string& name : system.list(folder))
      if (name.ends_with(".conf")) drop_ins[name] = folder + name;
  for (const auto& [name, file] : drop_ins) read_setting(system, file, setting);
  return setting;
}

// The first hardware watchdog, else the first of all; "" when there is none.
std::string find_watchdog(const SystemView& system) {
  std::string software;
  for (const std::string& name : system.list(std::string(kClass))) {
    const std::string folder = std::string(kClass) + name + "/";
    if (system.line(folder + "identity") != "Software Watchdog") return folder;
    if (software.empty()) software = folder;
  }
  return software;
}

bool check_device(const Inspection& in, Findings& out) {
  const std::string folder = find_watchdog(in.system);
  if (folder.empty()) {
    out.push_back({FindingId::watchdog_device, FindingSeverity::warning, "there is no watchdog",
                   "when the kernel hangs, the lines stay as they are until somebody comes",
                   in.board.watchdog_max_s > 0 ? "add dtparam=watchdog=on to config.txt and reboot"
                                               : "enable the watchdog of the board",
                   ""});
    return false;
  }
  const std::string identity = in.system.line(folder + "identity");
  if (identity == "Software Watchdog") {
    out.push_back({FindingId::watchdog_device, FindingSeverity::warning,
                   "the only watchdog is a software one",
                   "it does not survive a kernel panic: the lines stay as they are",
                   "enable the "
                   "hardware watchdog of the board",
                   ""});
  } else {
    out.push_back({FindingId::watchdog_device, FindingSeverity::ok,
                   fmt::format("hardware watchdog: {}", identity.empty() ? "yes" : identity), "",
                   "", ""});
  }
  return true;
}

void check_armed(const Inspection& in, Findings& out) {
  const Setting setting = runtime_watchdog(in.system);
  const auto seconds = parse_time(setting.value);
  const int most = in.board.watchdog_max_s;
  const std::string good = fmt::format(
      "set RuntimeWatchdogSec={}s in a file of "
      "/etc/systemd/system.conf.d/",
      most > 0 ? std::min(most - 1, 14) : 14);
  Finding finding{FindingId::watchdog_armed, FindingSeverity::ok, "", "", "", ""};
  if (!seconds || *seconds <= 0.0) {
    finding.severity = FindingSeverity::warning;
    finding.what = "nobody feeds the watchdog, so it watches nothing";
    finding.why =
        setting.value.empty() ? "" : fmt::format("{} says {}", setting.file, setting.value);
    finding.todo = good;
  } else if (most > 0 && *seconds > most) {
    finding.severity = FindingSeverity::danger;
    finding.what = fmt::format("a watchdog of {} is none on this board: it counts {} s at most",
                               setting.value, most);
    finding.why =
        fmt::format("{}; depending on the kernel it is refused, or fires early", setting.file);
    finding.todo = good;
  } else {
    finding.what = fmt::format("systemd feeds the watchdog, which fires after {}", setting.value);
  }
  out.push_back(std::move(finding));
}

}  // namespace

void check_watchdog(const Inspection& in, Findings& out) {
  if (check_device(in, out)) check_armed(in, out);
}

}  // namespace pinfer
