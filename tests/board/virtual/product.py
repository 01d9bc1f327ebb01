# SPDX-License-Identifier: Apache-2.0
"""Pinfer on the board: how it is installed and configured."""

import pathlib
import shutil
import subprocess
import tempfile

CONFIG = "/etc/pinfer/config.yaml"
MODEL = "/var/lib/pinfer/models/digits.tflite"
TTL = 0.5        # guard.ttl of CONFIG, seconds
WATCHDOG = 5.0   # WatchdogSec of pinferd.service
MAX_AGE = 1.0    # frame_max_age

# Three lines that tell the states apart: bits 0..2 of the wires.
GATE, LAMP, VALVE, STOP = 0, 1, 2, 4
LINES = 0b111
SAFE = 0b110     # gate low; lamp off, active low; valve is safe when on
ACTIVE = 0b001   # a 7 is seen: gate on, lamp on, valve off
IDLE = 0b010     # nothing is seen: gate off, lamp off, valve off


def config(world, estop=False):
    """What the cases run with."""
    lines = {name: f"{{chip: {world.chip}, offset: {world.offset(line)}}}"
             for name, line in (("gate", GATE), ("lamp", LAMP), ("valve", VALVE), ("stop", STOP))}
    stop = f", estop: {{line: {lines['stop']}, active: high, bias: as_is}}" if estop else ""
    return f"""board: generic
camera: {{source: /dev/video0, width: 640, height: 480}}
model: {{path: {MODEL}, input: {{resize: crop}}}}
frame_max_age: {MAX_AGE:g}s
guard: {{ttl: {TTL * 1000:g}ms{stop}}}
outputs:
  gate: {{line: {lines['gate']}}}
  lamp: {{line: {lines['lamp']}, active: low}}
  valve: {{line: {lines['valve']}, safe: on}}
rules:
  open: {{output: gate, when: {{label: 7, threshold_high: 70%, threshold_low: 40%, seen: 2 of 3}}}}
  light: {{output: lamp, when: {{label: [7, 3], threshold_high: 70%, threshold_low: 40%, seen: 2 of 3}}}}
  flow: {{output: valve, when: {{label: 5, threshold_high: 70%, threshold_low: 40%, seen: 2 of 3}}}}
"""


def stage(repository, build, folder):
    """Everything that goes onto the board, as a tree beside it."""
    for component in ("runtime", "service"):
        subprocess.run(["cmake", "--install", str(build), "--prefix", f"{folder}/usr", "--strip", "--component", component],
                       check=True, stdout=subprocess.DEVNULL)
    model = pathlib.Path(f"{folder}{MODEL}")
    model.parent.mkdir(parents=True)
    shutil.copyfile(repository / "apps/demo/digits.tflite", model)


def install(shell, folder):
    with tempfile.NamedTemporaryFile() as archive:
        subprocess.run(["tar", "-c", "--owner=0", "--group=0", "-C", str(folder), "-f", archive.name, "."], check=True)
        shell.unpack(archive.name)
    shell.run("""systemd-sysusers pinfer.conf; systemd-tmpfiles --create pinfer.conf; mkdir -p /etc/pinfer
        udevadm control --reload; udevadm trigger --subsystem-match=gpio; udevadm settle; systemctl daemon-reload""")


def configure(shell, text):
    shell.write(CONFIG, text)
    shell.run(f"chmod 644 {CONFIG}")
