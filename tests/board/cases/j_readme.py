# SPDX-License-Identifier: Apache-2.0
"""What README.md tells people to type."""

import os
import pathlib
import subprocess
import tempfile
import threading

from cases import without_pinfer
from virtual import product
from virtual.failure import require
from virtual.lab import REPOSITORY


def _commands():
    text = (REPOSITORY / "README.md").read_text()
    section = text.split("## From laptop to board\n")[1].split("\n## ")[0]
    return [line.split("#")[0].strip() for line in section.splitlines() if line.startswith("    ")]


class Desk:
    """A folder as a person has it: packages, gate.yaml, a model; `pinfer` and `ssh` in the path, a board called board."""

    def __init__(self, board, folder):
        self.folder = pathlib.Path(folder)
        for name in ("bin", "build", "detector"):
            (self.folder / name).mkdir()
        (self.folder / "build/packages").symlink_to(board.packages.folder)
        (self.folder / "detector/detector.tflite").write_bytes(board.deployer.model.read_bytes())
        (self.folder / "gate.yaml").write_text(product.config(board.world).replace(
            product.MODEL, "/var/lib/pinfer/models/detector/current/detector.tflite"))
        # The person's own ~/.ssh/config would say this.
        options = " ".join(f"'{word}'" for word in board.shell.login)
        self._program("ssh", f"exec /usr/bin/ssh {options} -o HostName=127.0.0.1 -o Port={board.shell.port} \"$@\"")
        self._program("pinfer", f"exec {' '.join(board.deployer.program[:-2])} \"$@\"")

    def _program(self, name, line):
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def start(self, command):
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return subprocess.Popen(["bash", "-c", command], cwd=self.folder, env=dict(os.environ, PATH=path),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def type(self, command, limit):
        process = self.start(command)
        said = process.communicate(timeout=limit)[0]
        return process.returncode, said


@without_pinfer
def case_readme(board):
    """"From laptop to board", its commands word for word; the two that build are run before this."""
    package, install, deploy, doctor, follow = _commands()
    require((package, install) == ("./dev package host aarch64", "sudo apt install ./build/packages/pinfer_*_amd64.deb"),
            "the commands that this case leaves out", (package, install))
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(board, folder)
        code, said = desk.type(deploy, 240 * board.slack)
        require(code == 0 and "switched" in said, f"{deploy}: switched", f"exit {code}: {said}")
        board.expect(product.IDLE, 10, "deployed")
        _, said = desk.type(doctor, 60 * board.slack)
        require("gate" in said, f"{doctor}: something on the gate", said)
        following = desk.start(follow)
        board.go_active()
        require(_says(following, "gate", 20 * board.slack), f"{follow}: a line on the gate", "none")


def _says(process, word, limit):
    """It goes on for ever: ended at the first line with the word, or by the limit."""
    timer = threading.Timer(limit, process.kill)
    timer.start()
    found = any(word in line for line in process.stdout)
    timer.cancel()
    process.kill()
    process.wait()
    return found
