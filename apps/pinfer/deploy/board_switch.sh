# SPDX-License-Identifier: Apache-2.0
# ---------------------------------------------------------------- beside what runs

# A folder that the person who logs in may write to; and what need not be sent (ID MODEL VERSION).
prepare() {
  mkdir -p "$base/incoming" "$base/releases" || die 1 "cannot write $base: is the root file system read-only?"
  chown "${SUDO_UID:-0}" "$base/incoming" && chmod 700 "$base/incoming"
  fact incoming "$base/incoming"
  [ ! -d "$base/releases/$1" ] || fact have release
  [ ! -d "$models/$2/$3" ] || fact have model
}

# Unpacks the archive $1 with the hash $2 as the folder $3, whole or not at all.
unpack() {
  [ "$(hash_of "$1")" = "$2" ] || die 1 "$1 has arrived damaged: try again"
  rm -rf "$3.partial" && mkdir -p "$3.partial"
  tar -xf "$1" -C "$3.partial" --no-same-owner --strip-components=1 ||
    { rm -rf "$3.partial" "$1"; die 1 "cannot unpack $1: is the disk full?"; }
  if [ -f "$3.partial/SHA256SUMS" ]; then
    (cd "$3.partial" && sha256sum -c --quiet SHA256SUMS) ||
      { rm -rf "$3.partial" "$1"; die 1 "the disk does not give back what was written to $3"; }
  fi
  rm -rf "$3" && sync && mv -T "$3.partial" "$3" && sync && rm -f "$1"
}

receive_release() { unpack "$base/incoming/$1.tar" "$2" "$base/releases/$1"; } # ID HASH
receive_model() { unpack "$base/incoming/$1-$2.tar" "$3" "$models/$1/$2"; }    # NAME VERSION HASH

# Shows what the configuration with the hash $1 would change: offered() prints it. $2 is "replace"
# when that may also drop an edit made on the board.
compare_config() {
  if [ ! -f "$config" ]; then
    note "there is no configuration on this board yet"
  elif [ "$1" != "$(hash_of "$config")" ]; then
    offered | diff -u "$config" - | sed '1,2d; s/^/diff /'
    [ "$2" = replace ] || [ "$(hash_of "$config")" = "$(cat "$base/config.sha256" 2>/dev/null)" ] ||
      die 4 "/etc/pinfer/config.yaml was edited on this board: take the edit over into your file (the diff shows it), then add --replace-config; a dated copy stays"
  fi
}

# Do the programs of release $1 run here, and do they take the configuration $2 (-: the present one)
# with version $4 of the model $3? $5: the hash of a configuration that was sent.
check() {
  new=$base/releases/$1
  [ -z "${5:-}" ] || [ "$(hash_of "$2")" = "$5" ] || die 1 "the configuration has arrived damaged: try again"
  file=$2
  [ "$file" != - ] || file=$config
  if [ ! -f "$file" ]; then # nothing to check: do they start at all?
    said=$("$new/bin/pinfer" --version 2>&1) || die 4 "the new programs do not run on this board: $said"
    return
  fi
  trial_config=$R/etc/pinfer/.deploy-check.yaml # beside the real one, for relative paths
  mkdir -p "$R/etc/pinfer"
  sed "s#/models/$3/current/#/models/$3/$4/#g" "$file" >"$trial_config"
  said=$("$new/bin/pinfer" check "$trial_config" 2>&1)
  verdict=$?
  [ $verdict = 0 ] && held=$("$new/bin/pinfer" doctor "$trial_config" 2>/dev/null | grep 'guard cannot have it')
  rm -f "$trial_config"
  case $verdict in
    0) [ -z "$held" ] || die 4 "$(printf '%s\n' "$held" | sed 's/^[A-Z]* *//' | head -n 1); stop that program first" ;;
    3) die 3 "the configuration is wrong for the new version:
$(printf '%s\n' "$said" | sed 's#\.deploy-check\.yaml#config.yaml#')" ;;
    *) die 4 "the new programs do not run on this board: $said" ;;
  esac
}

# ---------------------------------------------------------------- the switch

dated() { # a name beside $1 that is free, also when the clock stands still
  name=$1.$(date -u +%Y-%m-%dT%H%M%S) number=1
  while [ -e "$name" ]; do name=${name%%_*}_$number number=$((number + 1)); done
  echo "$name"
}

