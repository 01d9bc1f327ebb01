#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The half of `pinfer deploy` that runs on the board, as root, in a POSIX shell: this file and
# board_switch.sh behind it. Everything is a function and the last line calls it: a script that
# arrives cut does nothing.
#
# /opt/pinfer/releases/ID    whole releases; /opt/pinfer/current -> releases/ID is the one that runs
# /opt/pinfer/trial          what to go back to, from before the switch until the new one is proven;
#                            pinfer-recover.service finds it after a power cut, and goes back
# /opt/pinfer/last           what the last deployment replaced, for --rollback
# Lines for the program that asks: "fact NAME VALUE", "note TEXT", "error TEXT". Exit codes: 0 ok,
# 1 failed, 3 configuration, 4 refused. PINFER_ROOT: another root folder, for tests.

R=${PINFER_ROOT:-}
base=$R/opt/pinfer
config=$R/etc/pinfer/config.yaml
models=$R/var/lib/pinfer/models
units=$R/etc/systemd/system

# The reader may be gone (a cut connection): what has begun is finished all the same.
fact() { echo "fact $*" 2>/dev/null || :; }
note() { echo "note $*" 2>/dev/null || :; }
die() {
  code=$1
  shift
  echo "error $*" 2>/dev/null || :
  exit "$code"
}

seconds() { cut -d. -f1 /proc/uptime; } # the clock of a board may jump
umask 022
PATH=$PATH:/usr/sbin:/sbin
hash_of() { sha256sum "$1" 2>/dev/null | cut -d' ' -f1; }
link_of() { readlink "$1" 2>/dev/null || :; }

# Replaces the link $2 by one to $1: there is always an old or a new one.
relink() {
  rm -f "$2.new" && ln -s "$1" "$2.new" && mv -T "$2.new" "$2"
}
# Replaces the file $2 by the file $1, which stays.
replace() {
  cp -p "$1" "$2.new" && sync && mv -T "$2.new" "$2"
}

one_at_a_time() {
  mkdir -p "$base" || die 1 "cannot write $base: is the root file system read-only?"
  (: >"$base/lock") 2>/dev/null || die 1 "cannot write to $base: is the disk full, or the root file system read-only?"
  exec 9>"$base/lock"
  flock -n 9 || die 4 "another deployment runs on this board; wait until it has ended"
}

# ---------------------------------------------------------------- what is there

board_arch() {
  if command -v dpkg >/dev/null 2>&1; then
    dpkg --print-architecture
    return
  fi
  case $(uname -m)/$(getconf LONG_BIT 2>/dev/null) in
    aarch64/64) echo arm64 ;;
    aarch64/32 | armv7l/*) echo armhf ;;
    x86_64/*) echo amd64 ;;
    *) uname -m ;;
  esac
}

os_word() { sed -n "s/^$1=//p" "$R/etc/os-release" 2>/dev/null | tr -d '"' | head -n 1; }
is_active() { [ "$(systemctl is-active "$1" 2>/dev/null)" = active ]; }
status_text() { systemctl show -p StatusText --value pinferd 2>/dev/null; }

facts() {
  fact arch "$(board_arch)"
  fact os "$(os_word VERSION_CODENAME)"
  fact os_name "$(os_word PRETTY_NAME)"
  fact glibc "$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/glibc //')"
  fact free_kb "$(free_kb)"
  fact current "$(basename "$(link_of "$base/current")")"
  fact previous "$(sed -n 's/^release //p' "$base/last" 2>/dev/null | grep -vx -- -)"
  fact config "$(hash_of "$config")"
  for folder in "$models"/*/; do
    [ -L "${folder}current" ] && fact model "$(basename "$folder") $(link_of "${folder}current")"
  done
  for group in gpio video; do
    grep -q "^$group:" "$R/etc/group" || note "there is no group $group here: deploy makes it"
  done
  [ ! -e "$base/trial" ] || fact trial open
  if is_active pinferd; then fact service active; else fact service inactive; fi
  fact status "$(status_text)"
  holders
}

