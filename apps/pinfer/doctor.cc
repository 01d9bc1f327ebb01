// SPDX-License-Identifier: Apache-2.0
// pinfer doctor: what is right on this machine, what is dangerous, and what to do.
#include <fmt/format.h>

#include <memory>

#include "apps/pinfer/doctor/inspection.h"
#include "apps/pinfer/doctor/report.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"
#include "apps/pinferd/daemon.h"
#include "apps/pipeline/config_load.h"

namespace pinfer {
namespace {

struct Options {
  std::string config;
  std::string boards_dir;
  std::string root;
};

std::string title_of(const Inspection& inspection) {
  const std::string release = inspection.system.line("/proc/sys/kernel/osrelease");
  return fmt::format("{} (board {}){}{}", machine_name(inspection), inspection.board.id,
                     release.empty() ? "" : ", Linux ", release);
}

Result<std::optional<Config>> read_config(const Options& options, const SystemView& system) {
  if (options.config.empty()) return std::optional<Config>();
  ConfigOptions reading;
  reading.boards_dir = options.boards_dir;
  reading.device_tree = system.place("/proc/device-tree");
  reading.check_files = false;  // the model is a matter of `pinfer check`
  PINFER_TRY(Config config, require_config(options.config, reading));
  return std::optional<Config>(std::move(config));
}

Result<ExitCode> doctor(const Options& options, Console& console) {
  const SystemView system(options.root);
  if (!system.live() && !system.exists("/"))
    return fail(ErrorCode::not_found, "{}: there is no such folder", options.root);
  PINFER_TRY(std::optional<Config> config, read_config(options, system));
  PINFER_TRY(const Inspection inspection,
             inspect_machine(system, options.boards_dir, std::move(config)));
  const Findings findings = run_checks(inspection);
  if (console.json)
    print_json(console.out, findings_json(title_of(inspection), findings));
  else
    print_findings(console.out, title_of(inspection), findings);
  return all_well(findings) ? ExitCode::ok : ExitCode::failed;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->boards_dir = find_boards_dir();
  app.add("config", options->config, "judge the outputs and the camera of this configuration")
      .placeholder("CONFIG");
  app.add("--root", options->root, "look at the files in this folder, not at this machine")
      .placeholder("DIR");
  app.add("--boards", options->boards_dir, "the folder with the board descriptions").show_default();
  return [options](Console& console) { return doctor(*options, console); };
}

}  // namespace

extern const Verb doctor_verb;
const Verb doctor_verb{
    .name = "doctor",
    .summary = "say what is right on this machine, what is dangerous, what to do",
    .examples =
        "  pinfer doctor\n"
        "  sudo pinfer doctor /etc/pinfer/config.yaml\n"
        "  pinfer doctor config.yaml --json | jq '.findings[] | "
        "select(.severity == \"danger\")'\n",
    .declare = declare};

}  // namespace pinfer
