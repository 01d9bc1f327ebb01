#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The files of systemd/, as systemd itself reads them. Usage: units_test.py"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

UNITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../systemd")
EXPOSURE = {"pinferd.service": 2.5, "pinfer-guard.service": 2.0}


def read(name):
    with open(os.path.join(UNITS, name), encoding="utf-8") as file:
        return file.read()


def run(*words):
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
class UnitsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def test_exposure_stays_within_its_bounds(self):
        for name, bound in EXPOSURE.items():
            _, said = run("systemd-analyze", "security", "--offline=true", os.path.join(UNITS, name))
            level = re.search(r"exposure level for \S+: ([0-9.]+)", said)
            self.assertIsNotNone(level, said)
            self.assertLessEqual(float(level.group(1)), bound, name)

    def test_units_are_understood_whole(self):
        for name in [*EXPOSURE, "pinfer-recover.service"]:
            path = os.path.join(self.folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(re.sub(r"/usr/bin/pinfer[a-z-]*", "/bin/true", read(name)))
        for name in [*EXPOSURE, "pinfer-recover.service"]:
            _, said = run("systemd-analyze", "verify", "--man=no", os.path.join(self.folder, name))
            # What it says of other units of this machine is not ours.
            ours = [line for line in said.splitlines() if "pinfer" in line]
            self.assertEqual(ours, [])

    def test_nothing_keeps_them_from_being_tried_again(self):
        for name in EXPOSURE:
            unit = read(name)
            for line in ("Type=notify", "Restart=always", "StartLimitIntervalSec=0",
                         "WatchdogSignal=SIGKILL", "SystemCallErrorNumber=EPERM"):
                self.assertRegex(unit, rf"(?m)^{line}$", name)
            for words in ("network-online", "time-sync", "PrivateTmp="):
                self.assertNotRegex(unit, rf"(?m)^[^#\n]*{words}", name)

    def test_a_class_of_devices_is_known_before_its_first_device(self):
        unit = read("pinferd.service")
        for module in ("videodev", "drm", "nvidia", "nvgpu"):
            self.assertRegex(unit, rf"(?m)^Wants=.*modprobe@{module}\.service")
            self.assertRegex(unit, rf"(?m)^After=.*modprobe@{module}\.service")

    def test_the_daemon_may_open_the_gpus_and_the_guard_may_not(self):
        devices = ("char-drm", "char-nvidia*", "char-nvhost*", "char-*.gpu", "/dev/nvmap", "/dev/mali0")
        for device in devices:
            line = rf"(?m)^DeviceAllow={re.escape(device)} rw$"
            self.assertRegex(read("pinferd.service"), line)
            self.assertNotRegex(read("pinfer-guard.service"), line)
        # All that is not named stays closed.
        self.assertRegex(read("pinferd.service"), r"(?m)^DevicePolicy=closed$")

    def test_user_and_groups_can_be_made(self):
        for name in ("etc", "run"):
            os.makedirs(os.path.join(self.folder, name))
        code, said = run("systemd-sysusers", "--root", self.folder,
                         os.path.abspath(os.path.join(UNITS, "pinfer.sysusers")))
        self.assertEqual(code, 0, said)
        with open(os.path.join(self.folder, "etc/group"), encoding="utf-8") as file:
            groups = file.read()
        for group in ("gpio", "video", "render"):
            self.assertRegex(groups, rf"(?m)^{group}:x:\d+:pinfer$")


if __name__ == "__main__":
    unittest.main()
