# SPDX-License-Identifier: Apache-2.0
"""llvm-mca as a function: from instruction words to cycles, resource bounds and port pressure."""

import json
import shutil
import subprocess
from typing import NamedTuple

# LLVM 19 has a model of the Neoverse N1, which is the Cortex-A76 core; older ones use the Cortex-A57's for it.
VERSIONS = ["19", "16", "15", "14"]
ATTRIBUTES = "+neon,+fp-armv8,+crypto,+crc,+lse,+rdm,+fullfp16,+dotprod,+i8mm,+bf16"
ITERATIONS = 200


class Figure(NamedTuple):
    cycles: float    # of one iteration, simulated
    bound: float     # of one iteration by the most loaded resource or the front end alone
    pressure: dict   # resource -> cycles of one iteration


def tool(name):
    """The newest of Debian's versions that is installed."""
    for version in VERSIONS:
        path = shutil.which(f"{name}-{version}")
        if path:
            return path
    raise SystemExit(f"no {name}: ./dev install-deps bench")


def version():
    for line in subprocess.run([tool("llvm-mca"), "--version"], capture_output=True, text=True).stdout.splitlines():
        if "version" in line:
            return "llvm-mca " + line.split("version")[1].strip()
    return "llvm-mca"


def hexadecimal(word):
    return " ".join(f"0x{byte:02x}" for byte in word.to_bytes(4, "little"))


def listing(code):
    """What llvm-mc prints for bytes: instructions only, words that it refuses left out."""
    done = subprocess.run([tool("llvm-mc"), "-disassemble", "-triple=aarch64", f"-mattr={ATTRIBUTES}"],
                          input=code, capture_output=True, text=True)
    lines = (line.strip().replace("\t", " ") for line in done.stdout.splitlines())
    return [line for line in lines if line and not line.startswith(".")]


def disassemble(words):
    """Assembly text, one line for each word that LLVM knows (None for the others)."""
    unique = sorted(set(words))
    text = {}
    # A border behind each word, so that lines out and words in stay together: brk #0xbeef.
    code = "".join(hexadecimal(word) + " 0xe0 0xdd 0x37 0xd4\n" for word in unique)
    pending, position = None, 0
    for line in listing(code):
        if line != "brk #0xbeef":
            pending = line
            continue
        text[unique[position]] = pending
        pending, position = None, position + 1
    return [text[word] for word in words]


def figures(regions, cpu, iterations=ITERATIONS):
    """A Figure for each list of assembly lines; a list is taken as the body of a loop."""
    source = ""
    for index, lines in enumerate(regions):
        source += f"# LLVM-MCA-BEGIN r{index}\n" + "\n".join(lines) + "\n# LLVM-MCA-END\n"
    done = subprocess.run([tool("llvm-mca"), "-mtriple=aarch64", f"-mcpu={cpu}", f"-mattr={ATTRIBUTES}",
                           f"-iterations={iterations}", "-json"], input=source, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"llvm-mca -mcpu={cpu}: {done.stderr[:2000]}")
    report = json.loads(done.stdout)
    resources = report["TargetInfo"]["Resources"]
    found = {}
    for region in report["CodeRegions"]:
        summary = region["SummaryView"]
        count = len(region["Instructions"])
        pressure = {}
        for use in region["ResourcePressureView"]["ResourcePressureInfo"]:
            if use["InstructionIndex"] == count:  # the line below the instructions: their sum
                pressure[resources[use["ResourceIndex"]]] = use["ResourceUsage"]
        found[region["Name"]] = Figure(summary["TotalCycles"] / summary["Iterations"],
                                       summary["BlockRThroughput"], pressure)
    return [found[f"r{index}"] for index in range(len(regions))]
