// SPDX-License-Identifier: Apache-2.0
// What the guard tells systemd; nothing in a build without libsystemd or outside a unit.
#pragma once

#include "runtime/core/clock.h"

namespace pinfer {

void notify_ready() noexcept;
void notify_alive() noexcept;
void notify_stopping() noexcept;

// WatchdogSec of the unit; zero when there is none.
Duration watchdog_interval() noexcept;

}  // namespace pinfer
