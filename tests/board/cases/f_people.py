# SPDX-License-Identifier: Apache-2.0
"""A person acts."""

from cases import only_in
from virtual import product
from virtual.failure import require


@only_in("drives_inputs")
def case_estop(board):
    """The e-stop line, driven from outside: safe at once, latched, and a reset starts nothing."""
    board.press_stop(False)
    product.configure(board.shell, product.config(board.world, estop=True))
    board.expect_log("reload", 15)
    board.go_active()
    board.press_stop(True)
    board.expect(product.SAFE, 0.5, "pressed")
    board.press_stop(False)
    board.expect_stays(product.SAFE, 1, "released, still latched")
    board.sh("pinfer guard reset")
    board.expect_stays(product.SAFE, 2, "reset with the 7 still there")
    board.show("5")  # every rule wants the safe level once: from then on lines may move
    board.expect_stays(product.SAFE, 1 * board.slack, "a 5")
    board.go_active()


def case_bring_up_tools(board):
    """What a person types on a board: check, doctor, guard status, why."""
    board.sh(f"pinfer check {product.CONFIG}", 30)
    board.go_active()
    board.sh("pinfer guard status | grep -q gate", 20)
    answer = board.sh("pinfer why gate 2>&1", 20)
    require("open" in answer, "the rule 'open' as the reason", answer)
    require(board.sh("pinfer doctor 2>&1 | head -60", 60, check=False), "doctor to say something", "nothing")
