# SPDX-License-Identifier: Apache-2.0
"""The camera goes away or lies."""

from cases import short
from virtual import camera, product


@short
def case_unplug_camera(board):
    """The camera's driver is unbound and unloaded, later loaded again."""
    board.go_active()
    board.sh("echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind; systemctl stop camera 2>/dev/null; true")
    board.expect(product.SAFE, product.MAX_AGE + 1, "camera unplugged")
    board.expect_log("camera lost", 10)
    board.sh("for i in $(seq 100); do rmmod vivid 2>/dev/null && break; sleep 0.1; done; ! lsmod | grep -q ^vivid", 20)
    board.expect_stays(product.SAFE, 1, "no camera")
    board.shell.run(camera.START)
    board.expect(product.ACTIVE, 30, "camera plugged in again")


def case_camera_without_signal(board):
    """Whoever feeds the camera stops, and it shows noise: no line stays on by the last picture."""
    board.go_active()
    board.sh("systemctl stop camera")
    # The network sees a 3 in the noise of some kernels, which is the lamp's too; never a 7.
    board.expect_one_of(tuple(levels for levels in range(8) if not levels >> product.GATE & 1), product.MAX_AGE + 1,
                        "noise instead of a 7")
    board.expect_stays(product.IDLE, 3, "noise", 1 << product.GATE)
    board.sh(camera.FEED)
    board.expect(product.ACTIVE, 30, "signal again")


def case_frozen_picture(board):
    """The same picture, bit for bit, for 2 s: safe, cause frozen."""
    board.go_active()
    board.sh(f"touch {camera.SCENE}.still")
    board.expect(product.SAFE, 2 + product.MAX_AGE + 0.5, "picture frozen")
    board.expect_log("frozen", 5)
    board.sh(f"rm {camera.SCENE}.still")
    board.expect(product.ACTIVE, 5, "picture moves again")


def case_black_picture(board):
    """A covered lens: safe, cause black."""
    board.go_active()
    board.show("black")
    board.expect(product.SAFE, product.MAX_AGE + 1, "lens covered")
    board.expect_log("black", 5)
    board.show("7")
    board.expect(product.ACTIVE, 5, "lens free")
