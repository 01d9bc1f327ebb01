// SPDX-License-Identifier: Apache-2.0
// What Capture and its thread share, and the thread itself. For capture*.cc only.
//
// Generations: each thread has a number. Around every call into a source it says so; a thread that
// hangs in such a call loses its number to the next one, finds that out when it comes back, and
// ends without touching anything. So the buffers never have two writers.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "drivers/camera/capture.h"
#include "runtime/core/aligned_buffer.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

struct CaptureShared {
  // One buffer is written, one holds the newest frame, one is with the reader. They are allocated
  // when the picture's size changes, by the capture thread.
  struct Slot {
    AlignedBuffer pixels;
    Frame frame;
  };

  CaptureOptions options;
  UniqueFd changed;

  std::mutex mutex;
  std::condition_variable wake;  // a frame came, a frame was taken, stop, a thread ended
  std::array<Slot, 3> slots;
  std::size_t writing = 0;  // belongs to the thread
  std::size_t newest = 1;   // changes hands under the mutex
  std::size_t reading = 2;  // belongs to the caller of next()
  bool fresh = false;       // `newest` holds a frame that nobody took
  bool stopping = false;
  bool reopening = false;
  SourceOpener open;
  std::uint64_t next_sequence = 0;
  CaptureReport report;

  std::uint64_t generation = 0;  // of the thread that may touch all this
  bool running = false;          // there is one
  bool in_call = false;          // it is inside the source since `call_since`
  MonotonicTime call_since;

  // The rest is called with the mutex held.
  void notify_change() noexcept;
  void enter(CaptureState state, const std::string& error, Duration retry_in);
};

class CaptureThread final {
 public:
  CaptureThread(std::shared_ptr<CaptureShared> shared, std::uint64_t generation)
      : shared_(std::move(shared)), generation_(generation) {}
  // Until stop(), or until the thread has been given up.
  void run() noexcept;

 private:
  struct Ending {
    CaptureState state = CaptureState::lost;
    std::string why;
  };

  bool take_opener(SourceOpener& open);
  void serve(const SourceOpener& open, Duration& retry);
  Ending read_until_lost(FrameSource& source);
  Ending lost(const FrameSource& source, std::string_view why) const;
  // `call` between the two marks; false when the thread has been given up meanwhile.
  template <class Call>
  bool inside(Call&& call);
  Result<void> store(const Frame& frame, bool live);
  void publish(bool wait_until_taken) noexcept;
  void count_damaged() noexcept;
  void enter(CaptureState state, const std::string& error, Duration retry_in);
  bool pause(Duration time) noexcept;
  [[nodiscard]] bool unwanted() const noexcept;
  [[nodiscard]] std::uint64_t frames() const noexcept;
  // Under the mutex.
  [[nodiscard]] bool mine() const noexcept { return shared_->generation == generation_; }
  [[nodiscard]] bool over() const noexcept { return shared_->stopping || !mine(); }

  std::shared_ptr<CaptureShared> shared_;
  std::uint64_t generation_;
  std::uint64_t base_ = 0;  // sequence of the open source's frame 0
  const Frame* previous_ =
      nullptr;                 // the frame stored last; nobody writes it before the next store
  MonotonicTime still_since_;  // of the first picture like the last one
};

}  // namespace pinfer
