// SPDX-License-Identifier: Apache-2.0
// What the lines of this machine do when the process that owns them dies.
#include "apps/pinfer/doctor/boot_files.h"
#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

// What the answer rests on: "persist_gpio_outputs is Y", "Jetson Linux 36.4".
std::string source_of(const Inspection& in) {
  const BoardAfterRelease& after = in.board.after_release;
  if (!after.jetson_linux.empty()) {
    const std::string version = jetson_linux_version(in.system.line("/etc/nv_tegra_release"));
    return version.empty() ? "/etc/nv_tegra_release does not tell the release of Jetson Linux"
                           : "Jetson Linux " + version;
  }
  if (after.parameter.empty()) return "the board file does not tell";
  const std::string value = in.system.line(after.parameter);
  const std::string name = after.parameter.substr(after.parameter.rfind('/') + 1);
  return value.empty() ? "this kernel has no parameter " + name
                       : fmt::format("the kernel's {} is {}", name, value);
}

Finding survive(const Inspection& in, AfterRelease line) {
  const std::string source = source_of(in);
  const std::string change = in.board.after_release.change;
  Finding finding{FindingId::lines_survive_crash, FindingSeverity::danger, "", "", "", ""};
  switch (line) {
    case AfterRelease::keeps:
      finding.what = "outputs survive a crash: YES (dangerous)";
      finding.why = fmt::format(
          "a line whose owner dies keeps its last level: an \"on\" stays on until somebody drives "
          "it off ({})",
          source);
      finding.todo = change;
      break;
    case AfterRelease::floats:
      finding.what = "outputs float after a crash (dangerous)";
      finding.why = fmt::format(
          "the pad of a line whose owner dies goes back to its special function and may read as "
          "either level ({})",
          source);
      finding.todo = change;
      break;
    case AfterRelease::input:
    case AfterRelease::safe:
      finding.severity = FindingSeverity::ok;
      finding.what = "outputs survive a crash: no";
      finding.why =
          line == AfterRelease::safe
              ? "the line of a dead owner shows its safe level"
              : fmt::format("the line of a dead owner becomes an input: its pull decides ({})",
                            source);
      break;
    case AfterRelease::unknown:
      finding.severity = FindingSeverity::warning;
      finding.what = "outputs survive a crash: not known here, so count on it";
      finding.why = source;
      finding.todo = "measure it with pinfer gpio release-test OUTPUT, and fit pull resistors";
      break;
  }
  return finding;
}

// Raspberry Pi's own kernels keep levels unless told otherwise; Debian's do not.
bool keeps_by_default(const SystemView& system) {
  const std::string release = system.line("/proc/sys/kernel/osrelease");
  for (const char* mark : {"rpi", "-v8", "-v7", "-v6"})
    if (release.find(mark) != std::string::npos) return true;
  return false;
}

// The setting of the running kernel and the one of the next boot may differ.
void check_pending(const Inspection& in, AfterRelease now, Findings& out) {
  const std::string& parameter = in.board.after_release.parameter;
  if (parameter.empty() || in.system.line(parameter).empty()) return;
  const std::vector<std::string> config = boot_config(in.system);
  const std::string command_line = in.system.line("/proc/cmdline");
  const bool asked = asks_for_strict_gpiod(config) ||
                     command_line.find("persist_gpio_outputs=") != std::string::npos;
  if (now == AfterRelease::keeps && asks_for_strict_gpiod(config)) {
    out.push_back({FindingId::lines_change_pending, FindingSeverity::note,
                   "config.txt asks for strict_gpiod, the running kernel does not have it yet", "",
                   "reboot", ""});
  }
  if (now == AfterRelease::input && !asked && !config.empty() && keeps_by_default(in.system)) {
    out.push_back({FindingId::lines_change_pending, FindingSeverity::warning,
                   "outputs go safe after a crash only until the next reboot",
                   "neither config.txt nor the kernel's command line asks for it",
                   "add dtparam=strict_gpiod to /boot/firmware/config.txt", ""});
  }
}

}  // namespace

void check_lines(const Inspection& in, Findings& out) {
  if (!in.uses_gpio()) {
    out.push_back({FindingId::lines_survive_crash, FindingSeverity::ok,
                   "no output is a line of a GPIO chip", "", "", ""});
    return;
  }
  const AfterRelease line =
      after_release(in.board, in.system.line(in.board.after_release.parameter),
                    in.system.line("/etc/nv_tegra_release"));
  out.push_back(survive(in, line));
  check_pending(in, line, out);
}

}  // namespace pinfer