# What the system must know of a release. All of it leads through /opt/pinfer/current: before the
# switch it leads nowhere, or to the old release.
link_into_system() {
  mkdir -p "$units/multi-user.target.wants" "$units/sysinit.target.wants" "$R/etc/tmpfiles.d" \
    "$R/etc/udev/rules.d" "$R/usr/local/bin" "$R/etc/pinfer"
  systemd-sysusers "$1/lib/sysusers.d/pinfer.conf" || die 1 "systemd-sysusers cannot make the user pinfer"
  systemd-tmpfiles --create "$1/lib/tmpfiles.d/pinfer.conf" || die 1 "systemd-tmpfiles cannot make /var/lib/pinfer"
  from=/opt/pinfer/current
  relink $from/lib/tmpfiles.d/pinfer.conf "$R/etc/tmpfiles.d/pinfer.conf" &&
    relink $from/lib/udev/rules.d/60-pinfer.rules "$R/etc/udev/rules.d/60-pinfer.rules" &&
    relink $from/lib/systemd/system/pinfer-guard.service "$units/pinfer-guard.service" &&
    relink $from/lib/systemd/system/pinferd.service "$units/pinferd.service" &&
    relink $from/bin/pinfer "$R/usr/local/bin/pinfer" &&
    replace "$1/install.sh" "$base/board.sh" &&
    replace "$1/lib/systemd/system/pinfer-recover.service" "$units/pinfer-recover.service" &&
    relink ../pinfer-recover.service "$units/sysinit.target.wants/pinfer-recover.service" ||
    die 1 "cannot write to /etc: is the disk full, or the root file system read-only?"
}

unlink_from_system() {
  rm -f "$R/etc/tmpfiles.d/pinfer.conf" "$R/etc/udev/rules.d/60-pinfer.rules" "$R/usr/local/bin/pinfer" \
    "$units"/*.wants/pinferd.service "$units"/*.wants/pinfer-guard.service \
    "$units/pinfer-guard.service" "$units/pinferd.service"
}

enabled() { [ -L "$units/multi-user.target.wants/pinferd.service" ]; }

enable_units() {
  relink ../pinfer-guard.service "$units/multi-user.target.wants/pinfer-guard.service" &&
    relink ../pinferd.service "$units/multi-user.target.wants/pinferd.service"
}

main_pid() { systemctl show -p MainPID --value pinferd 2>/dev/null; }

restart() {
  before=$(main_pid)
  systemctl daemon-reload
  udevadm control --reload 2>/dev/null
  udevadm trigger --subsystem-match=gpio --subsystem-match=pwm --subsystem-match=dma_heap 2>/dev/null
  [ ! -f "$config" ] || ! enabled || systemctl --no-block restart pinfer-guard pinferd
}

frames() { # how many frames the daemon has looked at
  status_text | awk '{ for (i = 2; i <= NF; i++) if ($i ~ /^frames|^withheld/) n += $(i - 1) } END { print n + 0 }'
}

# Up: both services active, not the daemon from before, frames seen ($2: frames), and the same
# process 3 s later.
wait_until_up() {
  end=$(($(seconds) + $1)) since='' process=''
  while [ "$(seconds)" -lt "$end" ]; do
    now=$(main_pid)
    if [ "$now" != "$before" ] && is_active pinfer-guard && is_active pinferd && { [ "$2" != frames ] || [ "$(frames)" -gt 0 ]; }; then
      [ "$now" = "$process" ] || { process=$now since=$(seconds); }
      [ $(($(seconds) - since)) -lt "${PINFER_STEADY:-3}" ] || return 0
    else
      process=''
    fi
    sleep 0.5
  done
  return 1
}

why_not_up() {
  if ! is_active pinfer-guard; then
    echo "pinfer-guard is not up: $(journalctl -u pinfer-guard -n 1 -o cat 2>/dev/null)"
  elif ! is_active pinferd; then
    echo "pinferd is not up: $(journalctl -u pinferd -n 3 -o cat 2>/dev/null | tr '\n' ' ')"
  else
    echo "no frame has come ($(status_text)); --no-frames accepts that"
  fi
}

no_block=''
# Back to what the trial has noted. May be cut and begun again: the note goes last.
undo() {
  [ -f "$base/trial" ] || return 0
  while read -r what thing earlier; do
    case $what in
      config) if [ "$thing" = none ]; then rm -f "$config"; else replace "$thing" "$config"; fi ;;
      model) if [ "$earlier" = - ]; then rm -f "$models/$thing/current"; else relink "$earlier" "$models/$thing/current"; fi ;;
      units) rm -f "$units"/multi-user.target.wants/pinferd.service "$units"/multi-user.target.wants/pinfer-guard.service ;;
      release)
        if [ "$thing" = - ]; then
          systemctl $no_block stop pinferd pinfer-guard 2>/dev/null
          unlink_from_system
          rm -f "$base/current"
        else
          relink "releases/$thing" "$base/current"
        fi
        ;;
    esac || die 1 "cannot go back to the old version yet; at the next boot pinfer-recover tries again"
  done <"$base/trial"
  sync
  rm -f "$base/trial"
  sync
}

recover() { # at boot, before the services: nothing to wait for
  no_block=--no-block
  undo
  systemctl daemon-reload 2>/dev/null || :
}

# switch ID CONFIG|- MODEL|- VERSION|- SECONDS frames|ready
switch() {
  one_at_a_time
  [ ! -e "$base/trial" ] || { note "undoing a deployment that was cut short"; undo; }
  trap '' HUP INT PIPE
  old=$(basename "$(link_of "$base/current")") wanted=$6
  if is_active pinferd && ! status_text | grep -q 'camera live'; then
    wanted=ready
    note "the camera gives no frames now, so none are waited for"
  fi
  link_into_system "$base/releases/$1"
  begin_trial "$@"
  [ "$3" = - ] || relink "$4" "$models/$3/current" || give_up "cannot switch the model"
  [ "$2" = - ] || { like_the_old "$2" && replace "$2" "$config"; } || give_up "cannot write $config"
  if [ -f "$config" ] && { [ -z "$old" ] || [ "$2" != - ]; }; then enable_units || give_up "cannot enable the units"; fi
  relink "releases/$1" "$base/current" || give_up "cannot switch $base/current"
  sync
  restart
  if [ ! -f "$config" ] || ! enabled; then
    note "installed, not started: $([ -f "$config" ] && echo 'pinferd is disabled here' || echo 'there is no /etc/pinfer/config.yaml')"
  else
    wait_until_up "$5" "$wanted" || give_up "not up after $5 s: $(why_not_up)"
  fi
  keep
}

# A configuration that was sent belongs to whoever logged in: who may read it is as it was before.
like_the_old() {
  chown 0:0 "$1" && chmod 644 "$1" || return 1
  [ ! -f "$config" ] || { chown --reference="$config" "$1" && chmod --reference="$config" "$1"; }
}

# Everything that undo needs, on the disk before anything is switched.
begin_trial() {
  saved=-
  if [ "$2" != - ] && [ -f "$config" ]; then
    saved=$(dated "$config")
    cp -p "$config" "$saved" || die 1 "cannot keep a copy of $config: is the disk full?"
  elif [ "$2" != - ]; then
    saved=none
  fi
  {
    [ "$saved" = - ] || echo "config $saved $(hash_of "$2")"
    [ "$3" = - ] || echo "model $3 $(basename "$(link_of "$models/$3/current")" | sed 's/^$/-/')"
    enabled || echo units
    echo "release ${old:--}"
  } >"$base/trial.new" && sync && mv -T "$base/trial.new" "$base/trial" && sync ||
    die 1 "cannot write $base/trial: is the disk full?"
}

give_up() {
  undo
  restart
  die 1 "$1; back at ${old:-nothing}"
}

# The new version is the version.
keep() {
  mv -T "$base/trial" "$base/last" && sync
  sed -n 's/^config [^ ]* //p' "$base/last" | grep . >"$base/config.new" && mv -T "$base/config.new" "$base/config.sha256"
  rm -f "$base/config.new"
  for release in "$base"/releases/*; do
    case ${release##*/} in "$old" | "$(basename "$(link_of "$base/current")")") ;; *) rm -rf "$release" ;; esac
  done
  rm -rf "$base/incoming"
  fact switched "$(basename "$(link_of "$base/current")")"
  fact status "$(status_text)"
}

