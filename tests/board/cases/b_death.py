# SPDX-License-Identifier: Apache-2.0
"""Processes die or hang."""

from cases import short, steps
from virtual import product


@short
def case_kill_pinferd(board):
    """kill -9 of pinferd: the guard makes the lines safe, systemd brings it back."""
    board.go_active()
    steps.kill_pinferd(board)


@short
def case_kill_guard(board):
    """kill -9 of the guard: ExecStopPost drives the lines safe, both go on."""
    board.go_active()
    steps.kill_guard(board)


def case_kill_both(board):
    """kill -9 of both at once."""
    board.go_active()
    guard, daemon = board.pid("pinfer-guard"), board.pid("pinferd")
    board.sh(f"kill -9 {guard} {daemon}")
    board.expect(product.SAFE, 2 + board.world.guard_gap, "both killed")
    board.expect_service("pinferd", steps.START, daemon)
    board.expect(product.ACTIVE, steps.START, "the 7 is seen again")


@short
def case_freeze_pinferd(board):
    """SIGSTOP of pinferd: the leases run out, the watchdog of systemd starts it again."""
    board.go_active()
    old = board.pid("pinferd")
    board.sh(f"kill -STOP {old}")
    board.expect(product.SAFE, product.TTL + 0.5, "pinferd frozen")
    board.expect_service("pinferd", product.WATCHDOG + steps.START, old)
    board.expect(product.ACTIVE, steps.START, "the 7 is seen again")


def case_freeze_guard(board):
    """SIGSTOP of the guard: its watchdog ends it, then as a kill."""
    board.go_active()
    old = board.pid("pinfer-guard")
    board.sh(f"kill -STOP {old}")
    board.expect(product.SAFE, 2 + 3 + board.world.guard_gap, "guard frozen")
    board.expect_service("pinfer-guard", 10, old)
    board.expect(product.ACTIVE, 15, "the 7 drives the lines again")


def case_guard_never_returns(board):
    """kill -9 of the guard when it cannot start again: ExecStopPost alone makes the lines safe."""
    board.drop_in("pinfer-guard", "ExecStartPre=/bin/false")
    board.go_active()
    board.sh(f"kill -9 {board.pid('pinfer-guard')}")
    rest = board.world.released(product.SAFE) & product.LINES
    board.expect(rest, 2, "guard killed for good")
    board.expect_stays(rest, 3, "guard killed for good")
