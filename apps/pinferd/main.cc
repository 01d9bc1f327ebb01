// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "apps/pinferd/choose_backend.h"
#include "apps/pinferd/daemon.h"

int main(int argc, char** argv) {
  pinfer::DaemonOptions options;
  options.config_path = "/etc/pinfer/config.yaml";
  options.boards_dir = pinfer::find_boards_dir();
  pinfer::ChooseOptions choose;
  bool json = false, choosing = false;
  double seconds = 0.0;

  CLI::App app("pinferd: camera to model to decision to safe line", "pinferd");
  app.set_version_flag("--version", [] {
    return fmt::format("pinferd {} ({})", PINFER_VERSION, pinfer::camera_library());
  });
  app.add_option("-c,--config,config", options.config_path, "the configuration")
      ->capture_default_str();
  app.add_option("--boards", options.boards_dir, "the folder with the board descriptions")
      ->capture_default_str();
  app.add_flag("--dry-run", options.dry_run, "decide, but drive nothing");
  app.add_flag("--private-guard", options.private_guard,
               "start a guard of its own instead of using the system's");
  app.add_option("--guard", options.guard_binary, "the program of the private guard");
  app.add_flag("--json", json, "events and messages as JSON lines");
  app.add_option("--seconds", seconds, "stop after this time")->check(CLI::PositiveNumber);
  app.add_flag("--choose-backend", choosing,
               "measure which backend and how many threads run the model fastest, print that and "
               "stop; `backend: auto` calls it");
  app.add_flag("--retune", choose.retune, "with --choose-backend: measure again");
  app.footer(
      "Signals: SIGHUP reads the configuration again, SIGTERM stops with safe lines.\n"
      "Exit codes: 0 stopped, 1 failed, 2 wrong use, 3 wrong configuration, 4 refused.\n"
      "Example: pinferd --config /etc/pinfer/config.yaml --dry-run");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (choosing) {
    choose.config_path = options.config_path;
    choose.boards_dir = options.boards_dir;
    return pinfer::choose_backend(choose, std::cout);
  }
  options.tuner = "/proc/self/exe";
  if (json) options.format = pinfer::LogFormat::json;
  if (seconds > 0.0)
    options.run_for =
        std::chrono::duration_cast<pinfer::Duration>(std::chrono::duration<double>(seconds));
  std::signal(SIGPIPE, SIG_IGN);  // whoever reads the events may go
  pinfer::prepare_camera_environment();
  return pinfer::run_daemon(options);
}
