// SPDX-License-Identifier: Apache-2.0
// Cores, instruction sets, clock, memory.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

constexpr std::string_view kCpu = "/sys/devices/system/cpu/";

// "0-3,6" -> 5
int count_of(const std::string& list) {
  int count = 0;
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    int first = 0, last = 0;
    const char* const stop = list.data() + end;
    auto part = std::from_chars(list.data() + start, stop, first);
    if (part.ec != std::errc{}) return 0;
    last = first;
    if (part.ptr != stop && *part.ptr == '-') std::from_chars(part.ptr + 1, stop, last);
    count += std::max(last - first + 1, 0);
    start = end + 1;
  }
  return count;
}

// The value of the first line "<key> : <value>" of /proc/cpuinfo.
std::string cpuinfo(const SystemView& system, std::string_view key) {
  for (const std::string& line : lines_of(system.read("/proc/cpuinfo").value_or(""))) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

std::string core_name(const SystemView& system) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kParts = {
      {{"0xd03", "Cortex-A53"},
       {"0xd04", "Cortex-A35"},
       {"0xd07", "Cortex-A57"},
       {"0xd08", "Cortex-A72"},
       {"0xd0b", "Cortex-A76"},
       {"0xd42", "Cortex-A78AE"}}};
  const std::string part = cpuinfo(system, "CPU part");
  for (const auto& [number, name] : kParts)
    if (part == number) return std::string(name);
  return cpuinfo(system, "model name");
}

void check_count(const Inspection& in, Findings& out) {
  const int present = count_of(in.system.line(std::string(kCpu) + "present"));
  const int online = count_of(in.system.line(std::string(kCpu) + "online"));
  if (online == 0) return;
  const std::string name = core_name(in.system);
  Finding finding{
      FindingId::cpu_cores,
      FindingSeverity::ok,
      fmt::format("{} core{}{}{}", online, online == 1 ? "" : "s", name.empty() ? "" : ", ", name),
      "",
      "",
      ""};
  if (online < present) {
    finding.severity = FindingSeverity::note;
    finding.what = fmt::format("{} of {} cores are switched off", present - online, present);
    finding.todo =
        in.system.exists("/etc/nv_tegra_release")
            ? "choose a power mode with all cores: nvpmodel -q --verbose"
            : "echo 1 > /sys/devices/system/cpu/cpuN/online, or look for maxcpus= in the "
              "kernel's command line";
  }
  out.push_back(std::move(finding));
}

void check_isa(const Inspection& in, Findings& out) {
  std::set<std::string> flags;
  for (const char* key : {"Features", "flags"})
    for (const std::string& word : words_of(cpuinfo(in.system, key))) flags.insert(word);
  if (flags.empty()) return;
  constexpr std::array<std::array<const char*, 2>, 6> kLevels = {{{"asimd", "neon"},
                                                                  {"neon", "neon"},
                                                                  {"asimddp", "neondot"},
                                                                  {"i8mm", "i8mm"},
                                                                  {"avx2", "avx2"},
                                                                  {"avx512_vnni", "avx512vnni"}}};
  std::vector<std::string> levels;
  for (const auto& [flag, level] : kLevels) {
    const bool new_one = std::find(levels.begin(), levels.end(), level) == levels.end();
    if (flags.contains(flag) && new_one) levels.emplace_back(level);
  }
  if (levels.empty()) {
    out.push_back({FindingId::cpu_isa, FindingSeverity::warning,
                   "no vector instructions: kernels run in plain C++",
                   "expect a tenth of the speed", "", ""});
    return;
  }
  std::string what = "kernels can use";
  for (const std::string& level : levels) what += " " + level;
  if (levels == std::vector<std::string>{"neon"})
    what += "; no dot product, so int8 gains less than on newer cores";
  out.push_back({FindingId::cpu_isa, FindingSeverity::ok, what, "", "", ""});
}

void check_governor(const Inspection& in, Findings& out) {
  const std::string folder = std::string(kCpu) + "cpu0/cpufreq/";
  const std::string governor = in.system.line(folder + "scaling_governor");
  if (!governor.empty()) {
    Finding finding{FindingId::cpu_governor,
                    FindingSeverity::ok,
                    fmt::format("the clock governor is {}", governor),
                    "",
                    "",
                    ""};
    if (governor == "powersave") {
      finding.severity = FindingSeverity::warning;
      finding.why = "the cores stay at their lowest clock";
    } else if (governor != "performance") {
      finding.severity = FindingSeverity::note;
      finding.why = "the first frames after a pause are slower than the rest";
    }
    if (governor != "performance")
      finding.todo =
          "for even times: echo performance > "
          "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor "
          "(for all cores, at each boot)";
    out.push_back(std::move(finding));
  }
  const auto cap = in.system.number(folder + "scaling_max_freq");
  const auto most = in.system.number(folder + "cpuinfo_max_freq");
  if (!cap || !most || *cap >= *most) return;
  out.push_back(
      {FindingId::cpu_clock_cap, FindingSeverity::note,
       fmt::format("the clock is held at {} MHz of {} MHz", *cap / 1000, *most / 1000), "",
       in.system.exists("/etc/nv_tegra_release") ? "choose a power mode with more: nvpmodel"
                                                 : "see scaling_max_freq, arm_freq and the supply",
       ""});
}

void check_memory(const Inspection& in, Findings& out) {
  constexpr std::int64_t kFewKib = 100 * 1024;
  std::int64_t available = -1;
  for (const std::string& line : lines_of(in.system.read("/proc/meminfo").value_or(""))) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() >= 2 && words[0] == "MemAvailable:")
      std::from_chars(words[1].data(), words[1].data() + words[1].size(), available);
  }
  if (available < 0) return;
  const bool few = available < kFewKib;
  out.push_back({FindingId::memory_free, few ? FindingSeverity::warning : FindingSeverity::ok,
                 fmt::format("{} MiB of memory are free", available / 1024),
                 few ? "a new model is loaded beside the old one" : "",
                 few ? "stop other programs, or use a smaller model" : "", ""});
}

}  // namespace

void check_cores(const Inspection& in, Findings& out) {
  check_count(in, out);
  check_isa(in, out);
  check_governor(in, out);
  check_memory(in, out);
}

}  // namespace pinfer
