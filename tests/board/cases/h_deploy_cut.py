# SPDX-License-Identifier: Apache-2.0
"""A deployment of another release with another configuration, cut at a random moment; `--repeat 25` for many."""

import hashlib
import random
import tempfile
import time

from cases import only_in
from cases.g_deploy import SWAPPED, SWAPPED_ACTIVE
from virtual import product
from virtual.failure import require
from virtual.packages import next_release

RUNS = "basename $(readlink /opt/pinfer/current); sha256sum </etc/pinfer/config.yaml | cut -d' ' -f1"


class Cut:
    """What ran before, what was to come, and that it is one of them and no mixture."""

    def __init__(self, board):
        self.board = board
        self.config = product.config(board.world).replace(*SWAPPED)
        board.go_active()
        board.sh("sync")
        self.old = board.sh(RUNS).split()
        self.new = [self.old[0] + "-next", hashlib.sha256(self.config.encode()).hexdigest()]

    def after_random_time(self, cut):
        """Starts the deployment, calls cut() in the middle of it, ends what is left of it here."""
        board = self.board
        # The second half is where the board tries, switches and waits: three quarters of the cuts fall there.
        after = random.uniform(random.choice((0, 0.5)), 1) * board.deploy_seconds
        with tempfile.TemporaryDirectory() as folder:
            bundle = board.packages.other_bundle(folder, next_release)
            process = board.deployer.start(board.shell, folder, "--wait", f"{60 * board.slack:.0f}s",
                                           config=self.config, bundle=bundle)
            time.sleep(after)
            has_ended = process.poll() is not None
            cut()
            said = board.deployer.kill(process).strip().splitlines()
        board.notes.append(f"cut after {after:.1f} s, {'at the end' if has_ended else 'behind'}: "
                           f"'{said[-1] if said else 'nothing said yet'}'")

    def expect_old_or_new(self):
        found = self.board.sh(RUNS).split()
        require(found in (self.old, self.new), f"release and configuration of {self.old} or of {self.new}", found,
                self.board.deployer.log)
        self.board.expect(product.ACTIVE if found == self.old else SWAPPED_ACTIVE, 35, "lines of that version")
        self.board.notes.append("old version" if found == self.old else "new version")


def case_deploy_ssh_cut(board):
    """The connection breaks: the board ends at the old or the new version by itself."""
    cut = Cut(board)
    cut.after_random_time(board.shell.cut_shared_connection)
    # What the board has begun alone it also ends alone.
    board.sh("while pgrep -f 'sh -s --' >/dev/null; do sleep 0.5; done", 120)
    require(board.sh("ls /opt/pinfer/trial 2>/dev/null; true") == "", "no trial left open", "/opt/pinfer/trial", board.deployer.log)
    cut.expect_old_or_new()


@only_in("supports_snapshots")
def case_deploy_power_cut(board):
    """Power fails, and what was not written to the disk is gone: the next boot runs the old or the new version."""
    cut = Cut(board)
    cut.after_random_time(board.cut_power)
    board.expect_boot_without_edge(40)
    board.expect(product.SAFE, 30, "service up, no camera yet")
    board.start_camera()
    board.show("7")
    cut.expect_old_or_new()


case_deploy_power_cut.disk_cache = "writeback"  # keeps what the board has flushed, and only that for sure
