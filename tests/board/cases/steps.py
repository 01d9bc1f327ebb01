# SPDX-License-Identifier: Apache-2.0
"""What several cases do: a process dies and comes back."""

from virtual import product

START = 30  # seconds for pinferd to load its libraries and see a picture
FILL = "fallocate -l $(($(df --output=avail -B1 / | tail -1) - 8192)) /var/fill; dd if=/dev/zero of=/var/fill2 bs=4k 2>/dev/null"


def kill_pinferd(board):
    """Safe by the guard, brought back by systemd, deciding again."""
    old = board.pid("pinferd")
    board.sh(f"kill -9 {old}")
    board.expect(product.SAFE, product.TTL + 0.5, "pinferd killed")
    board.expect_service("pinferd", START, old)
    board.expect(product.ACTIVE, START, "the 7 is seen again")


def kill_guard(board):
    """Safe by ExecStopPost, brought back by systemd; pinferd goes on meanwhile."""
    old, daemon = board.pid("pinfer-guard"), board.pid("pinferd")
    board.sh(f"kill -9 {old}")
    board.expect(product.SAFE, 2 + board.world.guard_gap, "guard killed")
    board.expect_service("pinfer-guard", 10, old)
    board.expect(product.ACTIVE, 10, "the 7 drives the lines again")
    board.require_same_process("pinferd", daemon)
