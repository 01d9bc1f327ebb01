# SPDX-License-Identifier: Apache-2.0
"""A running board: what a case holds in its hands."""

import contextlib
import threading
import time

from virtual import camera, product
from virtual.failure import Failure, require
from virtual.machine import Machine
from virtual.shell import Shell


MOST_SLACK_TO_SAFETY = 3.0
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"


def bits(levels):
    """gate, lamp, valve as people read them."""
    names = ((product.GATE, "gate"), (product.LAMP, "lamp"), (product.VALVE, "valve"))
    return " ".join(f"{name}={levels >> line & 1}" for line, name in names)


class Board:
    def __init__(self, world, image, machine, logs, slack, scenes):
        self.world, self.image, self.machine = world, image, machine
        self.logs, self.slack, self.scenes = logs, slack, scenes
        self.shell = Shell(image, machine.port, machine.console, machine.sockets.name)
        self.notes = []
        self.arguments = []

    @classmethod
    def start(cls, world, image, name, logs, slack, scenes, arguments, more=()):
        machine = Machine([*arguments, *more], logs, name)
        board = cls(world, image, machine, logs, slack, scenes)
        board.arguments = arguments
        board.boot_seconds = board.shell.connect(world.boot_limit, machine.is_alive)
        board.boot_id = board.shell.run(BOOT_ID)
        return board

    def end(self):
        self.shell.close()
        self.machine.end()

    def cut_power(self):
        """The machine ends at once and boots again: what it had not flushed to its disk may be gone."""
        self.shell.close()
        self.machine.end()
        self.machine = Machine(self.arguments, self.logs, f"{self.machine.name}-again")
        self.shell = Shell(self.image, self.machine.port, self.machine.console, self.machine.sockets.name)

    def sh(self, script, limit=60, check=True):
        return self.shell.run(script, limit * self.slack, check)

    # ---------------------------------------------------------------- lines

    def levels(self):
        return self.world.levels(self.machine, self.shell) & product.LINES

    def expect(self, wanted, within, what):
        """Waits until the wires are so; fails after `within` (times the slack of this machine)."""
        # The guard is small and goes first: getting safe needs less of the slack than a start.
        slack = min(self.slack, MOST_SLACK_TO_SAFETY) if wanted == product.SAFE else self.slack
        self._await_levels((wanted,), within * slack, what)

    def expect_one_of(self, wanted, within, what):
        return self._await_levels(wanted, within * self.slack, what)

    def _await_levels(self, wanted, limit, what):
        started, seen = time.monotonic(), []
        while True:
            found, took = self.levels(), time.monotonic() - started
            if found in wanted:
                self.notes.append(f"{what}: {took:.2f} s (limit {limit:.1f})")
                return found
            if not seen or seen[-1] != found:
                seen.append(found)
            if took > limit:
                raise Failure(f"{what}: {' or '.join(bits(levels) for levels in wanted)} within {limit:.1f} s",
                              f"after {took:.1f} s: " + " then ".join(bits(levels) for levels in seen), self.save_journal("failure"))
            time.sleep(0.005)

    @contextlib.contextmanager
    def steady(self, mask, what):
        """The wires of the mask do not move meanwhile; watched where they can be read beside the shell."""
        before, seen, over = self.levels() & mask, [], threading.Event()

        def watch():
            while not over.wait(0.003):
                if (found := self.levels()) & mask != before:
                    seen.append(found)

        watcher = threading.Thread(target=watch, daemon=True)
        if self.world.reads_beside:
            watcher.start()
        try:
            yield
        finally:
            over.set()
            if self.world.reads_beside:
                watcher.join()
        if seen:
            raise Failure(f"{what}: {bits(before)} of mask {mask:#05b}, all the time",
                          f"{bits(seen[0])} in {len(seen)} looks", self.save_journal("failure"))

    def expect_gate_off(self, within, what):
        """The one wire whose rest level is the same driven and undriven."""
        if not self.world.reads_beside:
            return  # a board that goes down answers no shell
        started, limit = time.monotonic(), within * self.slack
        while self.world.levels(self.machine, self.shell) >> product.GATE & 1:
            if time.monotonic() - started > limit:
                raise Failure(f"{what}: gate=0 within {limit:.1f} s", "gate=1", self.machine.console)
            time.sleep(0.005)
        self.notes.append(f"{what}: {time.monotonic() - started:.2f} s (limit {limit:.1f})")

    def press_stop(self, pressed):
        self.world.drive(self.machine, self.shell, product.STOP, int(pressed))

    def expect_boot_without_edge(self, within):
        """Until ssh answers again; the gate must not go on meanwhile, and is safe when the service is up."""
        self.shell.close()
        started, limit = time.monotonic(), within * self.slack
        probe = Shell(self.image, self.machine.port, self.machine.console, self.machine.sockets.name)
        waiting = threading.Thread(target=lambda: self._try_connect(probe, limit), daemon=True)
        waiting.start()
        while waiting.is_alive():
            if self.world.reads_beside and self.world.levels(self.machine, self.shell) >> product.GATE & 1:
                raise Failure("gate=0 while the board boots", f"gate=1 after {time.monotonic() - started:.1f} s",
                              self.machine.console)
            time.sleep(0.005)
        if not probe.process:
            raise Failure(f"ssh within {limit:.0f} s after the boot", "no answer", self.machine.console)
        self.shell = probe
        self.world.after_boot(self.shell)
        self.notes.append(f"booted again: {time.monotonic() - started:.1f} s (limit {limit:.0f})")

    def _try_connect(self, probe, limit):
        """To another boot than before: a board that goes down answers for a while."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            try:
                probe.connect(until - time.monotonic(), self.machine.is_alive)
                if (found := probe.run(BOOT_ID)) != self.boot_id:
                    self.boot_id = found
                    return
            except Failure:
                pass
            probe.close()
            time.sleep(0.2)

    def expect_stays(self, wanted, seconds, what, mask=product.LINES):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.levels()
            if found & mask != wanted & mask:
                raise Failure(f"{what}: {bits(wanted)} for {seconds:.1f} s", bits(found), self.save_journal("failure"))
            time.sleep(0.005)

    # ---------------------------------------------------------------- camera

    def start_camera(self):
        self.shell.run(camera.START)
        self.show("none")

    def show(self, label):
        """Puts the held-out digit before the camera; 'black' covers the lens."""
        picture = b"P5 1 1 255\n\0" if label == "black" else camera.as_pgm(self.scenes / label / "000.png")
        self.shell.write(camera.SCENE, picture)

    def go_active(self):
        self.show("7")
        self.expect(product.ACTIVE, 5, "a 7 is seen")

    # ---------------------------------------------------------------- service

    def drop_in(self, unit, setting):
        """Changes one setting of a unit on this board, beside those changed before."""
        folder = f"/etc/systemd/system/{unit}.service.d"
        self.sh(f"mkdir -p {folder}; printf '[Service]\\n%s\\n' '{setting}' >{folder}/$(ls {folder} | wc -l).conf; systemctl daemon-reload")

    def pid(self, unit):
        return int(self.sh(f"systemctl show -p MainPID --value {unit}"))

    def require_same_process(self, unit, old_pid):
        require((now := self.pid(unit)) == old_pid, f"{unit} to be process {old_pid} still", now, self.save_journal("failure"))

    def expect_service(self, unit, within, old_pid=None):
        """Active, and another process than before."""
        started, limit = time.monotonic(), within * self.slack
        while True:
            state = self.sh(f"systemctl show -p ActiveState -p MainPID --value {unit} | tr '\\n' ' '", check=False)
            words = state.split()
            if "active" in words and str(old_pid) not in words:
                took = time.monotonic() - started
                self.notes.append(f"{unit} is back: {took:.1f} s (limit {limit:.0f})")
                return took
            if time.monotonic() - started > limit:
                raise Failure(f"{unit} active again within {limit:.0f} s", f"'{state}' (before: {old_pid})",
                              self.save_journal("failure"))
            time.sleep(0.1)

    def expect_log(self, text, within, unit="pinferd"):
        started, limit = time.monotonic(), within * self.slack
        while text not in (log := self.sh(f"journalctl -u {unit} -o cat --no-pager -n 400", check=False)):
            if time.monotonic() - started > limit:
                raise Failure(f"'{text}' in the log of {unit} within {limit:.0f} s", f"...{log[-600:]}",
                              self.save_journal("failure"))
            time.sleep(0.2)

    def save_journal(self, name):
        path = self.logs / f"{name}.journal.log"
        try:
            path.write_text(self.shell.run("journalctl -b --no-pager -o short-monotonic -n 3000", 120))
        except Failure as failure:
            path.write_text(f"no journal: {failure}\n")
        return path