free_kb() {
  folder=$base
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  df -Pk "$folder" | awk 'NR == 2 { print $4 }'
}

# Lines that somebody else holds, as debugfs shows them.
holders() {
  [ -r "$R/sys/kernel/debug/gpio" ] || return 0
  sed -n 's/^ *gpio-[0-9]* *(\([^|]*\)|\([^)]*\)).*/\1|\2/p' "$R/sys/kernel/debug/gpio" |
    while IFS='|' read -r line who; do
      who=$(echo "$who" | sed 's/ *$//') line=$(echo "$line" | sed 's/ *$//')
      case $who in '' | pinfer*) ;; *) note "line ${line:-without a name} is held by '$who'" ;; esac
    done
}

# ---------------------------------------------------------------- may this bundle run here?

# What the bundle says of itself. `pinfer deploy` puts a function in front that knows it.
command -v manifest >/dev/null 2>&1 || manifest() { cat "$(dirname "$0")/MANIFEST"; }
needed() { manifest | sed -n "s/^$1 //p"; }

# Folders of the loader that ldconfig may not list, as a board without its cache has it.
has_library() {
  printf '%s\n' "$known_libraries" | grep -qF "$1 (" && return 0
  for folder in "$R"/lib "$R"/usr/lib "$R"/usr/local/lib "$R"/lib/*-linux-gnu* "$R"/usr/lib/*-linux-gnu*; do
    [ -e "$folder/$1" ] && return 0
  done
  return 1
}

is_older() { # $1 than $2
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

check_libraries() {
  known_libraries=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null)
  missing='' packages=''
  while read -r soname package _; do
    [ -z "$soname" ] || has_library "$soname" && continue
    missing="$missing $soname"
    case " $packages " in *" $package "*) ;; *) packages="$packages $package" ;; esac
  done <<EOF
$(needed needs)
EOF
  [ -n "$missing" ] || return 0
  os=$(os_word VERSION_CODENAME)
  [ "$os" = "$(needed os)" ] ||
    die 4 "this board runs ${os:-an unknown system} and lacks$missing; the bundle is for $(needed os): take the one for this system"
  die 4 "missing here:$missing; type there: sudo apt install$packages"
}

check_versions() {
  have=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/glibc //')
  want=$(needed glibc)
  if [ -n "$have" ] && is_older "$have" "$want"; then
    die 4 "glibc $have is too old: this bundle wants $want; take one that is built for $(os_word PRETTY_NAME)"
  fi
  library=$(ls "$R"/usr/lib/*/libstdc++.so.6.0.* "$R"/lib/*/libstdc++.so.6.0.* 2>/dev/null | sort -V | tail -n 1)
  have=3.4.${library##*.so.6.0.}
  want=$(needed libstdcxx)
  if [ -n "$library" ] && is_older "$have" "$want"; then
    die 4 "libstdc++ $have is too old: this bundle wants $want; take one that is built for $(os_word PRETTY_NAME)"
  fi
}

libraries() {
  check_libraries
  check_versions
  note "all $(needed needs | wc -l) libraries are here, glibc and libstdc++ are new enough"
}

preflight() {
  facts
  have=$(board_arch)
  [ "$have" = "$(needed arch)" ] ||
    die 4 "this board is $have, the bundle is for $(needed arch): take pinfer-*-$have-*.tar.zst"
  [ "$(id -u)" = 0 ] || die 4 "deploy needs root on the board: root@, or a user with sudo without a password"
  command -v systemctl >/dev/null 2>&1 || die 4 "this board does not run systemd"
  if dpkg-query -W -f='${db:Status-Status}' pinfer 2>/dev/null | grep -qx installed; then
    die 4 "Pinfer is installed here as a package; update that, or first: sudo apt remove pinfer"
  fi
  libraries
  want=$(($(needed size_kb) * 3 + 10240))
  [ "$(free_kb)" -ge "$want" ] ||
    die 4 "only $(free_kb) kB are free in /opt, $want are needed: remove something first (journalctl --vacuum-size=50M)"
}
