// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/doctor/inspection.h"

#include <algorithm>

namespace pinfer {

#define PINFER_CHECK_GROUP(name) void check_##name(const Inspection& in, Findings& out);
#include "apps/pinfer/doctor/checks.inc"
#undef PINFER_CHECK_GROUP

namespace {

struct CheckGroup {
  void (*check)(const Inspection& in, Findings& out);
};

constexpr CheckGroup kGroups[] = {
#define PINFER_CHECK_GROUP(name) {check_##name},
#include "apps/pinfer/doctor/checks.inc"
#undef PINFER_CHECK_GROUP
};

// The kernel's own list needs root; its line interface only group gpio, but shows no pin that it
// does not know.
void look_at_lines(const SystemView& system, Inspection& inspection) {
  if (const auto text = system.read("/sys/kernel/debug/gpio")) {
    inspection.chips = parse_debug_gpio(*text);
    if (!inspection.chips.empty()) return;
  }
  if (!system.live()) {
    inspection.lines_hidden = "there is no /sys/kernel/debug/gpio";
    return;
  }
  auto lines = read_kernel_lines();
  if (lines)
    inspection.chips = *std::move(lines);
  else
    inspection.lines_hidden = lines.error().message;
}

}  // namespace

bool Inspection::uses_gpio() const {
  if (!config) {
    const std::vector<std::string> devices = system.list("/dev");
    const bool chips_here =
        std::any_of(devices.begin(), devices.end(),
                    [](const std::string& name) { return name.starts_with("gpiochip"); });
    return board.driver == "gpio" && (chips_here || !board.pins.empty());
  }
  return std::any_of(config->outputs.begin(), config->outputs.end(),
                     [](const OutputConfig& o) { return o.spec.driver.view() == "gpio"; });
}

Result<Inspection> inspect_machine(const SystemView& system, const std::string& boards_dir,
                                   std::optional<Config> config) {
  Inspection inspection{system, {}, {}, std::move(config), {}, {}};
  PINFER_TRY(inspection.detected, detect_board(boards_dir, system.place("/proc/device-tree")));
  PINFER_TRY(inspection.board, find_board(boards_dir, inspection.config ? inspection.config->board
                                                                        : inspection.detected));
  look_at_lines(system, inspection);
  return inspection;
}

Findings run_checks(const Inspection& inspection) {
  Findings findings;
  for (const CheckGroup& group : kGroups) group.check(inspection, findings);
  return findings;
}

std::string machine_name(const Inspection& inspection) {
  const std::string model = inspection.system.line("/proc/device-tree/model");
  return model.empty() ? inspection.board.name : model;
}

}  // namespace pinfer
