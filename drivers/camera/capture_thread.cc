// SPDX-License-Identifier: Apache-2.0
// The capture thread: open, read, lose, open again.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "drivers/camera/capture_shared.h"
#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

// A picture that a buffer can hold. Sources read what others send them.
bool makes_sense(const Frame& frame) noexcept {
  constexpr int kMaxSide = 16384;
  if (frame.data == nullptr || frame.width <= 0 || frame.height <= 0) return false;
  if (frame.width > kMaxSide || frame.height > kMaxSide) return false;
  if (static_cast<std::int64_t>(frame.width) * frame.height > kMaxPixels) return false;
  return frame.stride >= static_cast<std::size_t>(frame.width) *
                             static_cast<std::size_t>(bytes_per_pixel(frame.format));
}

bool same_picture(const Frame& stored, const Frame& frame, std::size_t row) noexcept {
  if (geometry_of(stored) != geometry_of(frame)) return false;
  for (int y = 0; y < frame.height; ++y)
    if (std::memcmp(stored.data + static_cast<std::size_t>(y) * stored.stride,
                    frame.data + static_cast<std::size_t>(y) * frame.stride, row) != 0)
      return false;
  return true;
}

}  // namespace

void CaptureShared::notify_change() noexcept {
  constexpr std::uint64_t kOne = 1;
  static_cast<void>(!::write(changed.get(), &kOne, sizeof(kOne)));
}

void CaptureShared::enter(CaptureState state, const std::string& error, Duration retry_in) {
  if (reopening) return;  // what became of the old source is of no interest
  report.state = state;
  report.error = error;
  report.retry_in = retry_in;
  notify_change();
  wake.notify_all();
}

void CaptureThread::enter(CaptureState state, const std::string& error, Duration retry_in) {
  const std::lock_guard lock(shared_->mutex);
  if (mine()) shared_->enter(state, error, retry_in);
}

template <class Call>
bool CaptureThread::inside(Call&& call) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!mine()) return false;
    shared_->in_call = true;
    shared_->call_since = MonotonicTime::now();
  }
  call();
  const std::lock_guard lock(shared_->mutex);
  if (mine()) shared_->in_call = false;
  return mine();
}

// True when the source that is open is not wanted any more.
bool CaptureThread::unwanted() const noexcept {
  const std::lock_guard lock(shared_->mutex);
  return over() || shared_->reopening;
}

std::uint64_t CaptureThread::frames() const noexcept {
  const std::lock_guard lock(shared_->mutex);
  return shared_->report.frames;
}

// False when the thread has to end.
bool CaptureThread::take_opener(SourceOpener& open) {
  std::unique_lock lock(shared_->mutex);
  shared_->wake.wait(lock, [this] {
    return over() || shared_->reopening || shared_->report.state != CaptureState::ended;
  });
  if (over()) return false;
  shared_->reopening = false;
  open = shared_->open;
  return true;
}

void CaptureThread::run() noexcept {
  ::pthread_setname_np(::pthread_self(), "pinfer-camera");
  Duration retry = shared_->options.first_retry;
  SourceOpener open;
  while (take_opener(open)) {
    try {
      serve(open, retry);
    } catch (const std::exception& error) {
      enter(CaptureState::lost, error.what(), retry);
    }
    {
      const std::lock_guard lock(shared_->mutex);
      if (!mine()) break;
      if (shared_->report.state != CaptureState::lost) continue;
    }
    retry = pause(retry) ? std::min(2 * retry, shared_->options.last_retry)
                         : shared_->options.first_retry;
  }
  open = nullptr;
  const std::lock_guard lock(shared_->mutex);
  if (mine())
    shared_->running = false;
  else
    --shared_->report.hung_threads;
  shared_->wake.notify_all();
}

// One life of a source.
void CaptureThread::serve(const SourceOpener& open, Duration& retry) {
  Result<std::unique_ptr<FrameSource>> source;
  if (!inside([&] { source = open(); })) return;
  if (!source) return enter(CaptureState::lost, source.error().message, retry);
  const std::uint64_t before = frames();
  const Ending ending = read_until_lost(**source);
  // Losing a camera that worked starts the waiting over; one that opens but stays silent does not.
  if (frames() > before) retry = shared_->options.first_retry;
  enter(ending.state, ending.why, retry);
  // Closed before the pause: another program may want it.
  inside([&] { source->reset(); });
}

