// SPDX-License-Identifier: Apache-2.0
// pinfer-demo: runs the daemon on the demo's clip, shows what it does, and judges it at the end.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "apps/demo/recording.h"
#include "apps/pipeline/config_load.h"
#include "runtime/core/temporary_folder.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kEnterScreen = "\x1b[2J\x1b[?25l";
constexpr std::string_view kLeaveScreen = "\x1b[?25h\r\n";

struct Options {
  std::string config = PINFER_DEMO_FOLDER "/config.yaml";
  std::string clip = PINFER_DEMO_FOLDER "/digits.csv";
  std::string boards = PINFER_BOARDS_FOLDER;
  std::string guard = PINFER_GUARD_PROGRAM;
  double seconds = 0.0;  // 0: once through the clip
  bool plain = false;
};

// Draws at most so often; a log gets a line a second.
class View final {
 public:
  explicit View(bool plain)
      : screen_(!plain && ::isatty(STDOUT_FILENO) == 1),
        color_(std::getenv("NO_COLOR") == nullptr) {
    if (screen_) std::cout << kEnterScreen << std::flush;
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() {
    if (screen_) std::cout << kLeaveScreen << std::flush;
  }

  void show(const Recording& recording, const Snapshot& snapshot) {
    if (snapshot.elapsed < next_) return;
    const Moment moment = recording.moment(snapshot);
    if (screen_) {
      next_ = snapshot.elapsed + 80ms;
      std::cout << draw_screen(moment, color_) << std::flush;
    } else {
      next_ = snapshot.elapsed + 1s;
      std::cout << progress_line(moment) << std::endl;
    }
  }

 private:
  bool screen_;
  bool color_;
  Duration next_{};
};

Result<int> run(const Options& options) {
  PINFER_TRY(const TemporaryFolder folder, TemporaryFolder::create("the simulated lines"));
  // The guard inherits it: both find the simulated chip there.
  ::setenv("PINFER_MEMORY_DIR", folder.path().c_str(), 1);
  prepare_camera_environment();

  ConfigOptions config_options;
  config_options.boards_dir = options.boards;
  PINFER_TRY(const Config config, require_config(options.config, config_options));
  PINFER_TRY(const Clip clip, load_clip(options.clip));
  PINFER_TRY(Recording recording, Recording::create(config, clip));

  DaemonOptions daemon;
  daemon.config_path = options.config;
  daemon.boards_dir = options.boards;
  daemon.private_guard = true;
  daemon.guard_binary = options.guard;
  daemon.run_for =
      options.seconds > 0.0
          ? std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds))
          : clip.length;
  daemon.print_events = false;
  daemon.preview = true;
  daemon.snapshot_every = 20ms;
  int code = 0;
  {
    View view(options.plain);
    daemon.on_event = [&](const Event& event) { recording.on_event(event); };
    daemon.on_snapshot = [&](const Snapshot& snapshot) {
      recording.on_snapshot(snapshot);
      view.show(recording, snapshot);
    };
    code = run_daemon(daemon);
  }
  recording.finish();
  std::cout << recording.summary();
  if (code != 0) return code;
  return recording.verdict().good() ? 0 : 1;
}

int run_program(int argc, char** argv) {
  Options options;
  CLI::App app("Digits on a chalk board switch four simulated lines.", "pinfer-demo");
  app.add_option("--seconds", options.seconds, "stop after so long; default: once through the clip")
      ->check(CLI::Range(0.1, 86400.0));
  app.add_option("--config", options.config, "another configuration, of `board: simulated`");
  app.add_option("--clip", options.clip, "the csv that says what its clip shows when");
  app.add_option("--boards", options.boards, "the folder of the board files");
  app.add_option("--guard", options.guard, "the guard to start");
  app.add_flag("--plain", options.plain, "a line a second instead of a picture");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const Result<int> result = run(options);
  if (result) return *result;
  std::cerr << "pinfer-demo: " << result.error().message << "\n";
  return result.error().code == ErrorCode::config ? 3 : 1;
}

}  // namespace
}  // namespace pinfer

int main(int argc, char** argv) {
  try {
    return pinfer::run_program(argc, argv);
  } catch (const std::exception& error) {  // out of memory, mostly
    std::cerr << "pinfer-demo: " << error.what() << "\n";
    return 1;
  }
}
