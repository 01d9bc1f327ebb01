# SPDX-License-Identifier: Apache-2.0
"""How a case fails: what was expected, what was there, where to look."""


class Failure(Exception):
    """A case did not show what it must."""

    def __init__(self, expected, found, log=None):
        place = f"\n    see:      {log}" if log else ""
        super().__init__(f"\n    expected: {expected}\n    found:    {found}{place}")


def require(condition, expected, found, log=None):
    if not condition:
        raise Failure(expected, found, log)
