# SPDX-License-Identifier: Apache-2.0
"""What each protection is worth: a case must fail when it is taken away (`run-cases --sabotage`)."""

from virtual import product


def _no_stop_post(board):
    board.drop_in("pinfer-guard", "ExecStopPost=")


def _no_guard_watchdog(board):
    board.drop_in("pinfer-guard", "WatchdogSec=0")
    board.sh("systemctl restart pinfer-guard", 30)
    board.expect(product.IDLE, 15, "guard restarted")


def _no_daemon_watchdog(board):
    board.drop_in("pinferd", "WatchdogSec=0")
    board.sh("systemctl restart pinferd", 30)
    board.expect(product.IDLE, 30, "pinferd restarted")


def _no_frozen_check(board):
    board.sh(f"sed -i 's/height: 480}}/height: 480, health: {{frozen_after: 0s}}}}/' {product.CONFIG}")
    board.expect_log("reloaded", 15)


def _no_hardware_watchdog(board):
    board.sh("sed -i 's/^RuntimeWatchdogSec=.*/RuntimeWatchdogSec=0/' /etc/systemd/system.conf.d/board.conf; systemctl daemon-reexec")


# case: the protection that it shows, and how it is taken away
SABOTAGE = {
    "guard-never-returns": ("ExecStopPost of pinfer-guard.service", _no_stop_post),
    "freeze-guard": ("WatchdogSec of pinfer-guard.service", _no_guard_watchdog),
    "freeze-pinferd": ("WatchdogSec of pinferd.service", _no_daemon_watchdog),
    "frozen-picture": ("camera.health.frozen_after", _no_frozen_check),
    "kernel-panic": ("the hardware watchdog", _no_hardware_watchdog),
}
