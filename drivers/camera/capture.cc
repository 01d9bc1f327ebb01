// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/capture.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <system_error>

#include "drivers/camera/capture_shared.h"

namespace pinfer {
namespace {

std::chrono::steady_clock::time_point to_clock(MonotonicTime time) noexcept {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(time.since_boot));
}

// Threads started meanwhile get no signal: one that arrives during select() makes OpenCV's read
// fail. Those of a fault in the program itself must still end it.
class SignalsBlocked final {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP})
      ::sigdelset(&all, fault);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Result<std::unique_ptr<Capture>> Capture::start(SourceOpener open, const CaptureOptions& options) {
  auto shared = std::make_shared<CaptureShared>();
  shared->options = options;
  shared->open = std::move(open);
  shared->next_sequence = options.first_sequence;
  shared->changed.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!shared->changed.valid())
    return fail(ErrorCode::internal, "cannot make an eventfd: {}", std::strerror(errno));
  std::unique_ptr<Capture> capture(new Capture(std::move(shared)));
  PINFER_CHECK(capture->start_thread());
  return capture;
}

Result<void> Capture::start_thread() {
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(shared_->mutex);
    generation = shared_->generation;
    shared_->running = true;
    shared_->in_call = false;
  }
  try {
    const SignalsBlocked block;
    thread_ =
        std::thread([shared = shared_, generation] { CaptureThread(shared, generation).run(); });
  } catch (const std::system_error& error) {
    const std::lock_guard lock(shared_->mutex);
    shared_->running = false;
    return fail(ErrorCode::internal, "cannot start the capture thread: {}", error.what());
  }
  return {};
}

Capture::~Capture() {
  stop();
  {
    std::unique_lock lock(shared_->mutex);
    if (shared_->wake.wait_for(lock, shared_->options.patience,
                               [this] { return !shared_->running; })) {
      lock.unlock();
      if (thread_.joinable()) thread_.join();
      return;
    }
    ++shared_->generation;  // whatever it brings back, nobody wants it
  }
  if (thread_.joinable()) thread_.detach();
}

void Capture::supervise() {
  bool replace = false;
  {
    const std::lock_guard lock(shared_->mutex);
    CaptureShared& shared = *shared_;
    if (shared.stopping) return;
    const Duration waited = MonotonicTime::now() - shared.call_since;
    if (shared.running && shared.in_call) {
      if (shared.report.state == CaptureState::live && waited > shared.options.silence)
        shared.enter(CaptureState::lost,
                     fmt::format("{}: the driver has not answered for {:.1f} s",
                                 shared.report.description, to_ms(waited) / 1000.0),
                     Duration{});
      replace = waited > shared.options.hung_after && shared.report.hung_threads < kMaxHungThreads;
      if (replace) {
        ++shared.generation;
        ++shared.report.hung_threads;
        shared.enter(CaptureState::lost,
                     fmt::format("{}: a call into the driver hangs for {:.0f} s; trying again "
                                 "without it ({} such calls)",
                                 shared.report.description, to_ms(waited) / 1000.0,
                                 shared.report.hung_threads),
                     Duration{});
      }
    }
    replace = replace || !shared.running;
  }
  if (!replace) return;
  if (thread_.joinable()) thread_.detach();
  // Without memory or threads the next round tries again.
  static_cast<void>(start_thread());
}

void Capture::stop() noexcept {
  const std::lock_guard lock(shared_->mutex);
  shared_->stopping = true;
  shared_->wake.notify_all();
}

void Capture::reopen(SourceOpener open) {
  const std::lock_guard lock(shared_->mutex);
  shared_->open = std::move(open);
  shared_->reopening = true;
  shared_->report.state = CaptureState::opening;  // an end is the end no more
  shared_->wake.notify_all();
}

CaptureState Capture::state() const noexcept {
  const std::lock_guard lock(shared_->mutex);
  return shared_->report.state;
}

CaptureReport Capture::report() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->report;
}

int Capture::changed_fd() const noexcept { return shared_->changed.get(); }

void Capture::acknowledge() noexcept {
  std::uint64_t count = 0;
  static_cast<void>(!::read(shared_->changed.get(), &count, sizeof(count)));
}

Status Capture::next(Frame& frame, MonotonicTime deadline) noexcept {
  CaptureShared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  const auto ready = [&shared] {
    return shared.fresh || shared.stopping || shared.report.state == CaptureState::ended;
  };
  if (!shared.wake.wait_until(lock, to_clock(deadline), ready)) return Status::timeout;
  if (shared.stopping) return Status::cancelled;
  if (!shared.fresh) return Status::end;
  std::swap(shared.newest, shared.reading);
  shared.fresh = false;
  frame = shared.slots[shared.reading].frame;
  shared.wake.notify_all();
  return Status::ok;
}

}  // namespace pinfer