CaptureThread::Ending CaptureThread::lost(const FrameSource& source, std::string_view why) const {
  return {CaptureState::lost, fmt::format("{}: {}", source.description(), why)};
}

// Returns when the source is over, lost or no longer wanted.
CaptureThread::Ending CaptureThread::read_until_lost(FrameSource& source) {
  const bool replay = source.is_replay();
  {
    const std::lock_guard lock(shared_->mutex);
    if (!mine()) return {CaptureState::opening, ""};
    shared_->report.description = source.description();
    ++shared_->report.openings;
    base_ = shared_->next_sequence;
  }
  MonotonicTime last = MonotonicTime::now();
  constexpr Duration kStep = std::chrono::milliseconds(100);
  while (!unwanted()) {
    Frame frame;
    Status status = Status::ok;
    if (!inside([&] { status = source.next(frame, MonotonicTime::now() + kStep); })) break;
    if (status == Status::ok && !makes_sense(frame)) status = Status::bad_value;
    if (status == Status::ok) {
      const auto stored = store(frame, !replay);
      if (!stored) return lost(source, stored.error().message);
      publish(replay);
      last = MonotonicTime::now();  // a replay has waited for its reader
      continue;
    }
    if (status == Status::end) {
      return {CaptureState::ended, ""};
    } else if (status == Status::bad_value) {
      count_damaged();
    } else if (status != Status::timeout) {
      return lost(source, "the camera is gone");
    }
    if (MonotonicTime::now() - last > shared_->options.silence)
      return lost(source,
                  fmt::format("no picture for {:.1f} s", to_ms(shared_->options.silence) / 1000.0));
  }
  return {CaptureState::opening, ""};
}

void CaptureThread::count_damaged() noexcept {
  const std::lock_guard lock(shared_->mutex);
  if (mine()) ++shared_->report.damaged;
}

// Copies the picture: the source reuses its bytes as soon as it is asked again.
Result<void> CaptureThread::store(const Frame& frame, bool live) {
  CaptureShared::Slot& slot = shared_->slots[shared_->writing];
  const std::size_t row = static_cast<std::size_t>(frame.width) *
                          static_cast<std::size_t>(bytes_per_pixel(frame.format));
  const std::size_t bytes = row * static_cast<std::size_t>(frame.height);
  const MonotonicTime captured_at =
      live ? std::min(frame.captured_at, MonotonicTime::now()) : frame.captured_at;
  // Against the whole picture before: a camera's noise differs in the first few bytes, so only a
  // picture that stands still costs anything.
  if (previous_ == nullptr || !same_picture(*previous_, frame, row)) still_since_ = captured_at;
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
  slot.frame.sequence = base_ + frame.sequence;
  slot.frame.captured_at = captured_at;
  slot.frame.still_for = std::max(captured_at - still_since_, Duration::zero());
  previous_ = &slot.frame;
  return {};
}

void CaptureThread::publish(bool wait_until_taken) noexcept {
  CaptureShared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  const auto taken = [this] { return !shared_->fresh || over() || shared_->reopening; };
  if (wait_until_taken)
    shared.wake.wait(lock, taken);  // the last frame of a source before this one
  // A source that counts backwards is not believed.
  Frame& frame = shared.slots[shared.writing].frame;
  frame.sequence = std::max(frame.sequence, shared.next_sequence);
  shared.report.dropped += frame.sequence - shared.next_sequence + (shared.fresh ? 1 : 0);
  shared.next_sequence = frame.sequence + 1;
  ++shared.report.frames;
  std::swap(shared.writing, shared.newest);
  shared.fresh = true;
  if (shared.report.state != CaptureState::live) {
    shared.report.state = CaptureState::live;
    shared.report.error.clear();
    shared.notify_change();
  }
  shared.wake.notify_all();
  if (wait_until_taken) shared.wake.wait(lock, taken);
}

// False when stop() or reopen() came first.
bool CaptureThread::pause(Duration time) noexcept {
  std::unique_lock lock(shared_->mutex);
  return !shared_->wake.wait_for(lock, time, [this] { return over() || shared_->reopening; });
}

}  // namespace pinfer
