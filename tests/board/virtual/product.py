# SPDX-License-Identifier: Apache-2.0
"""Pinfer on the board: how it is configured, and what its lines say."""

CONFIG = "/etc/pinfer/config.yaml"
MODEL = "/var/lib/pinfer/models/digits/current/digits.tflite"
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


def configure(shell, text):
    shell.write(CONFIG, text)
    shell.run(f"chmod 644 {CONFIG}")
