// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/capture.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <system_error>

namespace pinfer {
namespace {

std::chrono::steady_clock::time_point to_clock(MonotonicTime time) noexcept {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(time.since_boot));
}

}  // namespace

Result<std::unique_ptr<Capture>> Capture::start(SourceOpener open, const CaptureOptions& options) {
  std::unique_ptr<Capture> capture(new Capture(std::move(open), options));
  capture->next_sequence_ = options.first_sequence;
  capture->changed_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!capture->changed_.valid())
    return fail(ErrorCode::internal, "cannot make an eventfd: {}", std::strerror(errno));
  try {
    capture->thread_ = std::thread([self = capture.get()] { self->run(); });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::internal, "cannot start the capture thread: {}", error.what());
  }
  return capture;
}

Capture::~Capture() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Capture::stop() noexcept {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  wake_.notify_all();
}

void Capture::reopen(SourceOpener open) {
  const std::lock_guard lock(mutex_);
  open_ = std::move(open);
  reopening_ = true;
  report_.state = CaptureState::opening;  // an end is the end no more
  wake_.notify_all();
}

// True when the source that is open is not wanted any more.
bool Capture::unwanted() const noexcept {
  const std::lock_guard lock(mutex_);
  return stopping_ || reopening_;
}

// False when the thread has to end.
bool Capture::take_opener(SourceOpener& open) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock,
             [this] { return stopping_ || reopening_ || report_.state != CaptureState::ended; });
  reopening_ = false;
  open = open_;
  return !stopping_;
}

CaptureState Capture::state() const noexcept {
  const std::lock_guard lock(mutex_);
  return report_.state;
}

CaptureReport Capture::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void Capture::acknowledge() noexcept {
  std::uint64_t count = 0;
  static_cast<void>(!::read(changed_.get(), &count, sizeof(count)));
}

Status Capture::next(Frame& frame, MonotonicTime deadline) noexcept {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return fresh_ || stopping_ || report_.state == CaptureState::ended; };
  if (!wake_.wait_until(lock, to_clock(deadline), ready)) return Status::timeout;
  if (stopping_) return Status::cancelled;
  if (!fresh_) return Status::end;
  std::swap(newest_, reading_);
  fresh_ = false;
  frame = slots_[reading_].frame;
  wake_.notify_all();
  return Status::ok;
}

void Capture::run() noexcept {
  ::pthread_setname_np(::pthread_self(), "pinfer-camera");
  Duration retry = options_.first_retry;
  SourceOpener open;
  while (take_opener(open)) {
    try {
      auto source = open();
      if (source) {
        const std::uint64_t before = report().frames;
        const Ending ending = read_until_lost(**source);
        // Losing a camera that worked starts the waiting over; one that opens but stays silent
        // does not.
        if (report().frames > before) retry = options_.first_retry;
        enter(ending.state, ending.why, retry);
        source->reset();  // close it before the pause: another program may want it
        if (ending.state != CaptureState::lost) continue;
      } else {
        enter(CaptureState::lost, source.error().message, retry);
      }
    } catch (const std::exception& error) {
      enter(CaptureState::lost, error.what(), retry);
    }
    retry = pause(retry) ? std::min(2 * retry, options_.last_retry) : options_.first_retry;
  }
}

// Returns when the source is over, lost or no longer wanted.
Capture::Ending Capture::read_until_lost(FrameSource& source) {
  const bool replay = source.is_replay();
  {
    const std::lock_guard lock(mutex_);
    report_.description = source.description();
    ++report_.openings;
  }
  const std::uint64_t base = next_sequence_;
  MonotonicTime last = MonotonicTime::now();
  constexpr Duration kStep = std::chrono::milliseconds(100);
  const auto lost = [&](std::string_view why) {
    return Ending{CaptureState::lost, fmt::format("{}: {}", source.description(), why)};
  };
  while (!unwanted()) {
    Frame frame;
    const Status status = source.next(frame, MonotonicTime::now() + kStep);
    if (status == Status::ok) {
      last = MonotonicTime::now();
      const auto stored = store(frame, base + frame.sequence);
      if (!stored) return lost(stored.error().message);
      publish(replay);
    } else if (status == Status::end) {
      return {CaptureState::ended, ""};
    } else if (status != Status::timeout) {
      return lost("the camera is gone");
    } else if (MonotonicTime::now() - last > options_.silence) {
      return lost(fmt::format("no picture for {:.1f} s", to_ms(options_.silence) / 1000.0));
    }
  }
  return {CaptureState::opening, ""};
}

// Copies the picture: the source reuses its bytes as soon as it is asked again.
Result<void> Capture::store(const Frame& frame, std::uint64_t sequence) {
  Slot& slot = slots_[writing_];
  const std::size_t row = static_cast<std::size_t>(frame.width) *
                          static_cast<std::size_t>(bytes_per_pixel(frame.format));
  const std::size_t bytes = row * static_cast<std::size_t>(frame.height);
  if (slot.pixels.size() != bytes) {
    PINFER_TRY(slot.pixels, AlignedBuffer::create(bytes));
  }
  auto* target = reinterpret_cast<std::uint8_t*>(slot.pixels.data());
  if (frame.stride == row) {
    std::memcpy(target, frame.data, bytes);
  } else {
    for (int y = 0; y < frame.height; ++y)
      std::memcpy(target + static_cast<std::size_t>(y) * row,
                  frame.data + static_cast<std::size_t>(y) * frame.stride, row);
  }
  slot.frame = frame;
  slot.frame.data = target;
  slot.frame.stride = row;
  slot.frame.sequence = sequence;
  return {};
}

void Capture::publish(bool wait_until_taken) noexcept {
  std::unique_lock lock(mutex_);
  const auto taken = [this] { return !fresh_ || stopping_ || reopening_; };
  if (wait_until_taken) wake_.wait(lock, taken);  // the last frame of a source before this one
  const std::uint64_t sequence = slots_[writing_].frame.sequence;
  report_.dropped += sequence - next_sequence_ + (fresh_ ? 1 : 0);
  next_sequence_ = sequence + 1;
  ++report_.frames;
  std::swap(writing_, newest_);
  fresh_ = true;
  if (report_.state != CaptureState::live) {
    report_.state = CaptureState::live;
    report_.error.clear();
    constexpr std::uint64_t kOne = 1;
    static_cast<void>(!::write(changed_.get(), &kOne, sizeof(kOne)));
  }
  wake_.notify_all();
  if (wait_until_taken) wake_.wait(lock, taken);
}

void Capture::enter(CaptureState state, const std::string& error, Duration retry_in) {
  const std::lock_guard lock(mutex_);
  if (reopening_) return;  // what became of the old source is of no interest
  report_.state = state;
  report_.error = error;
  report_.retry_in = retry_in;
  constexpr std::uint64_t kOne = 1;
  static_cast<void>(!::write(changed_.get(), &kOne, sizeof(kOne)));
  wake_.notify_all();
}

// False when stop() or reopen() came first.
bool Capture::pause(Duration time) noexcept {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return stopping_ || reopening_; });
}

}  // namespace pinfer
