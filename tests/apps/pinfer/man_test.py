#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages name what the programs' --help names, and nothing else. Usage: man_test.py PINFER PINFERD GUARD"""

import os
import re
import subprocess
import sys
import unittest

PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../toolchains/package/man")
PROGRAMS = []


def page_of(program):
    name = os.path.basename(program)
    with open(os.path.join(PAGES, name + (".1" if name == "pinfer" else ".8")), encoding="ascii") as file:
        return file.read().replace("\\-", "-")


def help_of(program):
    return subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout


def section(page, title):
    return page.split(f"\n.SH {title}\n")[1].split("\n.SH ")[0]


class ManTest(unittest.TestCase):
    def test_options_are_those_of_the_help(self):
        for program in PROGRAMS:
            listed = re.split(r"\n(?:Signals|exit codes|Subcommands):?", help_of(program))[0]
            self.assertEqual(set(re.findall(r"--[a-z-]+", section(page_of(program), "OPTIONS"))),
                             set(re.findall(r"--[a-z-]+", listed)), program)

    def test_verbs_are_those_of_the_help(self):
        rows = re.findall(r"(?m)^  ([a-z]+)  +(.*)$", help_of(PROGRAMS[0]).split("Subcommands:")[1])
        page = re.findall(r"\.TP\n\.B ([a-z]+)\n(.*)\n", section(page_of(PROGRAMS[0]), "VERBS") + "\n")
        self.assertEqual(dict(page), dict(rows))


if __name__ == "__main__":
    PROGRAMS = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
