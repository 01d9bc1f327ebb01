# SPDX-License-Identifier: Apache-2.0
"""The engine's arithmetic on this kernel and processor."""

import os
import pathlib
import subprocess

from cases import only_by_name
from virtual.failure import Failure, require


@only_by_name
def case_golden_nets(board):
    """Networks give the bits of the reference; PINFER_ZOO: where they are, PINFER_GOLDEN: which."""
    zoo = pathlib.Path(os.environ.get("PINFER_ZOO", "none"))
    program = board.build / "tests/runtime/session/golden_test"
    require((zoo / "golden").is_dir(), "PINFER_ZOO to name a folder with golden/ and zoo/", zoo)
    require(program.exists(), f"{program}", "nothing: ./dev board golden-nets builds it")
    board.shell.upload(program, "/root/golden_test")
    _copy(board, zoo)
    names = os.environ.get("PINFER_GOLDEN", "")
    some = f"PINFER_GOLDEN='{names}'" if names else ""
    said = board.sh(f"cd /root && PINFER_ZOO=/root/models {some} ./golden_test --gtest_filter='*EveryNet*'", 1500)
    require("PASSED" in said and "SKIPPED" not in said and "FAILED" not in said, "all golden nets bit-exact", said[-600:])
    board.notes += [line for line in said.splitlines() if line.startswith("goldens:")]


def _copy(board, zoo):
    pack = subprocess.Popen(["tar", "-C", zoo, "-chf", "-", "golden", "zoo"], stdout=subprocess.PIPE)
    done = subprocess.run(board.shell.command("mkdir -p /root/models && tar -xf - -C /root/models"), stdin=pack.stdout,
                          capture_output=True, check=False)
    if pack.wait() != 0 or done.returncode != 0:
        raise Failure("the networks to be copied", done.stderr.decode(errors="replace"))
