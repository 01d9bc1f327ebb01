# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Sourced by make-image: which packages, and how they get from the host's own apt sources into a folder.

base_packages=(base-files base-passwd bash coreutils dash debianutils diffutils findutils grep gzip hostname libc-bin login mount
  passwd sed tar util-linux libpam-modules libpam-runtime dpkg systemd systemd-sysv udev kmod openssh-server iproute2
  procps mawk netbase psmisc sudo zstd gpiod v4l-utils)

# What pinfer links, by suite.
product_packages() {
  case $suite in
    bookworm) echo usr-is-merged libfmt9 libsqlite3-0 libgpiod2 libyaml-cpp0.7 \
                   libopencv-core406 libopencv-imgcodecs406 libopencv-videoio406 ;;
    trixie) echo libfmt10 libsqlite3-0 libgpiod3 libyaml-cpp0.8 \
                 libopencv-core410 libopencv-imgcodecs410 libopencv-videoio410 ;;
  esac
}

# The folder of a private apt for ARCHITECTURE SUITE.
apt_for() {
  local folder=$cache/apt-$1-$2
  make_apt_state "$folder" "$1" "$2" || die "no package lists for $2"
  echo "$folder"
}

# The files that apt would install for these packages, by name.
planned_debs() {
  local state=$1
  shift
  APT_CONFIG=$state/apt.conf apt-get install -y -s "$@" | awk '
    /^Inst / { version = $3; sub(/^\(/, "", version); gsub(/:/, "%3a", version)
               name = $2; sub(/:.*/, "", name)
               match($0, /\[[a-z0-9]+\]\)/); print name "_" version "_" substr($0, RSTART + 1, RLENGTH - 3) ".deb" }'
}

fetch_packages() {
  local -a wanted
  read -ra wanted <<<"$(product_packages)"
  userland=$(apt_for arm64 "$suite")
  kernel_apt=$(apt_for arm64 "$kernel_suite")
  update_apt_lists "$userland"
  update_apt_lists "$kernel_apt"
  planned_debs "$userland" "${base_packages[@]}" "${wanted[@]}" >"$folder/debs"
  APT_CONFIG=$userland/apt.conf apt-get -qq install -y --download-only "${base_packages[@]}" "${wanted[@]}"
  kernel_package=$(APT_CONFIG=$kernel_apt/apt.conf apt-cache depends linux-image-arm64 |
    awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
  [[ -n $kernel_package ]] || die "linux-image-arm64 of $kernel_suite names no kernel"
  kernel_version=${kernel_package#linux-image-}
  kernel_deb=$(find "$kernel_apt/archives" -name "${kernel_package}_*.deb")
  if [[ -z $kernel_deb ]]; then
    (cd "$kernel_apt/archives" && APT_CONFIG=$kernel_apt/apt.conf apt-get -qq download "$kernel_package")
    kernel_deb=$(find "$kernel_apt/archives" -name "${kernel_package}_*.deb")
  fi
  step "downloaded: $(wc -l <"$folder/debs") packages of $suite, kernel $kernel_version"
}

unpack_one() {
  dpkg-deb --fsys-tarfile "$1" | tar -x -p --keep-directory-symlink --exclude='./usr/share/doc/*' \
    --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/gdal/*' \
    --exclude='./usr/share/lintian/*' -C "$root" -f -
}

unpack_packages() {
  export root=$folder/root
  export -f unpack_one
  mkdir -p "$root"/usr/{bin,sbin,lib}
  local directory
  for directory in bin sbin lib; do ln -s "usr/$directory" "$root/$directory"; done
  # shellcheck disable=SC2016  # the inner shell expands it
  (cd "$userland/archives" && xargs -a "$folder/debs" -d '\n' -n1 -P "$(nproc)" bash -c 'set -o pipefail; unpack_one "$0"') ||
    die "a package of $folder/debs does not unpack"
  write_dpkg_database
  step "unpacked: $(du -sm "$root" | cut -f1) MB"
}

# So that dpkg -l and dpkg -i work on the board.
write_dpkg_database() {
  local database=$root/var/lib/dpkg
  mkdir -p "$database"/{info,updates,triggers,alternatives}
  (cd "$userland/archives" && while read -r deb; do dpkg-deb -f "$deb" | sed '1a Status: install ok installed'; echo; done \
    <"$folder/debs") >"$database/status"
  echo arm64 >"$database/arch"
  : >"$database/available"
  awk '/^Package:/ { print $2 }' "$database/status" | while read -r package; do : >"$database/info/$package.list"; done
}
