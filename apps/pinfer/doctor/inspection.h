// SPDX-License-Identifier: Apache-2.0
// Inspection: what the checks of `pinfer doctor` look at, and running them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/pinfer/doctor/finding.h"
#include "apps/pinfer/doctor/system_view.h"
#include "apps/pinfer/line_states.h"
#include "apps/pipeline/board.h"
#include "apps/pipeline/config.h"

namespace pinfer {

struct Inspection {
  const SystemView& system;
  Board board;                   // of the configuration, else the one detected
  std::string detected;          // id of the board file that the device tree asks for
  std::optional<Config> config;  // nothing: the machine alone is looked at
  std::vector<ChipState> chips;  // empty: the lines cannot be seen
  std::string lines_hidden;      // why they cannot be seen

  // True when an output is a line of a GPIO chip; without a configuration, when one could be.
  [[nodiscard]] bool uses_gpio() const;
};

// Errors: not_found or config (the board files).
Result<Inspection> inspect_machine(const SystemView& system, const std::string& boards_dir,
                                   std::optional<Config> config);

// The findings of all groups, in the order of checks.inc.
Findings run_checks(const Inspection& inspection);

// The model of the device tree ("Raspberry Pi 5 Model B Rev 1.0"), else the name of the board.
std::string machine_name(const Inspection& inspection);

}  // namespace pinfer
