// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/notify.h"

#include <fmt/format.h>

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

void notify_ready(const std::string& status) {
  notify(fmt::format("READY=1\nSTATUS={}", status).c_str());
}
void notify_status(const std::string& status) { notify(fmt::format("STATUS={}", status).c_str()); }
void notify_reloading() {
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(MonotonicTime::now().since_boot);
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()).c_str());
}
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
