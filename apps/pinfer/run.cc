// SPDX-License-Identifier: Apache-2.0
// pinfer run: the daemon's loop in the foreground.
#include <sys/stat.h>

#include <csignal>
#include <memory>

#include "apps/pinfer/config_option.h"
#include "apps/pinferd/daemon.h"

namespace pinfer {
namespace {

struct Options {
  ConfigOption config;
  double seconds = 0.0;
  bool dry_run = false;
  bool private_guard = false;
};

// Nobody serves the system's socket: a laptop, or a board that is not set up yet.
bool system_guard_is_there(const std::string& socket) {
  struct stat info {};
  return ::stat(socket.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

Result<ExitCode> run(const Options& options, Console& console) {
  PINFER_TRY(const Config config, options.config.require(true));
  DaemonOptions daemon;
  daemon.config_path = options.config.path;
  daemon.boards_dir = options.config.boards_dir;
  daemon.dry_run = options.dry_run;
  daemon.private_guard = options.private_guard || !system_guard_is_there(config.guard.socket);
  if (options.seconds > 0.0)
    daemon.run_for =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds));
  if (console.json) daemon.format = LogFormat::json;
  std::signal(SIGPIPE, SIG_IGN);  // whoever reads the events may go
  prepare_camera_environment();
  return static_cast<ExitCode>(run_daemon(daemon));
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->config.declare(app);
  app.add("--seconds", options->seconds, "stop after this time").positive();
  app.flag("--dry-run", options->dry_run, "decide, but drive nothing");
  app.flag("--private-guard", options->private_guard,
           "start a guard of its own even if the system's guard is there");
  return [options](Console& console) { return run(*options, console); };
}

}  // namespace

extern const Verb run_verb;
const Verb run_verb{.name = "run",
                    .summary = "camera to line in the foreground, as pinferd does it",
                    .examples =
                        "  pinfer run config.yaml\n"
                        "  pinfer run config.yaml --dry-run --seconds 60 --json\n",
                    .declare = declare};

}  // namespace pinfer
