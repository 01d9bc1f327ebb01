# SPDX-License-Identifier: Apache-2.0
"""One qemu-system-aarch64 process: started, asked and ended by us, never by name."""

import ctypes
import json
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time

from virtual.failure import Failure


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end_with_parent():
    """However run-cases ends, no emulator is left behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Channel:
    """A line-wise UNIX socket of QEMU."""

    def __init__(self, path, alive):
        until = time.monotonic() + 60
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                self.socket.close()
                if not alive() or time.monotonic() > until:
                    raise
                time.sleep(0.02)
        self.socket.settimeout(60)
        self.file = self.socket.makefile("rw")

    def write(self, line):
        self.file.write(line + "\n")
        self.file.flush()

    def read(self):
        return self.file.readline()


class Machine:
    """`arguments` say which machine; sockets, ports and the end are taken care of here."""

    def __init__(self, arguments, folder, name):
        self.name = name
        self.port = free_port()
        self.console = pathlib.Path(folder) / f"{name}.console.log"
        self.errors = pathlib.Path(folder) / f"{name}.qemu.log"
        self.events = []
        self.qtest_lock = threading.Lock()
        self.sockets = tempfile.TemporaryDirectory(prefix="pinfer-board-")
        qmp, qtest = f"{self.sockets.name}/qmp", f"{self.sockets.name}/qtest"
        command = ["qemu-system-aarch64", "-display", "none", "-nodefaults",
                   "-qmp", f"unix:{qmp},server=on,wait=off", "-qtest", f"unix:{qtest},server=on,wait=off",
                   "-qtest-log", "none", "-serial", f"file:{self.console}", "-action", "watchdog=reset",
                   *(part.replace("@PORT@", str(self.port)) for part in arguments)]
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                                            preexec_fn=_end_with_parent)
        try:
            self.qmp = Channel(qmp, self.is_alive)
            self.qmp.read()
            self.execute("qmp_capabilities")
            self.qtest = Channel(qtest, self.is_alive)
        except OSError as error:
            self.end()
            raise Failure("QEMU to start", f"{error}; {self.errors.read_text()[-500:]}", self.errors) from error

    def is_alive(self):
        return self.process.poll() is None

    def execute(self, command, **arguments):
        self.qmp.write(json.dumps({"execute": command, "arguments": arguments}))
        while True:
            line = self.qmp.read()
            if not line:
                raise Failure(f"an answer of QEMU to {command}", "it has ended", self.errors)
            answer = json.loads(line)
            if "event" in answer:
                self.events.append(answer["event"])
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise Failure(f"QEMU to do {command}", answer["error"]["desc"], self.errors)

    def was_reset(self):
        """By its watchdog or by itself; the events are read with any answer."""
        self.execute("query-status")
        return [event for event in self.events if event in ("RESET", "WATCHDOG", "GUEST_PANICKED")]

    def monitor(self, line):
        answer = self.execute("human-monitor-command", **{"command-line": line})
        if answer.strip():
            raise Failure(f"QEMU to do '{line}'", answer.strip(), self.errors)

    def register(self, address):
        """A 32-bit device register, read from outside the guest."""
        return int(self._ask_qtest(f"readl {address:#x}")[1], 16)

    def set_input(self, device, line, level):
        self._ask_qtest(f"set_irq_in {device} unnamed-gpio-in {line} {level}")

    def _ask_qtest(self, line):
        with self.qtest_lock:  # a watch on the wires asks from a thread of its own
            self.qtest.write(line)
            while (answer := self.qtest.read().split()) and answer[0] == "IRQ":
                pass
        if not answer or answer[0] != "OK":
            raise Failure(f"QEMU to do '{line}'", " ".join(answer) or "it has ended", self.errors)
        return answer

    def find_device(self, kind):
        """The QOM path of a device without a name, by its type."""
        folder = "/machine/unattached"
        for entry in self.execute("qom-list", path=folder):
            if entry["type"] == f"child<{kind}>":
                return f"{folder}/{entry['name']}"
        raise Failure(f"a {kind} in the machine", "none", self.errors)

    def save(self, name):
        self.monitor(f"savevm {name}")

    def quit(self):
        """Ends with all written to its disk: an emulated SD card knows no flush."""
        self.execute("quit")
        self.process.wait(60)

    def end(self):
        """At once, as a power cut."""
        self.process.kill()
        self.process.wait()
        self.sockets.cleanup()
