// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/notify.h"

#ifdef PINFER_HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace pinfer {
namespace {

void notify([[maybe_unused]] const char* text) noexcept {
#ifdef PINFER_HAVE_SYSTEMD
  static_cast<void>(::sd_notify(0, text));
#endif
}

}  // namespace

void notify_ready() noexcept { notify("READY=1\nSTATUS=Lines are safe until a client asks"); }
void notify_alive() noexcept { notify("WATCHDOG=1"); }
void notify_stopping() noexcept { notify("STOPPING=1"); }

Duration watchdog_interval() noexcept {
#ifdef PINFER_HAVE_SYSTEMD
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) > 0) return std::chrono::microseconds(microseconds);
#endif
  return Duration::zero();
}

}  // namespace pinfer
