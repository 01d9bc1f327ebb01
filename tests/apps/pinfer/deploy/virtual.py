# SPDX-License-Identifier: Apache-2.0
"""A board that is a folder: the tools which the board's half of `pinfer deploy` calls are scripts
that keep their state below it, and `ssh` runs commands there. Can lose power before any command
that changes the disk."""

import hashlib
import os
import shutil
import subprocess

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../../.."))
PARTS = [os.path.join(REPOSITORY, "apps/pinfer/deploy", name)
         for name in ("board_facts.sh", "board_switch.sh")]

# Power goes before the command with the number $CUT, of those that change the disk.
CUTTING = """#!/bin/sh
if [ -n "${CUT:-}" ]; then
  number=$(($(cat "$STATE/count" 2>/dev/null || echo 0) + 1))
  echo $number >"$STATE/count"
  [ $number != "$CUT" ] || kill -9 0
fi
PATH=$REAL_PATH exec %s "$@"
"""

TOOLS = {
    "systemctl": """#!/bin/sh
current=$PINFER_ROOT/opt/pinfer/current
case "$*" in
  "is-active "*) if [ -e "$STATE/$2.active" ]; then echo active; else echo inactive; exit 3; fi ;;
  *StatusText*) [ ! -e "$STATE/pinferd.active" ] || cat "$STATE/status" ;;
  *MainPID*) cat "$STATE/pid" 2>/dev/null || echo 0 ;;
  *stop*) rm -f "$STATE"/*.active ;;
  *restart*)
    echo $(($(cat "$STATE/pid" 2>/dev/null || echo 100) + 1)) >"$STATE/pid"
    rm -f "$STATE"/*.active
    behaviour=$(cat "$current/bin/pinferd")
    case $behaviour in *broken*) ;; *) : >"$STATE/pinfer-guard.active"; : >"$STATE/pinferd.active" ;; esac
    case $behaviour in
      *blind*) echo "camera lost, 0 frames decided" ;;
      *) echo "camera live, 12 frames decided, 1 withheld" ;;
    esac >"$STATE/status" ;;
esac
""",
    "systemd-sysusers": "#!/bin/sh\n[ -e \"$1\" ]\n",
    "systemd-tmpfiles": "#!/bin/sh\nmkdir -p \"$PINFER_ROOT/var/lib/pinfer/models\"\n",
    "udevadm": "#!/bin/sh\n",
    "journalctl": "#!/bin/sh\necho 'the last words of the service'\n",
    "ldconfig": "#!/bin/sh\nprintf '\\tlibgood.so.1 (libc6,AArch64) => /lib/libgood.so.1\\n'\n",
    "dpkg": "#!/bin/sh\necho arm64\n",
    "dpkg-query": "#!/bin/sh\n[ ! -e \"$STATE/package\" ] || echo installed\n",
    "getconf": "#!/bin/sh\necho glibc 2.36\n",
    "id": "#!/bin/sh\necho 0\n",
    "chown": "#!/bin/sh\n",
    "sleep": "#!/bin/sh\nexec /bin/sleep 0.01\n",
    "df": "#!/bin/sh\nprintf 'x\\nx x x %s x x\\n' \"$(cat \"$STATE/free\" 2>/dev/null || echo 900000)\"\n",
}
CHANGING = ["mv", "ln", "rm", "cp", "mkdir", "sync", "tar"]

