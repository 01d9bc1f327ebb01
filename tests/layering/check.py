#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a source tree against rules.py. Usage: check.py [ROOT]; exit 1 when a rule is broken."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rules  # noqa: E402  (found through the line above)

SKIPPED_FOLDERS = {".git", "build", "out", "__pycache__"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
OPENS_BLOCK = re.compile(r"^[A-Za-z_\[~].*\{$|^\s+.*\) .*\{$")


def files_of(root):
    """Paths relative to root, sorted, build outputs left out."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def room_of(path):
    """The longest room prefix that holds `path`, or None."""
    rooms = [room for room in rules.ROOMS if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else None


def is_allowed(room, target):
    allowed = rules.ROOMS[room]
    if target in allowed:
        return True
    target_room = room_of(target)
    # "runtime" allows every room below it; "runtime/backends" does not allow runtime/backends/cpu.
    return target_room == room or any(
        entry == target_room or ("/" not in entry and target.startswith(entry + "/"))
        for entry in allowed)


def check_own_include(root, path, target):
    """A quoted include: it names a room that `path` may see. Returns a complaint or None."""
    room = room_of(path)
    target_room = room_of(target)
    if target_room is None:
        if third_party_line(target):
            return check_third_party(path, target)
        return f'"{target}" does not start at the repository root'
    if not os.path.exists(os.path.join(root, target)) and "_generated" not in target:
        return f'"{target}" does not exist'
    if "_generated" in target:
        return check_third_party(path, target)
    if room is None or is_allowed(room, target):
        return None
    allowed = ", ".join([room] + rules.ROOMS[room])
    return f'{room} may not include "{target}"; allowed: {allowed}'


def third_party_line(target):
    for pattern, files, words in rules.THIRD_PARTY:
        if re.match(pattern, target):
            return files, words
    return None


def check_third_party(path, target):
    line = third_party_line(target)
    if line is None:
        if "." not in target or rules.SYSTEM_HEADERS.match(target):
            return None
        return f"<{target}> is in no room: give it one in tests/layering/rules.py"
    files, words = line
    if re.match(files, path):
        return None
    return f"<{target}> may not be included here; allowed: {words}"


def check_includes(root, path, lines):
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        complaint = (check_own_include(root, path, target)
                     if quote == '"' else check_third_party(path, target))
        if complaint:
            yield number, complaint


def check_functions(lines):
    """Length of function bodies that start in column 0, in clang-formatted code."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            if OPENS_BLOCK.match(line) and not re.match(
                    r"(namespace|struct|class|enum|union|extern|\s+(if|for|while|switch))\b", line):
                start = number
        elif line.startswith("}"):
            length = number - start + 1
            if line == "}" and length > rules.MAX_FUNCTION_LINES:
                yield start, f"function of {length} lines; the limit is {rules.MAX_FUNCTION_LINES}"
            start = None


def check_wall_clock(path, lines):
    if re.fullmatch(rules.MAY_READ_WALL_CLOCK, path):
        return
    for number, line in enumerate(lines, 1):
        if rules.WALL_CLOCK.search(line.split("//")[0]):
            yield number, "reads the wall clock, which jumps: runtime/core/clock.h has the monotonic one"


def check_file(root, path):
    """Complaints about one file as (line, text)."""
    name = os.path.basename(path)
    if name == "README.md":
        lines = read_lines(root, path)
        if len(lines) > rules.MAX_README_LINES and path != "README.md":
            yield 1, f"README of {len(lines)} lines; the limit is {rules.MAX_README_LINES}"
        return
    if not (name.endswith(rules.SOURCE_SUFFIXES) or name in rules.SOURCE_NAMES):
        return
    lines = read_lines(root, path)
    if len(lines) > rules.MAX_FILE_LINES:
        yield 1, f"{len(lines)} lines; the limit is {rules.MAX_FILE_LINES}: split it by idea"
    if name not in rules.NO_SPDX_NAMES and not any(rules.SPDX in line for line in lines[:2]):
        yield 1, f"no line '{rules.SPDX}' at the top"
    words = re.split(r"[_.-]", name.lower())
    refused = next((word for word in words if rules.REFUSED_NAMES.fullmatch(word)), None)
    if refused:
        yield 1, f"'{refused}' in a file name says nothing: name the thing"
    if name.endswith((".cc", ".h", ".c", ".inc")):
        yield from check_includes(root, path, lines)
        yield from check_functions(lines)
        yield from check_wall_clock(path, lines)
        yield from ((number, "not ASCII") for number, line in enumerate(lines, 1)
                    if not line.isascii())
    if name.endswith(".h") and "#pragma once" not in lines:
        yield 1, "no '#pragma once'"


def read_lines(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="surrogateescape") as file:
        return file.read().splitlines()


def needs_readme(folder):
    return not any(re.fullmatch(pattern, folder) for pattern in rules.NO_README)


def check_tree(root):
    """Every complaint about the tree as 'file:line: text'."""
    paths = files_of(root)
    for path in paths:
        for number, text in check_file(root, path):
            yield f"{path}:{number}: {text}"
    present = set(paths)
    # A folder that holds a list of targets only has nothing to explain yet.
    filled = {os.path.dirname(path) or "." for path in paths
              if os.path.basename(path) != "CMakeLists.txt"}
    for folder in sorted(filled):
        readme = os.path.normpath(os.path.join(folder, "README.md"))
        if needs_readme(folder) and readme not in present:
            yield f"{readme}:1: missing: every folder says what it is and how to extend it"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "..")
    complaints = list(check_tree(os.path.abspath(root)))
    for complaint in complaints:
        print(complaint)
    print(f"layering: {len(complaints)} violations in {os.path.abspath(root)}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
