# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Sourced by make-image: what the maintainer scripts would have done, and what makes a board of it.

# Units that only cost time on an emulated board.
unneeded_units=(systemd-binfmt.service proc-sys-fs-binfmt_misc.automount systemd-firstboot.service systemd-hwdb-update.service
  systemd-journal-catalog-update.service systemd-update-utmp.service systemd-update-utmp-runlevel.service
  systemd-update-done.service systemd-machine-id-commit.service systemd-pstore.service systemd-repart.service
  systemd-pcrphase.service systemd-pcrphase-sysinit.service systemd-pcrphase-initrd.service systemd-random-seed.service
  systemd-boot-random-seed.service getty.target systemd-logind.service dev-hugepages.mount dev-mqueue.mount
  sys-fs-fuse-connections.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount
  e2scrub_reap.service e2scrub_all.timer sshd-keygen.service systemd-ask-password-wall.path
  systemd-ask-password-console.path systemd-sysusers.service systemd-tpm2-setup.service systemd-tpm2-setup-early.service
  systemd-rfkill.socket systemd-network-generator.service systemd-networkd.service systemd-networkd-wait-online.service
  systemd-timesyncd.service kmod-static-nodes.service systemd-hibernate-clear.service ldconfig.service
  systemd-udev-load-credentials.service tmp.mount run-lock.mount systemd-tmpfiles-setup-dev-early.service
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer systemd-tmpfiles-clean.timer)

set_up_accounts() {
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  echo 'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin' >>"$root/etc/passwd"
  # Who logs in on a Raspberry Pi: reads the journal, and is root without a password.
  echo 'pi:x:1000:1000:,,,:/home/pi:/bin/bash' >>"$root/etc/passwd"
  echo 'pi:x:1000:' >>"$root/etc/group"
  sed -i 's/^\(adm\|video\|sudo\):.*/&pi/' "$root/etc/group"
  install -D -m 440 /dev/stdin "$root/etc/sudoers.d/010_pi-nopasswd" <<<'pi ALL=(ALL) NOPASSWD: ALL'
  sed 's/^\([^:]*\):.*/\1:*:19000:0:99999:7:::/' "$root/etc/passwd" >"$root/etc/shadow"
  sed 's/^\([^:]*\):.*/\1:*::/' "$root/etc/group" >"$root/etc/gshadow"
  chmod 640 "$root/etc/shadow" "$root/etc/gshadow"
  systemd-sysusers --root="$root" >/dev/null 2>&1 || true  # what systemd's own packages ask for
}

set_up_libraries() {
  local multiarch=$root/usr/lib/aarch64-linux-gnu name emulator
  for name in blas lapack; do
    [[ ! -d $multiarch/$name ]] || ln -sf "$name/lib$name.so.3" "$multiarch/lib$name.so.3"
  done
  for name in atlas openblas-pthread pulseaudio; do
    [[ ! -d $multiarch/$name ]] || echo "/usr/lib/aarch64-linux-gnu/$name" >>"$root/etc/ld.so.conf.d/board.conf"
  done
  # The only foreign program that runs here; it is static.
  emulator=$(command -v qemu-aarch64) || die "no qemu-aarch64: ./dev install-deps board"
  "$emulator" "$root/usr/sbin/ldconfig" -r "$root" 2>/dev/null || "$emulator" "$root/sbin/ldconfig" -r "$root"
}

set_up_files() {
  local name
  mkdir -p "$root"/{proc,sys,dev,run,tmp,root,mnt,home,opt,srv,media} "$root"/usr/local/{bin,sbin,lib,share,etc} \
    "$root"/var/{tmp,log,cache/apt} "$root/root/.ssh"
  chmod 1777 "$root/tmp" "$root/var/tmp"
  chmod 700 "$root/root" "$root/root/.ssh"
  cp -n "$root/usr/share/base-files/profile" "$root/etc/profile" 2>/dev/null || true
  ln -sf mawk "$root/usr/bin/awk"
  ln -sf ../proc/self/mounts "$root/etc/mtab"
  : >"$root/etc/fstab"
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  for name in etc var; do touch "$root/$name/.updated"; done
  for name in auth account session session-noninteractive password; do
    printf '%s required pam_unix.so\n' "${name%%-*}" >"$root/etc/pam.d/common-$name"
  done
}

set_up_units() {
  local units=$root/etc/systemd/system unit
  mkdir -p "$units"/{multi-user,sysinit}.target.wants
  ln -sf /lib/systemd/system/multi-user.target "$units/default.target"
  ln -sf /lib/systemd/system/ssh.service "$units/multi-user.target.wants/ssh.service"
  ln -sf ../board-network.service "$units/sysinit.target.wants/board-network.service"
  for unit in "${unneeded_units[@]}"; do ln -sf /dev/null "$units/$unit"; done
}

# Keys of this image alone: the board listens on 127.0.0.1 of the host and nowhere else.
set_up_ssh() {
  ssh-keygen -q -t ed25519 -N '' -C board -f "$folder/id_ed25519"
  ssh-keygen -q -t ed25519 -N '' -C board -f "$folder/hostkey"
  install -m 600 "$folder/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  mkdir -p -m 700 "$root/home/pi/.ssh"
  cp -p "$root/root/.ssh/authorized_keys" "$root/home/pi/.ssh/"
  chown -R 1000:1000 "$root/home/pi"
  install -m 600 "$folder/hostkey" "$root/etc/ssh/ssh_host_ed25519_key"
  install -m 644 "$folder/hostkey.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
  echo "* $(cut -d' ' -f1,2 "$folder/hostkey.pub")" >"$folder/known_hosts"
  rm "$folder/hostkey" "$folder/hostkey.pub"
}

set_up_system() {
  set_up_accounts
  set_up_files
  cp -r --no-preserve=ownership "$here/image/overlay/." "$root/"
  set_up_units
  set_up_ssh
  set_up_libraries
  step "system set up"
}
