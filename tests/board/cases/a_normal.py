# SPDX-License-Identifier: Apache-2.0
"""Nothing is broken."""

from cases import short
from virtual import product
from virtual.failure import require


@short
def case_sees_digits(board):
    """The right line follows the picture, and nothing else moves."""
    board.expect(product.IDLE, 2, "an empty board")
    board.show("7")
    board.expect(product.ACTIVE, 5, "a 7")
    board.show("3")
    board.expect(0b000, 5, "a 3")
    board.show("5")
    board.expect(0b110, 5, "a 5")
    board.show("1")
    board.expect(product.IDLE, 5, "a 1")
    board.expect_stays(product.IDLE, 1, "a 1 stays")
    driven = board.world.directions(board.machine, board.shell)
    if driven is not None:
        require(driven & 0b11111 == product.LINES, "outputs 0..2 driven and nothing else", f"{driven:#010b}",
                board.machine.console)


@short
def case_stop_and_start(board):
    """`systemctl stop` makes the lines safe, `start` waits for fresh frames."""
    board.go_active()
    board.sh("systemctl stop pinferd")
    board.expect(product.SAFE, 1, "stopped")
    board.expect_stays(product.SAFE, 2, "stopped")
    board.sh("systemctl start pinferd", 30)
    board.expect(product.ACTIVE, 5, "started again, the 7 still there")


def case_stop_guard(board):
    """`systemctl stop pinfer-guard` drives the wires safe before it lets them go."""
    board.go_active()
    board.sh("systemctl stop pinfer-guard")
    rest = board.world.released(product.SAFE) & product.LINES
    board.expect(rest, 1.5, "guard stopped")
    board.expect_stays(rest, 2, "guard stopped")
