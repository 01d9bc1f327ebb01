# SPDX-License-Identifier: Apache-2.0
"""The whole board goes down."""

from cases import only_in, short
from virtual import product

BOOT = 40


def _comes_back(board):
    """After a boot: safe without a camera, then as before."""
    board.expect(product.SAFE, 30, "service up, no camera yet")
    board.expect_stays(product.SAFE, 1, "no camera yet")
    board.start_camera()
    board.show("7")
    board.expect(product.ACTIVE, 35, "a first camera is plugged in")  # it is looked for every 30 s at the latest


@short
def case_reboot(board):
    """`systemctl reboot`: safe on the way down, no edge on the way up."""
    board.go_active()
    board.sh("sync")
    board.shell.send("systemctl reboot")
    board.expect_gate_off(5, "going down")
    board.expect_boot_without_edge(BOOT)
    _comes_back(board)


def case_reset(board):
    """The reset button, or a power cut: safe after the next boot."""
    board.go_active()
    board.sh("sync")
    board.machine.execute("system_reset")
    board.expect_gate_off(1, "reset")
    board.expect_boot_without_edge(BOOT)
    _comes_back(board)


@only_in("panic_limit")
def case_kernel_panic(board):
    """A panic with the gate on: the watchdog resets the board."""
    board.go_active()
    board.sh(f"sync; dmesg -n 8; {board.world.before_panic}")
    board.shell.send("echo c >/proc/sysrq-trigger")
    board.expect_gate_off(board.world.panic_limit, "kernel panic")
    # Where the wires cannot be read beside the shell, nobody has waited for the watchdog yet.
    board.expect_boot_without_edge(BOOT if board.world.reads_beside else BOOT + board.world.panic_limit)
    _comes_back(board)
