# SPDX-License-Identifier: Apache-2.0
"""GPIO worlds: which machine, which chip, and how its wires are read and driven from outside the guest.

A line behaves differently in each when its owner dies: that is why there are several."""

KERNEL_WORDS = ("quiet loglevel=4 net.ifnames=0 mitigations=off nokaslr audit=0 systemd.show_status=0 "
                "panic=0 rw")


class VirtMachine:
    """What the worlds on `-M virt` share."""

    supports_snapshots = True
    before_panic, panic_limit = "true", 30 + 5  # the i6300esb, which systemd has set to 30 s
    drives_inputs = True
    guard_gap = 0  # seconds that a dead guard's wires may be elsewhere than safe, beyond ExecStopPost
    boot_limit = 120
    nominal_boot = 12.0  # seconds on an idle machine: slower ones get more time everywhere

    def __init__(self, cpu="cortex-a72"):
        self.cpu = cpu

    def released(self, levels):
        """What wires at these levels show once nobody holds them."""
        return levels

    def after_boot(self, shell):
        """What a board that has booted again needs for its wires to be read."""

    def arguments(self, image, disk, cache):
        return ["-M", "virt,gic-version=3", "-cpu", self.cpu, "-accel", "tcg,thread=multi,tb-size=512",
                "-smp", "2", "-m", "1024",
                "-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initrd.img", "-dtb", f"{image}/virt.dtb",
                "-append", f"console=ttyAMA0 root=/dev/vda {KERNEL_WORDS}",
                "-drive", f"if=none,id=root,file={disk},format=qcow2,cache={cache}",
                "-device", "virtio-blk-pci,drive=root,romfile=",
                "-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:@PORT@-:22",
                "-device", "virtio-net-pci,netdev=net,romfile=", "-device", "i6300esb"]


class Pl061(VirtMachine):
    """The controller of `-M virt`: a released output keeps its level, as on Raspberry Pi OS."""

    name = "pl061"
    reads_beside = True  # by qtest: the shell is not needed
    chip = "9030000.pl061"
    after_release = "keeps"
    _data, _direction = 0x90303FC, 0x9030400

    def set_up(self, _shell, _image):
        """Nothing: driver built in, lines named by the device tree."""

    def offset(self, line):
        return line

    def levels(self, machine, _shell):
        """Bit n is the voltage of wire n."""
        return machine.register(self._data)

    def directions(self, machine, _shell):
        """Bit n is 1 where wire n is driven."""
        return machine.register(self._direction)

    def drive(self, machine, _shell, line, level):
        machine.set_input(machine.find_device("pl061"), line, level)


class GpioSim(VirtMachine):
    """gpio-sim with a pull on every line: what a released output falls back to, unless `persist`."""

    chip = "pinctrl-sim"
    reads_beside = False

    def __init__(self, pull, persist, cpu="cortex-a72"):
        super().__init__(cpu)
        self.pull, self.persist = pull, persist
        self.name = f"gpio-sim-{pull}" + ("-persist" if persist else "")
        self.after_release = "keeps" if persist else f"pull {pull}"
        # What --safe-now drives falls back to the pull when it ends: only the next guard makes such a wire safe.
        self.guard_gap = 0 if persist else 3
        self._folder = None

    def released(self, levels):
        return levels if self.persist else (-1 if self.pull == "up" else 0)

    def set_up(self, shell, image):
        """Now, and at each boot by a unit of the image."""
        shell.upload(image / "gpio-sim.ko", "/root/gpio-sim.ko")
        shell.write("/etc/board-gpio-sim", f"LABEL={self.chip} PULL={self.pull} PERSIST={int(self.persist)}\n")
        shell.run("systemctl enable --now board-gpio-sim; udevadm settle")
        self.after_boot(shell)

    def after_boot(self, shell):
        self._folder = shell.run("until cat /run/gpio-sim 2>/dev/null; do sleep 0.1; done")

    def offset(self, line):
        return line + 17  # as if on a Raspberry Pi header

    def levels(self, _machine, shell):
        values = shell.run(" ".join(["cat", *(f"{self._folder}/sim_gpio{self.offset(n)}/value" for n in range(8))]))
        return sum(int(value) << line for line, value in enumerate(values.split()))

    def directions(self, _machine, _shell):
        return None  # gpio-sim does not tell

    def drive(self, _machine, shell, line, level):
        shell.run(f"echo pull-{'up' if level else 'down'} >{self._folder}/sim_gpio{self.offset(line)}/pull")


class RaspberryPi3:
    """QEMU's Raspberry Pi 3 B: pinctrl-bcm2835; with Debian's kernel a released output becomes an input."""

    name = "raspi3"
    reads_beside = True
    chip = "pinctrl-bcm2835"
    after_release = "input"
    guard_gap = 0
    supports_snapshots = False
    boot_limit = 240
    nominal_boot = 30.0
    # QEMU's Broadcom watchdog does not count: it resets at the moment it is started. So systemd leaves it alone
    # here, and what is shown is that a panic reaches its reset register (kernel.panic=5).
    before_panic, panic_limit = "echo 5 >/proc/sys/kernel/panic", 5 + 5
    _wires = (17, 27, 22, 23, 24, 25, 5, 6)
    _function_select, _level = 0x3F200000, 0x3F200034

    def __init__(self, cpu=None):
        del cpu  # a cortex-a53, always

    def after_boot(self, _shell):
        """Nothing, as above."""

    def arguments(self, image, disk, cache):
        return ["-M", "raspi3b", "-accel", "tcg,thread=multi", "-m", "1G",
                "-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initrd.img", "-dtb", f"{image}/raspi3.dtb",
                "-append", f"console=ttyAMA0,115200 root=/dev/mmcblk0 systemd.watchdog_sec=0 {KERNEL_WORDS}",
                "-drive", f"file={disk},if=sd,format=qcow2,cache={cache}",
                "-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:@PORT@-:22", "-device", "usb-net,netdev=net"]

    def set_up(self, _shell, _image):
        """Nothing: the driver is built in."""

    def released(self, levels):
        return levels  # QEMU's inputs, without a pull, read what they were

    def offset(self, line):
        return self._wires[line]

    def levels(self, machine, _shell):
        bits = machine.register(self._level)
        return sum((bits >> wire & 1) << line for line, wire in enumerate(self._wires))

    def directions(self, machine, _shell):
        bits = 0
        for line, wire in enumerate(self._wires):
            function = machine.register(self._function_select + wire // 10 * 4) >> wire % 10 * 3 & 7
            bits |= (function == 1) << line
        return bits


def world_of(name, cpu):
    worlds = {"pl061": lambda: Pl061(cpu), "raspi3": RaspberryPi3,
              "gpio-sim-down": lambda: GpioSim("down", False, cpu),
              "gpio-sim-up": lambda: GpioSim("up", False, cpu),
              "gpio-sim-down-persist": lambda: GpioSim("down", True, cpu),
              "gpio-sim-up-persist": lambda: GpioSim("up", True, cpu)}
    if name not in worlds:
        raise SystemExit(f"board: no world '{name}'; there are {', '.join(worlds)}")
    return worlds[name]()
