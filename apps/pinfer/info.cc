// SPDX-License-Identifier: Apache-2.0
// pinfer info: this machine and this build.
#include <fmt/ostream.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <fstream>
#include <map>
#include <memory>
#include <thread>

#include "apps/pinfer/info_explain.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"
#include "drivers/camera/sources.h"
#include "drivers/output/output.h"
#include "runtime/cpu/isa.h"
#include "runtime/kernels/all_kernels.h"
#include "runtime/session/session.h"

namespace pinfer {
namespace {

// What the board calls itself; the machine name where there is no device tree.
std::string board_name() {
  for (const char* path : {"/proc/device-tree/model", "/sys/class/dmi/id/product_name"}) {
    std::ifstream file(path);
    std::string text;
    // The device tree ends its strings with a zero byte.
    if (std::getline(file, text, '\0'); !text.empty()) {
      while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
      return text;
    }
  }
  return "unknown";
}

// The kernels that this machine gets, by family: the first of each name that it can run.
std::map<std::string_view, std::vector<std::string_view>> chosen_kernels(IsaBits isa) {
  std::map<std::string_view, std::vector<std::string_view>> chosen;
  std::map<std::string_view, bool> seen;
  for (const KernelName& kernel : all_kernels()) {
    const std::string_view what = kernel.name.substr(0, kernel.name.find("__"));
    if (!covers(isa, kernel.isa) || std::exchange(seen[what], true)) continue;
    chosen[kernel.family].push_back(kernel.name);
  }
  return chosen;
}

std::vector<std::string> camera_schemes() {
  std::vector<std::string> names;
  for (const CameraSource* source : camera_sources()) names.emplace_back(source->name);
  return names;
}

struct Info {
  std::string board = board_name();
  utsname machine{};
  IsaBits isa = detect_isa();
  unsigned cores = std::thread::hardware_concurrency();
  std::vector<std::string> cameras = camera_schemes();
  std::map<std::string_view, std::vector<std::string_view>> kernels = chosen_kernels(isa);
};

// Of this build; whether the machine has what they need shows when a session is made.
std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const Backend* backend : backends()) names.emplace_back(backend->name);
  return names;
}

// What those say of themselves that depend on more than this build: "Arm NN 22.0.0: CpuRef".
std::map<std::string, std::string> backend_states() {
  std::map<std::string, std::string> states;
  for (const Backend* backend : backends()) {
    if (backend->describe == nullptr) continue;
    const auto state = backend->describe();
    states[std::string(backend->name)] = state ? *state : state.error().message;
  }
  return states;
}

Json to_json(const Info& info) {
  Json kernels = Json::object(), states = Json::object();
  for (const auto& [family, names] : info.kernels) kernels[family] = names;
  for (const auto& [name, state] : backend_states()) states[name] = state;
  Json outputs = Json::array();
  for (const OutputDriver& driver : output_drivers())
    outputs.push_back({{"name", driver.name}, {"summary", driver.summary}});
  return {{"version", PINFER_VERSION},
          {"compiler", __VERSION__},
          {"board", info.board},
          {"machine", info.machine.machine},
          {"kernel_release", info.machine.release},
          {"cores", info.cores},
          {"isa", to_string_isa(info.isa)},
          {"backends", backend_names()},
          {"backend_states", states},
          {"cameras", info.cameras},
          {"outputs", outputs},
          {"kernels", kernels}};
}

void print_text(std::ostream& out, const Info& info) {
  fmt::print(out, "pinfer {}, built with {}\n", PINFER_VERSION, __VERSION__);
  fmt::print(out, "  board     {}\n  machine   {}, Linux {}, {} cores\n  isa       {}\n",
             info.board, info.machine.machine, info.machine.release, info.cores,
             to_string_isa(info.isa));
  fmt::print(out, "  backends  {}\n", fmt::join(backend_names(), " "));
  for (const auto& [name, state] : backend_states()) fmt::print(out, "    {:<8}{}\n", name, state);
  fmt::print(out, "  cameras   {}\n  outputs\n", fmt::join(info.cameras, " "));
  for (const OutputDriver& driver : output_drivers())
    fmt::print(out, "    {:<8}{}\n", driver.name, driver.summary);
  out << "  kernels that this machine gets (names: --json)\n";
  for (const auto& [family, names] : info.kernels) {
    std::map<std::string_view, int> levels;
    for (const std::string_view name : names) ++levels[name.substr(name.find("__") + 2)];
    std::string line;
    for (const auto& [level, count] : levels) line += fmt::format("  {} {}", count, level);
    fmt::print(out, "    {:<16}{}\n", family, line.substr(2));
  }
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<ExplainOptions>();
  options->declare(app);
  return [options](Console& console) -> Result<ExitCode> {
    if (options->wanted) return explain_choice(*options, console);
    PINFER_CHECK(options->check_unused());
    Info info;
    ::uname(&info.machine);
    if (console.json)
      print_json(console.out, to_json(info));
    else
      print_text(console.out, info);
    return ExitCode::ok;
  };
}

}  // namespace

extern const Verb info_verb;
const Verb info_verb{.name = "info",
                     .summary = "show this machine and what this build can do",
                     .examples =
                         "  pinfer info\n"
                         "  pinfer info --json | jq .kernels.conv\n"
                         "  pinfer info --explain /etc/pinfer/config.yaml\n",
                     .declare = declare};

}  // namespace pinfer
