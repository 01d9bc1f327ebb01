# SPDX-License-Identifier: Apache-2.0
"""What every bench script needs: the nets, the peers' figures, and the lines that say how a figure was made."""

import os
import pathlib
import subprocess
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
STATIC_BENCH = ROOT / "build" / "aarch64-static" / "pinfer-bench"


class Net(NamedTuple):
    name: str
    mmac: float
    text: str
    path: pathlib.Path


class PeerFigure(NamedTuple):
    cpu: str
    net: str
    runtime: str
    minstr: float
    mcycles: float


def rows(file):
    """Fields of the lines of a .tsv that are no comment."""
    for line in (ROOT / "bench" / file).read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def zoo():
    return pathlib.Path(os.environ.get("PINFER_ZOO", ROOT.parent / "shared" / "models"))


def nets(wanted=()):
    """The nets of models.tsv that are on this machine; says which are not."""
    found = []
    for name, mmac, text, path in rows("models.tsv"):
        if wanted and name not in wanted:
            continue
        net = Net(name, float(mmac), text, zoo() / path)
        if net.path.exists():
            found.append(net)
        else:
            print(f"skipped: {name}: no {net.path} (PINFER_ZOO says where the nets are)")
    return found


def peers():
    return [PeerFigure(cpu, net, runtime, float(minstr), float("nan") if mcycles == "-" else float(mcycles))
            for cpu, net, runtime, minstr, mcycles, _ in rows("peers.tsv")]


def output_of(*command):
    """First line that a command prints; "unknown" where it cannot run."""
    try:
        text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return text.strip().splitlines()[0] if text.strip() else ""


def commit():
    dirty = subprocess.run(["git", "status", "--porcelain", "--", "runtime", "apps", "toolchains"], cwd=ROOT,
                           capture_output=True, text=True).stdout.strip()
    return output_of("git", "rev-parse", "--short=10", "HEAD") + (" with local changes" if dirty else "")


def cmake_cache(build, *names):
    """Values of a build folder's CMake cache."""
    values = {}
    cache = ROOT / "build" / build / "CMakeCache.txt"
    for line in cache.read_text().splitlines() if cache.exists() else []:
        key, _, value = line.partition("=")
        values[key.partition(":")[0]] = value
    return [values.get(name, "unknown") for name in names]


def flags(build):
    kind, common = cmake_cache(build, "CMAKE_BUILD_TYPE", "CMAKE_CXX_FLAGS")
    (special,) = cmake_cache(build, f"CMAKE_CXX_FLAGS_{kind.upper()}")
    return " ".join(f"{common} {special}".split()) + ", kernels with their own -march (runtime/kernels/CMakeLists.txt)"


def machine():
    """The processor that this runs on, in words."""
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith(("model name", "Model")):
                return f"{line.partition(':')[2].strip()}, {os.cpu_count()} threads"
    except OSError:
        pass
    return f"{os.uname().machine}, {os.cpu_count()} threads"


def write_result(name, lines):
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / name
    path.write_text("\n".join(lines) + "\n")
    print(f"wrote {path.relative_to(ROOT)}")
