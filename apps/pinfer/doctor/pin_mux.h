// SPDX-License-Identifier: Apache-2.0
// Who has a pin, as the kernel's pin controllers tell.
#pragma once

#include <optional>
#include <string>

#include "apps/pinfer/doctor/system_view.h"
#include "apps/pipeline/board.h"

namespace pinfer {

struct PinUse {
  std::string device;    // "fe201000.serial"; empty: no device has the pin
  std::string function;  // "alt0"; empty: not told
};

// From /sys/kernel/debug/pinctrl/*/pinmux-pins; nothing when the pin is not in one of them. On a
// Raspberry Pi the pin of line 17 is called gpio17, on a Jetson that of PG.06 ends in _pg6.
std::optional<PinUse> read_pin_use(const SystemView& system, const BoardPin& pin);

}  // namespace pinfer
