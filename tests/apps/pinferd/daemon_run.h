// SPDX-License-Identifier: Apache-2.0
// A daemon in this process, with a guard process and a memory chip of its own, fed by the test.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "apps/pinferd/daemon.h"
#include "drivers/output/memory_chip.h"
#include "tests/apps/guard/processes.h"

namespace pinfer::testing {

// The brightness of frame n as a function of n; frames are square, gray, lossless (a replay).
struct Film {
  std::function<std::uint8_t(std::uint64_t)> level;
  std::function<void(std::uint64_t)> before;       // called before frame n is shown
  Duration pace = std::chrono::microseconds(300);  // a frame takes at least this long
  std::uint64_t period = 1;                        // ends at a multiple of this many frames
  std::atomic<bool> end{false};                    // end at the next period
  std::atomic<std::uint64_t> shown{0};
  std::atomic<int> side{4};         // of the square pictures, at most 8
  std::atomic<bool> broken{false};  // the camera is gone while this is set
};

class DaemonRun final {
 public:
  // `{chip}` and `{model}` in the text become the paths of this run.
  explicit DaemonRun(const std::string& config);
  DaemonRun(const DaemonRun&) = delete;
  DaemonRun& operator=(const DaemonRun&) = delete;
  ~DaemonRun();

  // As an editor does it: a new file in the place of the old one.
  void write_config(const std::string& config) const;
  void start();
  // As on SIGTERM; returns the exit code.
  int stop();
  // Waits for the end of the film.
  int join();

  [[nodiscard]] std::uint64_t frames() const { return frames_.load(); }
  [[nodiscard]] std::uint64_t swaps() const { return swaps_.load(); }
  [[nodiscard]] bool seen(EventKind kind, Cause cause) const;
  [[nodiscard]] std::vector<Event> events(EventKind kind) const;
  [[nodiscard]] MemoryLine line(std::uint32_t offset) const;
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

  Film film;
  DaemonOptions options;                             // change before start()
  std::function<void(const Snapshot&)> on_snapshot;  // besides what this class counts

 private:
  std::string fill_in(std::string config) const;

  TempFolder folder_;
  int stop_fd_;
  std::atomic<std::uint64_t> frames_{0}, swaps_{0};
  mutable std::mutex mutex_;
  std::vector<Event> events_;
  std::atomic<int> exit_code_{-1};
  std::thread thread_;
};

// Open descriptors (/proc/self/fd) or threads (/proc/self/task).
std::ptrdiff_t entries_of(const char* folder);

}  // namespace pinfer::testing
