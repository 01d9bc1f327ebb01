# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by toolchains/sysroot and tests/board: apt for another architecture and another release,
# beside the apt of this machine, which is not touched.

host_suite() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

# Makes a private apt in FOLDER for ARCHITECTURE SUITE: its own lists, an empty list of installed
# packages. The sources are those of this machine, with the name of the suite exchanged.
make_apt_state() {
  local folder=$1 architecture=$2 wanted=$3 host
  host=$(host_suite)
  mkdir -p "$folder"/{lists/partial,archives/partial,empty}
  : >"$folder/status"
  # The literal $() are apt's own.
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    awk -v from="$host" -v to="$wanted" '$2 == from || index($2, from "-") == 1 { sub(from, to, $2)
      print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $1, $2, $3 }' >"$folder/sources.list"
  [[ -s $folder/sources.list ]] ||
    { echo "expected apt sources for '$host' on this machine, found none (apt-get indextargets)" >&2; return 1; }
  cat >"$folder/apt.conf" <<CONF
APT::Architecture "$architecture"; APT::Architectures { "$architecture"; };
APT::Install-Recommends "false"; APT::Sandbox::User "root"; Acquire::Languages "none";
Dir::Etc::sourcelist "$folder/sources.list"; Dir::Etc::sourceparts "$folder/empty"; Dir::Etc::parts "$folder/empty";
Dir::Etc::preferencesparts "$folder/empty"; Dir::State "$folder"; Dir::State::lists "$folder/lists";
Dir::State::status "$folder/status"; Dir::Cache "$folder"; Dir::Cache::archives "$folder/archives";
Debug::NoLocking "true"; APT::Update::Post-Invoke ""; APT::Update::Post-Invoke-Success ""; DPkg::Pre-Install-Pkgs "";
CONF
}

update_apt_lists() {
  local folder=$1
  # Lists of today are new enough: the pool keeps what they name.
  if [[ -n $(find "$folder/updated" -mmin -720 2>/dev/null) ]]; then return; fi
  # A mirror in the middle of its own update may lack one index: the others are enough.
  if APT_CONFIG=$folder/apt.conf apt-get -qq update; then
    touch "$folder/updated"
  else
    echo "some package lists of $folder/sources.list are missing; going on" >&2
  fi
}
