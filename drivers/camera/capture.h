// SPDX-License-Identifier: Apache-2.0
// Capture: a thread that keeps a camera open and its newest frame ready.
//
// - The thread opens the source, reads it, and after a loss opens it again after 1, 2, 4 .. 30 s.
// - Live sources: only the newest frame is kept; frames that nobody took are dropped and counted.
//   Replay sources: the thread waits until each frame has been taken; nothing is dropped.
// - Three buffers: one is written, one holds the newest frame, one is with the reader. They are
//   allocated when the picture's size changes, by the capture thread.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "drivers/camera/frame_source.h"
#include "runtime/core/aligned_buffer.h"
#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

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

using SourceOpener = std::function<Result<std::unique_ptr<FrameSource>>()>;

struct CaptureOptions {
  // A live source that gives nothing for this long is lost.
  Duration silence = std::chrono::seconds(3);
  Duration first_retry = std::chrono::seconds(1);
  Duration last_retry = std::chrono::seconds(30);
  // Frames of this sequence on; goes on counting over losses.
  std::uint64_t first_sequence = 0;
};

struct CaptureReport {
  CaptureState state = CaptureState::opening;
  std::string description;     // of the source that is or was open
  std::string error;           // why it is lost, one sentence
  Duration retry_in{};         // lost: how long the thread waits before it tries again
  std::uint64_t frames = 0;    // read from the source
  std::uint64_t dropped = 0;   // read or skipped by the source, but taken by nobody
  std::uint64_t openings = 0;  // successful ones
};

class Capture final {
 public:
  // Errors: internal (no descriptor, no thread). A camera that cannot be opened is no error here.
  static Result<std::unique_ptr<Capture>> start(SourceOpener open, const CaptureOptions& options);

  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture();  // waits for a read that has begun: at most the time-out of the source

  // The newest frame not yet taken; allocates nothing. It stays valid until the next call.
  // timeout: none before `deadline`. end: the source is over and its last frame has been taken.
  // cancelled: stop() was called.
  [[nodiscard]] Status next(Frame& frame, MonotonicTime deadline) noexcept;

  // Closes the source and opens what `open` gives instead; frames go on counting. Does not wait.
  void reopen(SourceOpener open);

  // Makes next() return at once and the thread end soon; does not wait for it.
  void stop() noexcept;

  [[nodiscard]] CaptureReport report() const;
  void acknowledge() noexcept;
  [[nodiscard]] CaptureState state() const noexcept;
  // Becomes readable on every change of state, until acknowledge(); for epoll.
  [[nodiscard]] int changed_fd() const noexcept { return changed_.get(); }

 private:
  struct Slot {
    AlignedBuffer pixels;
    Frame frame;
  };
  struct Ending {
    CaptureState state = CaptureState::lost;
    std::string why;
  };

  Capture(SourceOpener open, const CaptureOptions& options)
      : options_(options), open_(std::move(open)) {}
  void run() noexcept;
  Ending read_until_lost(FrameSource& source);
  Result<void> store(const Frame& frame, std::uint64_t sequence);
  void publish(bool wait_until_taken) noexcept;
  void enter(CaptureState state, const std::string& error, Duration retry_in);
  bool pause(Duration time) noexcept;
  [[nodiscard]] bool unwanted() const noexcept;
  bool take_opener(SourceOpener& open);

  CaptureOptions options_;
  UniqueFd changed_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;  // a frame came, a frame was taken, stop
  std::array<Slot, 3> slots_;
  std::size_t writing_ = 0;  // belongs to the thread
  std::size_t newest_ = 1;   // changes hands under the mutex
  std::size_t reading_ = 2;  // belongs to the caller of next()
  bool fresh_ = false;       // newest_ holds a frame that nobody took
  bool stopping_ = false;
  bool reopening_ = false;
  SourceOpener open_;
  std::uint64_t next_sequence_ = 0;
  CaptureReport report_;
  std::thread thread_;
};

}  // namespace pinfer