# Skips ssh's options. $SSH_CUT: the connection of that call breaks, while the board goes on.
SSH = """#!/bin/sh
while :; do
  case $1 in
    -o) shift 2 ;;
    -O) exit 0 ;;
    *) break ;;
  esac
done
target=$1
shift
folder=$BOARDS/$target
[ -d "$folder" ] || { echo "ssh: connect to host $target: No route to host" >&2; exit 255; }
. "$folder/environment"
number=$(($(cat "$STATE/calls" 2>/dev/null || echo 0) + 1))
echo $number >"$STATE/calls"
if [ "$number" = "${SSH_CUT:-}" ]; then
  cat >"$STATE/input"
  setsid sh -c "$*" <"$STATE/input" >/dev/null 2>&1 &
  [ -z "${SSH_WAIT:-}" ] || wait
  echo "Connection to $target closed by remote host." >&2
  exit 255
fi
exec sh -c "$*"
"""


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Board:
    def __init__(self, folder):
        self.folder = folder
        self.root = os.path.join(folder, "root")
        self.state = os.path.join(folder, "state")
        self.tools = os.path.join(folder, "tools")

    @staticmethod
    def make(folder):
        board = Board(folder)
        os.makedirs(board.state)
        for name, text in TOOLS.items():
            write(os.path.join(board.tools, name), text, 0o755)
        for name in CHANGING:
            # The disk of this machine need not be waited for.
            real = "true" if name == "sync" else name
            write(os.path.join(board.tools, name), CUTTING % real, 0o755)
        write(board.path("etc/os-release"),
              'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\n')
        write(board.path("etc/group"), "video:x:44:\n")
        board.write_environment()
        return board

    def write_environment(self):
        lines = [f'export {name}="{value}"\n' for name, value in self.variables().items()]
        write(os.path.join(self.folder, "environment"), "".join(lines))

    def copy(self, folder):
        shutil.copytree(self.folder, folder, symlinks=True)
        other = Board(folder)
        other.write_environment()
        return other

    def variables(self):
        real = os.environ["PATH"]
        return {"PINFER_ROOT": self.root, "STATE": self.state, "PINFER_STEADY": "0",
                "REAL_PATH": real, "PATH": self.tools + ":" + real}

    def path(self, name):
        return os.path.join(self.root, name)

    def run(self, *words, cut=None, prelude=""):
        """A step of the board's script, as ssh would start it; returns exit code and output."""
        environment = dict(os.environ, **self.variables())
        if cut is not None:
            environment["CUT"] = str(cut)
        script = prelude + "".join(read(part) for part in PARTS)
        done = subprocess.run(["sh", "-s", "--", *words], input=script, env=environment, check=False,
                              capture_output=True, text=True, start_new_session=True)
        return done.returncode, done.stdout + done.stderr

    def power_up(self):
        """What a boot does: nothing runs, pinfer-recover.service, then the enabled units."""
        for name in os.listdir(self.state):
            if name.endswith(".active") or name == "count":
                os.remove(os.path.join(self.state, name))
        recover = self.path("etc/systemd/system/sysinit.target.wants/pinfer-recover.service")
        if os.path.exists(self.path("opt/pinfer/trial")) and os.path.exists(recover):
            code, said = self.run("recover", prelude="manifest() { :; }\n")
            assert code == 0, said

    def link(self, name):
        path = self.path(name)
        return os.path.basename(os.readlink(path)) if os.path.islink(path) else None

    def release(self):
        """The version that runs after a boot: None, or a whole release."""
        unit = self.path("etc/systemd/system/pinferd.service")
        if self.link("opt/pinfer/current") is None or not os.path.islink(unit):
            return None
        name = self.link("opt/pinfer/current")
        folder = self.path("opt/pinfer/releases/" + name)
        done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=False)
        assert done.returncode == 0, f"release {name} is not whole"
        return name

    def config(self):
        path = self.path("etc/pinfer/config.yaml")
        return read(path) if os.path.exists(path) else None

    def model(self):
        return self.link("var/lib/pinfer/models/digits/current")


def make_bundle(out, version, behaviour="good", needs="needs libgood.so.1 libgood1 libgood1",
                arch="arm64", glibc="2.36"):
    """A bundle whose programs are scripts; returns its path. The id is the version."""
    name = f"pinfer-{version}-{arch}-bookworm"
    tree = os.path.join(out, "tree", name)
    shell = "/lib/ld-of-another-system" if behaviour == "foreign" else "/bin/sh"
    write(os.path.join(tree, "bin/pinfer"), f"#!{shell}\n" + """case $1 in
  check) if grep -q wrong "$2"; then echo "$2:3:1: outputs: wrong"; exit 3; fi ;;
  doctor) if grep -q taken "$2"; then echo "DANGER   GPIO17 is held by 'other', so the guard cannot have it"; fi ;;
esac
""", 0o755)
    write(os.path.join(tree, "bin/pinferd"), f"{version} {behaviour}\n", 0o755)
    write(os.path.join(tree, "bin/pinfer-guard"), version + "\n", 0o755)
    write(os.path.join(tree, "install.sh"), "".join(read(part) for part in PARTS), 0o755)
    for unit in ("pinferd", "pinfer-guard", "pinfer-recover"):
        write(os.path.join(tree, f"lib/systemd/system/{unit}.service"), version + "\n")
    write(os.path.join(tree, "lib/sysusers.d/pinfer.conf"), "u pinfer\n")
    write(os.path.join(tree, "lib/tmpfiles.d/pinfer.conf"), "d /var/lib/pinfer\n")
    write(os.path.join(tree, "lib/udev/rules.d/60-pinfer.rules"), "\n")
    write(os.path.join(tree, "MANIFEST"),
          f"pinfer 1\nid {version}\nversion {version}\nos bookworm\nsize_kb 100\narch {arch}\n"
          f"glibc {glibc}\nlibstdcxx 3.4.30\n{needs}\n")
    sums = []
    for where, _, names in os.walk(tree):
        for file in names:
            path = os.path.join(where, file)
            with open(path, "rb") as content:
                digest = hashlib.sha256(content.read()).hexdigest()
            sums.append(f"{digest}  ./{os.path.relpath(path, tree)}\n")
    write(os.path.join(tree, "SHA256SUMS"), "".join(sums))
    archive = os.path.join(out, name + ".tar.zst")
    subprocess.run(["tar", "--zstd", "-C", os.path.join(out, "tree"), "-cf", archive, name],
                   check=True)
    return archive


def unpack_release(bundle, board, version):
    """As the steps before the switch leave it."""
    folder = board.path("opt/pinfer/releases/" + version)
    os.makedirs(folder)
    subprocess.run(["tar", "--zstd", "-xf", bundle, "-C", folder, "--strip-components=1"], check=True)
