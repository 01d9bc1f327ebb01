#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""weak_symbols: no object of a per-ISA kernel file may define a symbol that other files define too.

An inline function or template that is compiled with the flags of a newer ISA can be the copy that the
linker keeps for everybody: then an older board dies with SIGILL. Usage: weak_symbols.py NM ARCHIVE.
"""

import re
import subprocess
import sys

# Members named after an ISA; scalar.cc, table.cc, pack.cc and the like are compiled for the baseline.
PER_ISA = re.compile(r"^(neon|neondot|i8mm|sve|avx|sse)\w*\.cc\.o")
SHARED_KINDS = "WVu"


def weak_symbols(listing):
    """(member, symbol) of `nm --format=posix -A` lines, and the set of per-ISA members."""
    found, members = [], set()
    for line in listing.splitlines():
        match = re.match(r".*[\[:]([^\[\]:]+)\]?: (\S+) (\w)\b", line)
        if not match or not PER_ISA.match(match.group(1)):
            continue
        member, symbol, kind = match.groups()
        members.add(member)
        # A pointer to the personality routine is data, the same for every copy.
        if kind in SHARED_KINDS and not symbol.startswith("DW.ref."):
            found.append((member, symbol))
    return found, members


def main(nm, archive):
    listing = subprocess.run([nm, "--format=posix", "-A", archive], capture_output=True, text=True, check=True).stdout
    found, members = weak_symbols(listing)
    for member, symbol in found:
        print(f"{archive}: {member} defines {symbol}, which another file may define too")
    print(f"{len(found)} shared symbols in per-ISA objects ({', '.join(sorted(members)) or 'there are none yet'})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
