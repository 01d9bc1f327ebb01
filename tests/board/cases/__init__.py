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


def only_in(*words):
    """Marks a case that needs something of its world: an attribute that is true."""
    def mark(function):
        function.needs = words
        return function
    return mark
