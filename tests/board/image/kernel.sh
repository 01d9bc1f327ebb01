# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Sourced by make-image: kernel, modules, first program, device tree.

# Folders of the kernel package that a board needs. The cloud kernels have no V4L2 and no GPIO.
module_paths=(drivers/virtio drivers/block/virtio_blk drivers/net/virtio_net drivers/net/net_failover net/core/failover
  fs/ext4 fs/jbd2 fs/mbcache lib/crc16 crypto/crc32c lib/libcrc32c fs/configfs drivers/gpio
  drivers/media/test-drivers drivers/media/common drivers/media/v4l2-core drivers/media/mc drivers/media/cec
  drivers/media/rc/rc-core drivers/video/fbdev/core drivers/watchdog/softdog drivers/watchdog/i6300esb
  drivers/watchdog/bcm2835 drivers/char/hw_random net/unix fs/autofs drivers/mmc/host/sdhci drivers/mmc/host/bcm2835
  drivers/usb/common drivers/usb/core drivers/usb/roles drivers/usb/gadget/udc/udc-core drivers/usb/dwc2
  drivers/usb/phy/phy-generic drivers/net/usb/usbnet drivers/net/usb/cdc_ether drivers/net/mii)
# Loaded before the root file system is there: on virt, and on a Raspberry Pi 3.
first_modules=(virtio_pci virtio_blk crc32c_generic ext4 virtio_net configfs
  sdhci_iproc bcm2835 phy_generic dwc2 cdc_ether bcm2835_wdt)
# Eight lines of a PL061, named as on a Raspberry Pi header.
line_names=(GPIO17 GPIO27 GPIO22 GPIO23 GPIO24 GPIO25 GPIO5 GPIO6)

add_kernel() {
  local kernel=$folder/kernel path
  local -a wanted=("./boot/vmlinuz-*" "./lib/modules/*/modules.*" "*/bcm2837-rpi-3-b.dtb")
  for path in "${module_paths[@]}"; do wanted+=("*/kernel/$path*"); done
  mkdir -p "$kernel"
  # tar fails when one pattern finds nothing (it is built in with another kernel); what must be there is asked for below.
  dpkg-deb --fsys-tarfile "$kernel_deb" | tar -x -C "$kernel" --wildcards "${wanted[@]}" 2>/dev/null || true
  cp "$kernel"/boot/vmlinuz-* "$folder/vmlinuz"
  echo "$kernel_version" >"$folder/kernel-version"
  find "$kernel" -name bcm2837-rpi-3-b.dtb -exec cp {} "$folder/raspi3.dtb" \;
  [[ -n $(find "$kernel" -name 'vivid.ko*') ]] || die "expected vivid.ko in $kernel_deb, found none: no camera"
  depmod -b "$kernel" "$kernel_version"
  cp -a "$kernel/lib/modules" "$root/usr/lib/"
  step "kernel and modules"
}

make_initrd() {
  local initrd=$folder/initrd module file
  mkdir -p "$initrd/modules"
  aarch64-linux-gnu-gcc -Os -static -s -Wall -Werror -o "$initrd/init" "$here/image/init.c"
  for module in "${first_modules[@]}"; do
    modprobe -d "$folder/kernel" -S "$kernel_version" --show-depends "$module" 2>/dev/null ||
      die "expected module $module in $kernel_deb, found none"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$folder/first-modules"
  while read -r file; do
    cp "$file" "$initrd/modules/"
    echo "/modules/$(basename "${file%.xz}")" >>"$initrd/modules.list"
  done <"$folder/first-modules"
  find "$initrd/modules" -name '*.xz' -exec xz -d {} +
  (cd "$initrd" && find . | cpio -o -H newc --quiet) >"$folder/initrd.img"
  step "initrd: $(stat -c %s "$folder/initrd.img") bytes"
}

# QEMU's own device tree of `virt`, with names for the lines and without what is in their way: a power key
# on line 3, empty virtio slots. The Raspberry Pi's wants a seed, or sshd waits 10 s for entropy.
make_device_tree() {
  local tree=$folder/virt.dtb node
  qemu-system-aarch64 -M "virt,gic-version=3,dumpdtb=$tree" -cpu cortex-a72 -smp 2 -m 1024 -display none -nodefaults 2>/dev/null
  fdtput -t s "$tree" /pl061@9030000 gpio-line-names "${line_names[@]}"
  for node in $(fdtget -l "$tree" / | grep virtio_mmio) gpio-keys; do fdtput -r "$tree" "/$node"; done
  # shellcheck disable=SC2046
  fdtput -t bx "$folder/raspi3.dtb" /chosen rng-seed $(od -An -tx1 -N64 /dev/urandom)
}
