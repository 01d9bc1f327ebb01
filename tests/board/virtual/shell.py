# SPDX-License-Identifier: Apache-2.0
"""Commands on the board over ssh on 127.0.0.1: one connection with one shell, 20 ms a command."""

import base64
import os
import pathlib
import selectors
import subprocess
import time
import uuid

from virtual.failure import Failure


class Shell:
    def __init__(self, image, port, console, folder):
        self.console = console
        self.login = ["-q", "-F", "none", "-i", str(image / "id_ed25519"),
                      "-o", f"UserKnownHostsFile={image / 'known_hosts'}", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
        self.options = [*self.login, "-o", f"ControlPath={folder}/ssh"]
        self.port = port
        self.socket = pathlib.Path(folder) / "ssh"
        self.process = self.master = None

    def command(self, *words):
        return ["ssh", *self.options, "-p", str(self.port), "root@127.0.0.1", *words]

    def connect(self, within, alive=lambda: True):
        """Until the board answers; the seconds that took."""
        started = time.monotonic()
        while True:
            self.close()
            self.process = subprocess.Popen(self.command("exec sh"), stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                # A machine that still boots accepts the connection and says nothing.
                self.run("true", limit=max(10, min(60, within / 2)))
                # What comes over connections of its own (uploads, deploy) goes through this one: no handshake each.
                self.master = subprocess.Popen(self.command("-N", "-M"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                               stderr=subprocess.DEVNULL)
                return time.monotonic() - started
            except Failure:
                took = time.monotonic() - started
                if took > within or not alive():
                    raise Failure(f"ssh within {within:.0f} s", f"no answer after {took:.0f} s", self.console) from None
                time.sleep(0.1)

    def run(self, script, limit=60, check=True):
        """Output of the script; it runs in the one shell, so `cd` and variables stay."""
        if not self.process:
            raise Failure(f"the board to run: {script}", "no connection", self.console)
        mark = uuid.uuid4().hex
        try:
            self.process.stdin.write(f"{{ {script}\n}} 2>&1 </dev/null; echo; echo {mark} $?\n".encode())
            self.process.stdin.flush()
        except OSError as error:
            raise Failure(f"the board to run: {script}", f"connection lost ({error})", self.console) from error
        text = self._read_until(mark, script, limit)
        output, _, status = text.rpartition(f"\n{mark} ")
        if check and int(status) != 0:
            raise Failure(f"on the board: {script}", f"exit {status.strip()}: {output.strip()[-1500:]}", self.console)
        return output.strip()

    def _read_until(self, mark, script, limit):
        text, until = b"", time.monotonic() + limit
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while f"\n{mark} ".encode() not in text or not text.endswith(b"\n"):
                ready = selector.select(max(0.0, until - time.monotonic()))
                data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
                if not data:
                    what = "connection lost" if ready else f"nothing within {limit:.0f} s"
                    raise Failure(f"the board to end: {script}", f"{what}; so far: {text.decode(errors='replace')[-800:]}",
                                  self.console)
                text += data
        return text.decode(errors="replace")

    def send(self, script):
        """For commands that take the board away: it runs in a moment, and no answer is awaited."""
        self.run(f"(sleep 0.1; {script}) >/dev/null 2>&1 &")

    def upload(self, source, path):
        """A file of this machine onto the board: a connection of its own, for what is large."""
        with open(source, "rb") as data:
            done = subprocess.run(self.command(f"cat >'{path}' && chmod 755 '{path}'"), stdin=data, capture_output=True,
                                  check=False)
        if done.returncode != 0:
            raise Failure(f"{source} to be copied to {path}", done.stderr.decode(errors="replace"), self.console)

    def write(self, path, content):
        data = content if isinstance(content, bytes) else content.encode()
        self.run(f"base64 -d >'{path}.new' <<'END' && mv '{path}.new' '{path}'\n{base64.encodebytes(data).decode()}END")

    def cut_shared_connection(self):
        """What uploads and deployments go through breaks, as with a cable pulled; this shell has its own."""
        self.master.kill()
        self.master.wait()
        self.master = None

    def close(self):
        for process in (self.master, self.process):
            if process:
                process.kill()
                process.wait()
        self.process = self.master = None
        self.socket.unlink(missing_ok=True)
