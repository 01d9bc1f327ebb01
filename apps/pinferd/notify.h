// SPDX-License-Identifier: Apache-2.0
// What pinferd tells systemd; nothing in a build without libsystemd or outside a unit.
#pragma once

#include <string>

#include "runtime/core/clock.h"

namespace pinfer {

void notify_ready(const std::string& status);
void notify_status(const std::string& status);
void notify_reloading();
void notify_alive() noexcept;
void notify_stopping() noexcept;

// WatchdogSec of the unit; zero when there is none.
Duration watchdog_interval() noexcept;

}  // namespace pinfer
