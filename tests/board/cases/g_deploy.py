# SPDX-License-Identifier: Apache-2.0
"""The product's own deployment, onto a board that already runs it."""

import tempfile

from cases import short, steps
from virtual import product
from virtual.failure import require

SWAPPED = ("label: 5", "label: 7")  # the valve follows the 7
SWAPPED_ACTIVE = 0b101
# Everything that a deployment may change, but the folder where files arrive.
FILES = ("find /opt/pinfer /etc /var/lib/pinfer/models -path /opt/pinfer/incoming -prune -o "
         "! -type d ! -name lock -printf '%p %l %s %T@\\n' | sort")


@short
def case_deploy_again(board):
    """A second deployment of the same does nothing: same processes, no edge."""
    board.go_active()
    old = board.pid("pinferd")
    with board.steady(product.LINES, "all lines"):
        board.deployer.run(board.shell, config=product.config(board.world))
    board.require_same_process("pinferd", old)


def case_deploy_refused(board):
    """Wrong architecture, missing library, wrong configuration, full disk: refused before anything changes."""
    board.go_active()
    old, files, good = board.pid("pinferd"), board.sh(FILES), product.config(board.world)
    foreign = lambda manifest: manifest.replace("\narch arm64\n", "\narch armhf\n")  # noqa: E731
    lacking = lambda manifest: manifest + "needs libabsent.so.7 libabsent7 libabsent7 (>= 1)\n"  # noqa: E731
    with board.steady(product.LINES, "all lines"):
        _expect_refusal(board, 4, "this board is arm64, the bundle is for armhf", good, change=foreign)
        _expect_refusal(board, 4, "missing here: libabsent.so.7; type there: sudo apt install libabsent7", good, change=lacking)
        _expect_refusal(board, 3, "did you mean", good.replace("label: 7,", "lable: 7,"))
        require(board.sh(FILES) == files, "the files as before", _changes(files, board.sh(FILES)), board.deployer.log)
        board.sh(f"{steps.FILL}; true", 30)
        files = board.sh(FILES)
        _expect_refusal(board, 4, "kB are free in /opt", good.replace(*SWAPPED))
    board.require_same_process("pinferd", old)
    require(board.sh(FILES) == files, "the files as before", _changes(files, board.sh(FILES)), board.deployer.log)


def _expect_refusal(board, code, words, config, change=None):
    with tempfile.TemporaryDirectory() as folder:
        bundle = board.packages.other_bundle(folder, change) if change else None
        said = board.deployer.run(board.shell, config=config, bundle=bundle, code=code)
    require(words in said, f"'{words}'", said, board.deployer.log)


def _changes(before, after):
    return sorted(set(before.splitlines()) ^ set(after.splitlines()))[:10]


def case_deploy_and_back(board):
    """A new configuration is rolled out, and --rollback brings the old one back."""
    board.go_active()
    wait = f"{60 * board.slack:.0f}s"
    board.deployer.run(board.shell, "--wait", wait, config=product.config(board.world).replace(*SWAPPED))
    board.expect(SWAPPED_ACTIVE, 10, "new configuration")
    board.deployer.run(board.shell, "--rollback", "--wait", wait)
    board.expect(product.ACTIVE, 10, "old configuration")
