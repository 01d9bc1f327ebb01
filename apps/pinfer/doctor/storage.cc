// SPDX-License-Identifier: Apache-2.0
// Room on the disk, its errors, and a root that cannot be written.
#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

constexpr const char* kState = "/var/lib/pinfer";  // saved lines, models, journal
constexpr std::uint64_t kMib = 1024 * 1024;
constexpr std::uint64_t kFewMib = 200;

struct Mount {
  std::string type;
  bool read_only = false;
};

// The file system that holds `path`; of several mounts on one place the last counts.
Mount mount_of(const SystemView& system, const std::string& path) {
  Mount found;
  std::size_t longest = 0;
  for (const std::string& line : lines_of(system.read("/proc/mounts").value_or(""))) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 4) continue;
    const std::string& place = words[1];
    const bool holds = place == "/" || path == place || path.starts_with(place + "/");
    if (!holds || place.size() < longest) continue;
    longest = place.size();
    found = {words[2], ("," + words[3] + ",").find(",ro,") != std::string::npos};
  }
  return found;
}

void check_free(const Inspection& in, Findings& out) {
  const auto space = in.system.disk(kState);
  if (!space) {
    out.push_back({FindingId::disk_free, FindingSeverity::note,
                   fmt::format("the free space of {} cannot be read", kState), "", "", ""});
    return;
  }
  const std::uint64_t free = space->free / kMib;
  const bool few = free < kFewMib;
  out.push_back({FindingId::disk_free, few ? FindingSeverity::warning : FindingSeverity::ok,
                 fmt::format("{} MiB of {} MiB are free for {}", free, space->total / kMib, kState),
                 few ? "new models are written beside the old ones" : "",
                 few ? "remove old models, packages and logs: journalctl --vacuum-size=100M" : "",
                 ""});
}

void check_errors(const Inspection& in, Findings& out) {
  for (const std::string& name : in.system.list("/sys/fs/ext4")) {
    const auto errors = in.system.number("/sys/fs/ext4/" + name + "/errors_count");
    if (!errors || *errors == 0) continue;
    out.push_back({FindingId::disk_errors, FindingSeverity::warning,
                   fmt::format("the file system on {} has counted {} error{}", name, *errors,
                               *errors == 1 ? "" : "s"),
                   "cards fail this way first", "check it with fsck, and replace the card", ""});
  }
}

void check_root(const Inspection& in, Findings& out) {
  const Mount root = mount_of(in.system, "/"), state = mount_of(in.system, kState);
  if (root.type.empty()) return;
  Finding finding{FindingId::root_file_system, FindingSeverity::ok, "", "", "", ""};
  const bool volatile_root = root.type == "overlay" || root.type == "tmpfs";
  const bool volatile_state = state.type == "overlay" || state.type == "tmpfs";
  if (state.read_only) {
    finding.severity = FindingSeverity::danger;
    finding.what = fmt::format("{} cannot be written", kState);
    finding.why = "the guard saves there which lines are on before it drives one: it would refuse";
    finding.todo = fmt::format(
        "mount something that can be written on {}, for example a small "
        "partition",
        kState);
  } else if (volatile_state) {
    finding.severity = FindingSeverity::note;
    finding.what =
        fmt::format("{} is in memory: models and journal are gone after a reboot", kState);
    finding.todo = fmt::format("mount a partition on {}", kState);
  } else if (root.read_only || volatile_root) {
    finding.what = fmt::format("the root is {}, {} can be written",
                               root.read_only ? "read-only" : "an overlay", kState);
  } else {
    finding.what = "the root can be written";
    finding.why =
        "a power cut may hurt it; a read-only root with a partition for /var/lib/pinfer "
        "is safer";
  }
  out.push_back(std::move(finding));
}

}  // namespace

void check_storage(const Inspection& in, Findings& out) {
  check_free(in, out);
  check_errors(in, out);
  check_root(in, out);
}

}  // namespace pinfer
