// SPDX-License-Identifier: Apache-2.0
// Capture: a thread that keeps a camera open and its newest frame ready.
//
// - The thread opens the source, reads it, and after a loss opens it again after 1, 2, 4 .. 30 s.
// - The thread may hang in a driver without harm: supervise() says that the camera is lost, then
//   leaves the thread behind and starts another one.
// - Live sources: only the newest frame is kept; frames that nobody took are dropped and counted.
//   Replay sources: the thread waits until each frame has been taken; nothing is dropped.
// - What no camera can have seen is refused: damaged pictures are dropped and counted, a time in
// the
//   future becomes now.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "drivers/camera/frame_source.h"
#include "runtime/core/result.h"

namespace pinfer {

enum class CaptureState : std::uint8_t { opening, live, lost, ended };

constexpr std::string_view to_string(CaptureState state) noexcept {
  switch (state) {
    case CaptureState::opening:
      return "opening";
    case CaptureState::live:
      return "live";
    case CaptureState::lost:
      return "lost";
    case CaptureState::ended:
      return "ended";
  }
  return "unknown";
}

// Called on the capture thread, one call at a time unless one of them hangs.
using SourceOpener = std::function<Result<std::unique_ptr<FrameSource>>()>;

struct CaptureOptions {
  // A live source that gives nothing for this long is lost.
  Duration silence = std::chrono::seconds(2);
  Duration first_retry = std::chrono::seconds(1);
  Duration last_retry = std::chrono::seconds(30);
  // A call into the driver that takes this long never returns: the longest honest one is the
  // opening of a stream (two time-outs of 5 s).
  Duration hung_after = std::chrono::seconds(15);
  // How long the destructor waits for a call that has begun.
  Duration patience = std::chrono::seconds(6);
  // Frames of this sequence on; goes on counting over losses.
  std::uint64_t first_sequence = 0;
};

// Hung threads at one time. Each keeps its memory and its descriptors, so at some point only a new
// process helps.
inline constexpr int kMaxHungThreads = 4;

struct CaptureReport {
  CaptureState state = CaptureState::opening;
  std::string description;     // of the source that is or was open
  std::string error;           // why it is lost, one sentence
  Duration retry_in{};         // lost: how long the thread waits before it tries again
  std::uint64_t frames = 0;    // read from the source
  std::uint64_t dropped = 0;   // read or skipped by the source, but taken by nobody
  std::uint64_t damaged = 0;   // pictures that could not be decoded or make no sense
  std::uint64_t openings = 0;  // successful ones
  int hung_threads = 0;        // left behind and not yet back
};

struct CaptureShared;

class Capture final {
 public:
  // Errors: internal (no descriptor, no thread). A camera that cannot be opened is no error here.
  static Result<std::unique_ptr<Capture>> start(SourceOpener open, const CaptureOptions& options);

  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture();  // a thread that does not come back within the patience is left behind

  // The newest frame not yet taken; allocates nothing. It stays valid until the next call.
  // timeout: none before `deadline`. end: the source is over and its last frame has been taken.
  // cancelled: stop() was called.
  [[nodiscard]] Status next(Frame& frame, MonotonicTime deadline) noexcept;

  // To be called a few times a second, never by the thread that calls next(): it may start a
  // thread.
  void supervise();

  // Closes the source and opens what `open` gives instead; frames go on counting. Does not wait.
  void reopen(SourceOpener open);

  // Makes next() return at once and the thread end soon; does not wait for it.
  void stop() noexcept;

  [[nodiscard]] CaptureReport report() const;
  void acknowledge() noexcept;
  [[nodiscard]] CaptureState state() const noexcept;
  // Becomes readable on every change of state, until acknowledge(); for epoll.
  [[nodiscard]] int changed_fd() const noexcept;

 private:
  explicit Capture(std::shared_ptr<CaptureShared> shared) : shared_(std::move(shared)) {}
  Result<void> start_thread();

  std::shared_ptr<CaptureShared> shared_;  // a thread left behind has it too
  std::thread thread_;                     // that of the current generation
};

}  // namespace pinfer
