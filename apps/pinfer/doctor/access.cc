// SPDX-License-Identifier: Apache-2.0
// The service, its user, and whether that user may open the devices.
#include <algorithm>
#include <array>

#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

constexpr const char* kUser = "pinfer";
constexpr std::array kUnitFolders = {"/etc/systemd/system/", "/usr/lib/systemd/system/",
                                     "/lib/systemd/system/"};

std::optional<std::string> read_unit(const SystemView& system, const std::string& unit) {
  for (const char* folder : kUnitFolders)
    if (auto text = system.read(folder + unit)) return text;
  return std::nullopt;
}

void check_unit(const Inspection& in, Findings& out) {
  constexpr const char* kUnit = "pinfer-guard.service";
  const auto unit = read_unit(in.system, kUnit);
  if (!unit) {
    out.push_back({FindingId::guard_unit, FindingSeverity::note,
                   "pinfer-guard is not installed as a service",
                   "pinfer run starts a guard of its own, which nobody restarts",
                   "install the package, or the units of systemd/", ""});
    return;
  }
  const bool safe_now = unit->find("--safe-now") != std::string::npos;
  const bool enabled =
      in.system.exists(std::string("/etc/systemd/system/multi-user.target.wants/") + kUnit);
  if (!safe_now) {
    out.push_back({FindingId::guard_unit, FindingSeverity::danger,
                   "pinfer-guard.service does not drive the lines safe when the guard dies", "",
                   "add ExecStopPost=/usr/bin/pinfer-guard --safe-now to the unit", ""});
  } else if (!enabled) {
    out.push_back({FindingId::guard_unit, FindingSeverity::note,
                   "pinfer-guard.service is installed but does not start at boot", "",
                   "systemctl enable --now pinfer-guard pinferd", ""});
  } else {
    out.push_back({FindingId::guard_unit, FindingSeverity::ok,
                   "pinfer-guard.service starts at boot and drives the lines safe when it dies", "",
                   "", ""});
  }
}

// A line "<name>:..." of /etc/passwd or /etc/group.
bool has_entry(const SystemView& system, const std::string& file, const std::string& name) {
  for (const std::string& line : lines_of(system.read(file).value_or("")))
    if (line.starts_with(name + ":")) return true;
  return false;
}

// "gpio:x:993:pi,pinfer"
bool is_member(const SystemView& system, const std::string& group, const std::string& user) {
  for (const std::string& line : lines_of(system.read("/etc/group").value_or(""))) {
    if (!line.starts_with(group + ":")) continue;
    const std::string members = "," + line.substr(line.rfind(':') + 1) + ",";
    if (members.find("," + user + ",") != std::string::npos) return true;
  }
  return false;
}

// True when the service gives the group to its process, whoever is a member.
bool is_given(const SystemView& system, const std::string& group, const std::string& service) {
  for (const std::string& line : lines_of(read_unit(system, service).value_or("")))
    if (line.starts_with("SupplementaryGroups=") && line.find(group) != std::string::npos)
      return true;
  return false;
}

void check_user(const Inspection& in, Findings& out) {
  if (!has_entry(in.system, "/etc/passwd", kUser)) {
    out.push_back({FindingId::service_user, FindingSeverity::note,
                   "there is no user pinfer, which the services run as", "",
                   "install the package, or systemd/'s sysusers file", ""});
    return;
  }
  constexpr std::array<std::array<const char*, 3>, 2> kNeeds = {
      {{"gpio", "pinfer-guard.service", "the lines"}, {"video", "pinferd.service", "the camera"}}};
  const auto before = out.size();
  for (const auto& [group, service, what] : kNeeds) {
    Finding finding{FindingId::service_user, FindingSeverity::warning, "", "", "", ""};
    if (!has_entry(in.system, "/etc/group", group)) {
      finding.what = fmt::format("there is no group {}", group);
      finding.why = fmt::format("{} does not start without it", service);
      finding.todo = fmt::format("groupadd --system {}", group);
    } else if (!is_member(in.system, group, kUser) && !is_given(in.system, group, service)) {
      finding.what = fmt::format("the user pinfer is not in the group {}", group);
      finding.why = fmt::format("it may not open {}", what);
      finding.todo = fmt::format("usermod -aG {} pinfer", group);
    } else {
      continue;
    }
    out.push_back(std::move(finding));
  }
  if (out.size() > before) return;
  out.push_back({FindingId::service_user, FindingSeverity::ok,
                 "the user pinfer may open the lines and the camera", "", "", ""});
}

void check_device(const Inspection& in, Findings& out) {
  if (!in.uses_gpio()) return;
  std::string closed;
  int chips = 0;
  constexpr unsigned kGroupReadWrite = 060;
  for (const std::string& name : in.system.list("/dev")) {
    if (!name.starts_with("gpiochip")) continue;
    ++chips;
    const unsigned mode = in.system.mode("/dev/" + name).value_or(0);
    if ((mode & kGroupReadWrite) != kGroupReadWrite && closed.empty()) closed = "/dev/" + name;
  }
  if (chips == 0) {
    out.push_back({FindingId::gpio_device, FindingSeverity::danger,
                   "there is no /dev/gpiochip*: no line can be driven",
                   "the kernel has no GPIO character devices", "use a kernel with CONFIG_GPIO_CDEV",
                   ""});
  } else if (!closed.empty()) {
    out.push_back({FindingId::gpio_device, FindingSeverity::warning,
                   closed + " is closed to group gpio", "only root may drive lines",
                   "add the udev rule SUBSYSTEM==\"gpio\", KERNEL==\"gpiochip*\", GROUP=\"gpio\", "
                   "MODE=\"0660\"",
                   ""});
  } else {
    out.push_back({FindingId::gpio_device, FindingSeverity::ok,
                   fmt::format("the group may open {} GPIO chip{}", chips, chips == 1 ? "" : "s"),
                   "", "", ""});
  }
}

}  // namespace

void check_access(const Inspection& in, Findings& out) {
  check_unit(in, out);
  check_user(in, out);
  check_device(in, out);
}

}  // namespace pinfer
