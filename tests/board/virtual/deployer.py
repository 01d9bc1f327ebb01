# SPDX-License-Identifier: Apache-2.0
"""`pinfer deploy`: the arm64 program itself, run here under qemu-user; its ssh is the host's."""

import pathlib
import shutil
import subprocess
import tempfile

from virtual.failure import Failure


class Deployer:
    def __init__(self, repository, build, logs):
        self.model = repository / "apps/demo/digits.tflite"
        self.bundles = repository / "build/packages"
        self.program = ["qemu-aarch64", "-L", str(repository / "build/sysroot" / build.name),
                        str(build / "apps/pinfer/pinfer"), "deploy", "root@127.0.0.1"]
        self.log = logs / "deploy.log"

    def start(self, shell, folder, *options, config=None):
        """The process; its files are in `folder`."""
        command = [*self.program, "--ssh", " ".join(["ssh", *shell.options, "-p", str(shell.port)]), *options]
        if "--rollback" not in options:
            command += ["--bundle", str(self.bundles)]
        if config is not None:
            model = pathlib.Path(folder) / "digits"
            model.mkdir()
            shutil.copyfile(self.model, model / "digits.tflite")
            wanted = pathlib.Path(folder) / "config.yaml"
            wanted.write_text(config)
            command += ["--config", str(wanted), "--model", str(model)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, shell, *options, config=None, code=0):
        """What it says; it must end with `code`."""
        with tempfile.TemporaryDirectory() as folder:
            process = self.start(shell, folder, *options, config=config)
            output = process.communicate()[0]
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"# {' '.join(process.args)}\n{output}\n")
        if process.returncode != code:
            raise Failure(f"pinfer deploy {' '.join(options)}: exit {code}",
                          f"exit {process.returncode}: {output.strip()[-1000:]}", self.log)
        return output
