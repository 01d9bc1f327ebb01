# SPDX-License-Identifier: Apache-2.0
"""The cases: each file has functions `case_NAME(board)`; the first line of their text says what they show."""

import importlib
import pkgutil


def all_cases():
    """{name: function}, in the order of files and functions."""
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        for name, function in vars(importlib.import_module(f"cases.{module.name}")).items():
            if name.startswith("case_"):
                found[name.removeprefix("case_").replace("_", "-")] = function
    return found


def short(function):
    """Marks a case of the short run, which every commit gets."""
    function.is_short = True
    return function


def only_in(*words):
    """Marks a case that needs something of its world: an attribute that is true."""
    def mark(function):
        function.needs = words
        return function
    return mark


def only_by_name(function):
    """Marks a case that needs what not everybody has: only who names it gets it."""
    function.is_only_by_name = True
    return function


def without_pinfer(function):
    """Marks a case that starts on a board where Pinfer has never been."""
    function.snapshot = "bare"
    return only_in("supports_snapshots")(function)
