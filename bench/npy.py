# SPDX-License-Identifier: Apache-2.0
"""NumPy's .npy files without NumPy: enough to compare two outputs."""

import array
import ast
import pathlib

CODES = {"|i1": "b", "|u1": "B", "|b1": "B", "<i2": "h", "<u2": "H", "<i4": "i", "<i8": "q", "<f4": "f", "<f8": "d"}


def read(path):
    """(descr, shape, values) of an .npy file in C order."""
    data = pathlib.Path(path).read_bytes()
    wide = data[6] > 1
    length = int.from_bytes(data[8:12 if wide else 10], "little")
    begin = 12 if wide else 10
    header = ast.literal_eval(data[begin:begin + length].decode("latin1"))
    values = array.array(CODES[header["descr"]])
    values.frombytes(data[begin + length:])
    return header["descr"], header["shape"], values


def difference(got, want):
    """What differs, in words; empty when nothing does: integers exactly, floats by 1e-4 of the largest."""
    kind, _, a = read(got)
    wanted_kind, _, b = read(want)
    if kind != wanted_kind or len(a) != len(b):
        return f"{kind}[{len(a)}] instead of {wanted_kind}[{len(b)}]"
    if kind[1] != "f":
        wrong = sum(x != y for x, y in zip(a, b))
        return f"{wrong} of {len(a)} values differ" if wrong else ""
    limit = 1e-4 * max((abs(y) for y in b), default=0)
    worst = max((abs(x - y) for x, y in zip(a, b)), default=0)
    return f"off by {worst:g}, {limit:g} allowed" if not worst <= limit else ""
