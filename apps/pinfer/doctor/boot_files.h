// SPDX-License-Identifier: Apache-2.0
// What a Raspberry Pi's config.txt says of lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/pinfer/doctor/system_view.h"

namespace pinfer {

// The settings of config.txt in use, without comments and blanks; filters such as [pi4] are passed
// over, so a line of another model counts too. Empty when there is no such file.
std::vector<std::string> boot_config(const SystemView& system);

// True when `dtparam=strict_gpiod` is there.
bool asks_for_strict_gpiod(const std::vector<std::string>& config);

// The level that gpio=N=op,dh or dl drives at boot; nothing when no line speaks of it.
std::optional<bool> boot_level(const std::vector<std::string>& config, int gpio);

}  // namespace pinfer
