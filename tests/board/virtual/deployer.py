# SPDX-License-Identifier: Apache-2.0
"""`pinfer deploy`: the arm64 program itself, run here under qemu-user; its ssh is the host's."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from virtual.failure import Failure


class Deployer:
    def __init__(self, repository, build, packages, logs):
        self.model = repository / "apps/demo/digits.tflite"
        self.packages = packages
        self.program = ["qemu-aarch64", "-L", str(repository / "build/sysroot" / build.name),
                        str(build / "apps/pinfer/pinfer"), "deploy", "root@127.0.0.1"]
        self.log = logs / "deploy.log"

    def start(self, shell, folder, *options, config=None, bundle=None):
        """The process, a session of its own; its files are in `folder`."""
        command = [*self.program, "--ssh", " ".join(["ssh", *shell.options, "-p", str(shell.port)]), *options]
        if "--rollback" not in options:
            command += ["--bundle", str(bundle or self.packages.folder)]
        if config is not None:
            model = pathlib.Path(folder) / "digits"
            model.mkdir()
            shutil.copyfile(self.model, model / "digits.tflite")
            wanted = pathlib.Path(folder) / "config.yaml"
            wanted.write_text(config)
            command += ["--config", str(wanted), "--model", str(model)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, start_new_session=True)

    def kill(self, process):
        """With its ssh and all; what it said until then."""
        with contextlib.suppress(ProcessLookupError):  # it has ended, and was asked so
            os.killpg(process.pid, signal.SIGKILL)
        return self._note(process, process.communicate()[0])

    def run(self, shell, *options, config=None, bundle=None, code=0):
        """What it says; it must end with `code`."""
        with tempfile.TemporaryDirectory() as folder:
            process = self.start(shell, folder, *options, config=config, bundle=bundle)
            output = self._note(process, process.communicate()[0])
        if process.returncode != code:
            raise Failure(f"pinfer deploy {' '.join(options)}: exit {code}",
                          f"exit {process.returncode}: {output.strip()[-1000:]}", self.log)
        return output

    def _note(self, process, output):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"# {' '.join(process.args)}\n{output}\n")
        return output
