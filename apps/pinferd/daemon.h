// SPDX-License-Identifier: Apache-2.0
// run_daemon(): the loop of pinferd, which `pinfer run` and the demo use too.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "apps/guard/client.h"
#include "apps/pipeline/config.h"
#include "apps/pipeline/events.h"
#include "apps/pipeline/pipeline.h"
#include "drivers/camera/capture.h"
#include "drivers/camera/sources.h"

namespace pinfer {

// One line as the guard reports it; in a dry run as the rules want it.
struct OutputState {
  OutputName name;
  bool active = false;
  Cause cause = Cause::start;
  MonotonicTime since;
  std::uint64_t edges = 0;  // seen by this daemon
};

// The daemon at one moment. Views are valid during the call only.
struct Snapshot {
  Duration elapsed{};                    // since the daemon started
  CaptureReport camera;                  // state, frames read, frames dropped
  std::uint64_t frames = 0;              // decided
  std::uint64_t withheld = 0;            // too old, or the model failed
  std::uint64_t swaps = 0;               // pipelines taken by the frame thread
  std::span<const OutputState> outputs;  // in the order of Config::outputs
  // Of the newest frame; empty and zero before the first one.
  std::span<const EventScore> scores;
  FrameTimings timings;
  Frame picture;  // data is null unless DaemonOptions::preview
};

struct DaemonOptions {
  std::string config_path;
  std::string boards_dir;
  bool dry_run = false;        // no guard; what the rules want counts as edges
  bool private_guard = false;  // start `guard_binary` instead of using the system's guard
  std::string guard_binary;    // empty: pinfer-guard beside this program, else in the PATH
  // `backend: auto`: the program that measures, called with --choose-backend (choose_backend.h).
  // Empty: auto is the cpu. Not at once: a board that starts has enough to do.
  std::string tuner;
  Duration tune_after = std::chrono::seconds(30);
  std::optional<Duration> run_for;  // then stop as on SIGTERM
  // Clips, folders and patterns play at their own speed, like a camera. False: every frame, as fast
  // as it goes, with the time of the frames.
  bool realtime = true;

  std::optional<LogFormat> format;  // instead of the configuration's
  bool print_events = true;         // event lines on stdout
  bool handle_signals = true;       // SIGTERM, SIGINT: stop; SIGHUP: reload
  int stop_fd = -1;                 // stop when it becomes readable; not owned

  // All on the control thread.
  std::function<void(const Event&)> on_event;
  std::function<void(const Snapshot&)> on_snapshot;
  Duration snapshot_every = std::chrono::milliseconds(100);
  bool preview = false;  // copy a picture for each snapshot

  std::function<Result<std::unique_ptr<FrameSource>>(const SourceSpec&)> open_source =
      create_source;
};

// Runs until it is told to stop, the clip is over, or nothing more can be done. Returns the exit
// code: 0 stopped in order, 1 failed, 3 the configuration is wrong, 4 refused by the guard. Says
// why on stderr. Lines are safe when it returns.
int run_daemon(const DaemonOptions& options);

// $PINFER_BOARDS, or the boards folder installed with this program.
std::string find_boards_dir();

// What every program that opens cameras sets before it starts a thread: OpenCV waits 1 s, not 10 s,
// for a camera, and says nothing of its own. Variables that are set already stay.
void prepare_camera_environment();

}  // namespace pinfer