rollback() { # SECONDS frames|ready
  [ -f "$base/last" ] || die 4 "there is nothing to go back to on this board"
  back=$(sed -n 's/^release //p' "$base/last") back_config=- back_model=- back_version=-
  [ -d "$base/releases/$back" ] || die 4 "what ran before is not on this board any more: deploy that bundle"
  read -r _ name hash <<EOF
$(grep '^config' "$base/last")
EOF
  if [ -n "$hash" ] && [ "$name" != none ]; then
    if [ "$(hash_of "$config")" = "$hash" ]; then back_config=$name; else note "the configuration was edited since: it stays"; fi
  fi
  read -r _ name version <<EOF
$(grep '^model' "$base/last")
EOF
  [ "${version:--}" = - ] || back_model=$name back_version=$version
  check "$back" "$back_config" "$back_model" "$back_version"
  switch "$back" "$back_config" "$back_model" "$back_version" "$1" "$2"
}

# sudo sh install.sh: the bundle that this script lies in, by hand.
install_here() {
  here=$(cd "$(dirname "$0")" && pwd)
  id=$(needed id)
  one_at_a_time
  facts
  preflight
  mkdir -p "$base/releases"
  if [ "$here" != "$base/releases/$id" ]; then
    rm -rf "$base/releases/$id.partial" && cp -R "$here" "$base/releases/$id.partial" && sync &&
      rm -rf "$base/releases/$id" && mv -T "$base/releases/$id.partial" "$base/releases/$id" || die 1 "cannot copy to $base"
  fi
  check "$id" - - -
  switch "$id" - - - 60 "${1:-frames}"
}

main() {
  step=${1:-install_here}
  [ $# = 0 ] || shift
  case $step in
    facts | libraries | preflight | prepare | receive_release | receive_model | compare_config | check | switch | rollback | recover | install_here) "$step" "$@" ;;
    *) die 2 "no step called '$step'; a person types: sudo sh install.sh, or sh install.sh libraries" ;;
  esac
}

main "$@"
