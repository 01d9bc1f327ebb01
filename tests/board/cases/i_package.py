# SPDX-License-Identifier: Apache-2.0
"""The .deb, by dpkg on the board itself."""

import pathlib
import re
import tempfile

from cases import without_pinfer
from virtual import product
from virtual.failure import require

PROGRAMS = ("pinfer", "pinferd", "pinfer-guard")
# Names only: accounts and caches are rewritten. What dpkg, udev and the journal keep is theirs.
FILES = "find / -xdev \\( -path /root -o -path /var/lib/dpkg -o -path /var/log -o -path /var/cache -o -path /tmp \\) -prune -o -print | sort"
LEFT_BY_OTHERS = re.compile(r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-|/var/lib/systemd/.*|/etc/\.pwd\.lock")


@without_pinfer
def case_deb(board):
    """Installed it starts nothing; configured it decides; upgraded, removed, purged as Debian wants it."""
    before = set(board.sh(FILES).splitlines())
    _install(board)
    _configure(board)
    _upgrade(board)
    _remove_and_purge(board)
    left = {path for path in set(board.sh(FILES).splitlines()) - before if not LEFT_BY_OTHERS.fullmatch(path)}
    require(not left, "no file of Pinfer after the purge", sorted(left))
    require(board.sh("getent passwd pinfer; true") == "", "no user pinfer after the purge", "one")


def _install(board):
    board.shell.upload(board.packages.deb(), "/root/pinfer.deb")
    said = board.sh("dpkg -i /root/pinfer.deb", 120)
    require("sudo systemctl enable --now" in said, "the next commands to type", said)
    complaints = board.sh("dpkg --audit pinfer; dpkg --verify pinfer")
    require(complaints == "", "nothing for dpkg to complain of", complaints)
    for program in PROGRAMS:
        board.sh(f"! ldd /usr/bin/{program} | grep 'not found'; /usr/bin/{program} --version", 60)
    units = board.sh("systemctl is-enabled pinfer-guard pinferd; systemctl is-active pinfer-guard pinferd", check=False)
    require(units.split() == ["disabled"] * 2 + ["inactive"] * 2, "neither enabled nor started", units)


def _configure(board):
    """As the package says, with this board's model and lines."""
    folder = pathlib.PurePosixPath(product.MODEL).parent
    board.sh(f"mkdir -p {folder}")
    board.shell.upload(board.deployer.model, product.MODEL)
    product.configure(board.shell, product.config(board.world))
    board.sh(f"pinfer check {product.CONFIG} && systemctl enable --now pinfer-guard pinferd", 90)
    board.expect(product.IDLE, 30, "configured and started")
    board.go_active()


def _upgrade(board):
    old = board.pid("pinferd")
    with tempfile.TemporaryDirectory() as folder:
        path, version = board.packages.newer_deb(folder)
        board.shell.upload(path, "/root/newer.deb")
    board.sh("dpkg -i /root/newer.deb", 180)
    board.expect_service("pinferd", 30, old)
    board.expect(product.ACTIVE, 30, "upgraded")
    found = board.sh("dpkg-query -W -f='${Version}' pinfer")
    require(found == version, f"version {version}", found)


def _remove_and_purge(board):
    board.sh("dpkg -r pinfer", 60)
    board.expect(board.world.released(product.SAFE) & product.LINES, 2, "removed")
    board.sh(f"test -f {product.CONFIG} && test -f {product.MODEL} && ! systemctl cat pinferd 2>/dev/null")
    board.sh("dpkg -P pinfer", 60)
