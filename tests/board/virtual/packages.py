# SPDX-License-Identifier: Apache-2.0
"""Bundle and .deb of the product for this board's release, and others made from them."""

import hashlib
import pathlib
import re
import subprocess

from virtual.failure import Failure


def next_release(manifest):
    """For other_bundle(): the same programs under another id, so a release of its own."""
    return re.sub(r"(?m)^id (.*)$", r"id \1-next", manifest)


class Packages:
    def __init__(self, repository, suite):
        self.folder = repository / "build/packages"
        self.suite = suite

    def _newest(self, pattern):
        found = sorted(self.folder.glob(pattern), key=lambda path: path.stat().st_mtime)
        if not found:
            raise Failure(f"{self.folder}/{pattern}", "none: toolchains/package/make builds them")
        return found[-1]

    def bundle(self):
        return self._newest(f"pinfer-*-arm64-{self.suite}.tar.zst")

    def deb(self):
        return self._newest(f"pinfer_*~{self.suite}_arm64.deb")

    def other_bundle(self, folder, change):
        """A bundle like the real one; `change` gets the text of its MANIFEST and gives another."""
        tree = pathlib.Path(folder) / "bundle"
        tree.mkdir()
        subprocess.run(["tar", "--zstd", "-xf", self.bundle(), "-C", tree], check=True)
        top, = tree.iterdir()
        manifest, sums = top / "MANIFEST", top / "SHA256SUMS"
        manifest.write_text(change(manifest.read_text()))
        digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
        sums.write_text(re.sub(r"(?m)^\w+(  \./MANIFEST)$", rf"{digest}\1", sums.read_text()))
        path = pathlib.Path(folder) / self.bundle().name
        subprocess.run(["tar", "--zstd", "--owner=0", "--group=0", "-cf", path, "-C", tree, top.name], check=True)
        return path

    def newer_deb(self, folder):
        """The same package with a higher version, and that version."""
        tree, path = pathlib.Path(folder) / "deb", pathlib.Path(folder) / "newer.deb"
        subprocess.run(["dpkg-deb", "-R", self.deb(), tree], check=True)
        control = tree / "DEBIAN/control"
        version = re.search(r"(?m)^Version: (.*)$", control.read_text()).group(1) + "+next"
        control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
        subprocess.run(["dpkg-deb", "-Zgzip", "--root-owner-group", "-b", tree, path], check=True, stdout=subprocess.DEVNULL)
        return path, version
