# SPDX-License-Identifier: Apache-2.0
"""The product's own deployment, onto a board that already runs it."""

import random
import tempfile
import time

from cases import only_in
from virtual import product
from virtual.failure import require

SWAPPED = ("label: 5", "label: 7")  # the valve follows the 7
SWAPPED_ACTIVE = 0b101


def case_deploy_again(board):
    """A second deployment of the same does nothing: same processes, no edge."""
    board.go_active()
    old = board.pid("pinferd")
    with board.steady(product.LINES, "all lines"):
        board.deployer.run(board.shell, config=product.config(board.world))
    require(board.pid("pinferd") == old, f"pinferd to be process {old} still", board.pid("pinferd"), board.deployer.log)


def case_deploy_wrong_config(board):
    """A wrong configuration is refused before anything changes."""
    board.go_active()
    old = board.pid("pinferd")
    with board.steady(product.LINES, "all lines"):
        said = board.deployer.run(board.shell, config=product.config(board.world).replace("label: 7,", "lable: 7,"), code=3)
    require("did you mean" in said, "the mistake with a suggestion", said, board.deployer.log)
    require(board.pid("pinferd") == old, f"pinferd to be process {old} still", board.pid("pinferd"), board.deployer.log)


def case_deploy_and_back(board):
    """A new configuration is rolled out, and --rollback brings the old one back."""
    board.go_active()
    wait = f"{60 * board.slack:.0f}s"
    board.deployer.run(board.shell, "--wait", wait, config=product.config(board.world).replace(*SWAPPED))
    board.expect(SWAPPED_ACTIVE, 10, "new configuration")
    board.deployer.run(board.shell, "--rollback", "--wait", wait)
    board.expect(product.ACTIVE, 10, "old configuration")


@only_in("supports_snapshots")
def case_deploy_power_cut(board):
    """Power fails at a random point of a deployment: the next boot runs the old or the new version."""
    board.go_active()
    board.sh("sync")
    after = random.uniform(0, 25) * board.slack
    with tempfile.TemporaryDirectory() as folder:
        process = board.deployer.start(board.shell, folder, config=product.config(board.world).replace(*SWAPPED))
        time.sleep(after)
        board.machine.execute("system_reset")
        board.notes.append(f"power cut after {after:.1f} s, deploy {'had ended' if process.poll() is not None else 'was under way'}")
        board.expect_boot_without_edge(40)
        process.kill()
        process.communicate()
    board.expect(product.SAFE, 30, "service up, no camera yet")
    board.start_camera()
    board.show("7")
    found = board.expect_one_of((product.ACTIVE, SWAPPED_ACTIVE), 35, "old or new version")
    board.notes.append("old version" if found == product.ACTIVE else "new version")
