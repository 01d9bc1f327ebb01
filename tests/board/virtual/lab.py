# SPDX-License-Identifier: Apache-2.0
"""One world, prepared once: a fresh board for each case, and what is said of it."""

import pathlib
import shutil
import subprocess
import time
import traceback

from virtual import product
from virtual.board import Board
from virtual.deployer import Deployer
from virtual.failure import Failure
from virtual.packages import Packages

HERE = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = HERE.parent.parent
SCENES = REPOSITORY / "apps/demo/digits_test"


def say(text):
    print(text, flush=True)


def snapshot_of(function):
    """What a case starts from: "ready" (deployed and deciding), or "bare" (never had Pinfer)."""
    return getattr(function, "snapshot", "ready")


class Lab:
    def __init__(self, options, world):
        self.world = world
        self.image = options.image.resolve()
        self.logs = options.logs.resolve() / world.name
        self.disk = self.logs / "prepared.qcow2"
        self.snapshots = self.logs / "snapshots"  # names, and seconds of the deployment
        self.reuse = options.reuse and self.snapshots.exists()
        if not self.reuse:
            shutil.rmtree(self.logs, ignore_errors=True)
            self.logs.mkdir(parents=True)
        self.packages = Packages(REPOSITORY, self.image.name)
        self.deployer = Deployer(REPOSITORY, options.build.resolve(), self.packages, self.logs)
        self.build = options.build.resolve()
        self.slack = 1.0
        self.deploy_seconds = 0.0

    def overlay(self, path, backing=None):
        """A disk of its own: the image is never written."""
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2" if backing else "raw",
                        "-b", str(backing or self.image / "root.img"), str(path), "1G"], check=True)

    def prepare(self, wanted):
        """Boot, camera, and for "ready" the deployment; each kept as a snapshot where the machine can."""
        if self.reuse:
            words = self.snapshots.read_text().split()
            if set(words[1:]) >= wanted:
                self.deploy_seconds = float(words[0])
                return
        started = time.monotonic()
        self.overlay(self.disk)
        board = self._start("prepare", self.disk)
        try:
            self._measure(board)
            self._set_up_hardware(board)
            if "bare" in wanted:
                board.machine.save("bare")
            if "ready" in wanted:
                self._deploy(board)
                if self.world.supports_snapshots:
                    board.machine.save("ready")
                else:
                    self._keep_disk(board)
            self.snapshots.write_text(" ".join([f"{self.deploy_seconds:.1f}", *wanted]))
        finally:
            if board.machine.is_alive():
                board.save_journal("prepare")
            board.end()
        say(f"     ready after {time.monotonic() - started:.1f} s")

    @staticmethod
    def _keep_disk(board):
        board.save_journal("prepare")
        board.sh("sync")
        board.machine.quit()

    def _start(self, name, disk, more=(), cache="unsafe"):
        arguments = self.world.arguments(self.image, disk, cache)
        board = Board.start(self.world, self.image, name, self.logs, self.slack, SCENES, arguments, more)
        board.deployer, board.packages, board.build = self.deployer, self.packages, self.build
        board.deploy_seconds = self.deploy_seconds
        return board

    def _measure(self, board):
        """How slow this machine is now, by its boot."""
        self.slack = board.slack = max(1.0, board.boot_seconds / self.world.nominal_boot)
        more = f"; time limits times {self.slack:.1f}, since an idle machine needs {self.world.nominal_boot:.0f} s"
        say(f"     booted in {board.boot_seconds:.1f} s{more if self.slack > 1 else ''}")

    def _set_up_hardware(self, board):
        """Lines and camera, as far as they are not there by themselves."""
        self.world.set_up(board.shell, self.image)
        feeder = self.logs / "feed-camera"
        subprocess.run(["aarch64-linux-gnu-gcc", "-Os", "-static", "-s", "-Wall", "-Werror", "-o", str(feeder),
                        str(HERE / "feed_camera.c")], check=True)
        board.shell.upload(feeder, "/usr/local/bin/feed-camera")
        board.start_camera()

    def _deploy(self, board):
        started = time.monotonic()
        self.deployer.run(board.shell, "--wait", f"{60 * self.slack:.0f}s", config=product.config(self.world))
        self.deploy_seconds = time.monotonic() - started
        board.expect(product.IDLE, 30, "the service decides on frames")
        say(f"     deployed, up and deciding in {time.monotonic() - started:.1f} s")

    def _fresh_board(self, name, snapshot, cache):
        """A board as prepare() left it: from the snapshot, or booted."""
        disk = self.logs / f"{name}.qcow2"
        if self.world.supports_snapshots:
            shutil.copyfile(self.disk, disk)
            board = self._start(name, disk, ["-loadvm", snapshot], cache)
            # Load comes and goes: the connection says how slow the machine is now.
            board.slack = max(self.slack, board.boot_seconds / 2.0)
            self.world.after_boot(board.shell)
        else:
            self.overlay(disk, self.disk)
            board = self._start(name, disk, cache=cache)
            board.slack = max(self.slack, board.boot_seconds / self.world.nominal_boot)
            self.world.set_up(board.shell, self.image)
            board.start_camera()
            board.expect(product.IDLE, 60, "the service decides on frames")
        return board

    def run_case(self, name, function, sabotage=None):
        """True when it passed; sabotaged: when it failed, once the protection was away."""
        started = time.monotonic()
        board, problem, away, is_sound = None, None, False, True
        try:
            board = self._fresh_board(name, snapshot_of(function), getattr(function, "disk_cache", "unsafe"))
            if sabotage:
                sabotage[1](board)
                away = True
            function(board)
        except Failure as failure:
            problem = str(failure)
        except Exception:  # a defect of the case itself
            problem, is_sound = "\n" + traceback.format_exc(), False
        passed = problem is None if not sabotage else away and is_sound and problem is not None
        self._report(name, board, passed, time.monotonic() - started, problem, sabotage)
        if board:
            board.end()
        (self.logs / f"{name}.qcow2").unlink(missing_ok=True)
        return passed

    def _report(self, name, board, passed, took, problem, sabotage):
        notes = "; ".join(board.notes) if board else ""
        if sabotage:
            notes = f"without {sabotage[0]} it {'fails, as it must' if passed else 'must fail, and does not'}"
        say(f"{'ok  ' if passed else 'FAIL'} {name:24} {took:6.1f} s  {notes}")
        if problem:
            log = board.save_journal(name) if board else self.logs
            say(f"{problem}\n    journal:  {log}")
