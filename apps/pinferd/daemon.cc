// SPDX-License-Identifier: Apache-2.0
// The control thread: start, wait for what happens, stop in order.
#include "apps/pinferd/daemon.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>

#include "apps/pinferd/daemon_loop.h"
#include "apps/pinferd/notify.h"

namespace pinfer {
namespace {

constexpr Duration kHousekeeping = std::chrono::milliseconds(50);

int exit_code_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::config:
      return 3;
    case ErrorCode::refused:
      return 4;
    default:
      return 1;
  }
}

sigset_t served_signals() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
  return set;
}

// Signals wait for signalfd, in every thread started meanwhile.
class SignalBlock final {
 public:
  explicit SignalBlock(bool wanted) noexcept : wanted_(wanted) {
    const sigset_t set = served_signals();
    if (wanted_) ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;
  ~SignalBlock() {
    if (wanted_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  bool wanted_;
  sigset_t before_{};
};

}  // namespace

int run_daemon(const DaemonOptions& options) {
  const SignalBlock block(options.handle_signals);
  try {
    Daemon daemon(options);
    return daemon.run();
  } catch (const std::exception& error) {  // no memory, no threads
    Log().error("pinferd: {}", error.what());
    return 1;
  }
}

void prepare_camera_environment() {
  // Called before any thread starts: setenv() is not thread safe.
  ::setenv("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1", 0);
  ::setenv("OPENCV_LOG_LEVEL", "OFF", 0);
  ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
}

std::string find_boards_dir() {
  if (const char* folder = std::getenv("PINFER_BOARDS"); folder != nullptr) return folder;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const auto relative = (self / ".." / "share" / "pinfer" / "boards").lexically_normal();
  if (std::filesystem::is_directory(relative, error)) return relative.string();
  return "/usr/share/pinfer/boards";
}

Daemon::Daemon(const DaemonOptions& options) : options_(options) {
  log_.find_journald();
  if (options_.format) log_.configure({.level = LogLevel::info, .format = *options_.format});
}

Daemon::~Daemon() { stop_in_order(); }

int Daemon::run() {
  started_ = MonotonicTime::now();
  if (const auto result = start(); !result) finish(result.error());
  while (running_) wait_and_serve();
  stop_in_order();
  return exit_code_;
}

void Daemon::finish(int exit_code) noexcept {
  if (running_) exit_code_ = exit_code;
  running_ = false;
}

void Daemon::finish(const Error& error) {
  if (error.message.find('\n') == std::string::npos)
    log_.error("{}", error.message);
  else  // diagnostics: they start with their place
    log_.plain(LogLevel::error, error.message);
  finish(exit_code_of(error.code));
}

Result<void> Daemon::start() {
  PINFER_CHECK(open_descriptors());
  PINFER_CHECK(load_first_config());
  PINFER_CHECK(connect_guard());
  return running_ ? start_frames() : Result<void>{};
}

Result<void> Daemon::open_descriptors() {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  timer_.reset(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  frames_event_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  itimerspec period{};
  period.it_value.tv_nsec = period.it_interval.tv_nsec = kHousekeeping.count();
  if (!epoll_.valid() || !timer_.valid() || !frames_event_.valid() ||
      ::timerfd_settime(timer_.get(), 0, &period, nullptr) != 0)
    return fail(ErrorCode::internal, "cannot make descriptors: {}", std::strerror(errno));
  PINFER_CHECK(watch(timer_.get(), Wake::timer));
  PINFER_CHECK(watch(frames_event_.get(), Wake::frames));
  if (options_.stop_fd >= 0) PINFER_CHECK(watch(options_.stop_fd, Wake::stop));
  if (options_.handle_signals) {
    const sigset_t set = served_signals();
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    PINFER_CHECK(watch(signals_.get(), Wake::signals));
  }
  PINFER_TRY(config_watch_, FileWatch::create(options_.config_path));
  watchdog_ = watchdog_interval();
  return watch(config_watch_->fd(), Wake::config_file);
}

Result<void> Daemon::watch(int fd, Wake what) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = static_cast<std::uint32_t>(what);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return fail(ErrorCode::internal, "cannot wait for descriptor {}: {}", fd, std::strerror(errno));
  return {};
}

// The system's guard may still be on its way up; a missing one after that is a fault.
Result<void> Daemon::connect_guard() {
  if (options_.dry_run) return {};
  guard_ = std::make_unique<GuardLink>(
      GuardLinkOptions{config_.guard.socket, options_.private_guard, options_.guard_binary});
  constexpr Duration kPatience = std::chrono::seconds(5);
  for (;;) {
    const auto connected = guard_->connect();
    if (connected) return watch(guard_->client()->fd(), Wake::guard);
    const bool may_come = connected.error().code == ErrorCode::unavailable &&
                          !options_.private_guard && MonotonicTime::now() - started_ < kPatience;
    if (!may_come) return connected;
    // Not a plain sleep: SIGTERM must be heard while nobody answers.
    pollfd stop{.fd = signals_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&stop, 1, 100) > 0) on_signal();
    if (!running_) return {};
  }
}

Result<void> Daemon::start_frames() {
  edges_.set_outputs(config_.outputs);
  PINFER_TRY(handles_, configure_lines(config_));
  frames_ = std::make_unique<FrameLoop>(
      *capture_, slot_, events_,
      FrameLoop::Options{
          .replay = is_replay(config_.camera), .notify_fd = frames_event_.get(), .shelf = &shelf_});
  frame_thread_ = std::thread([this] { frames_->run(); });
  return {};
}

void Daemon::wait_and_serve() {
  std::array<epoll_event, 8> ready{};
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), -1);
  for (int i = 0; i < count && running_; ++i)
    serve(static_cast<Wake>(ready[static_cast<std::size_t>(i)].data.u32));
  if (reload_wanted_ && running_) {
    reload_wanted_ = false;
    reload("the file has changed");
  }
}

void Daemon::serve(Wake what) {
  switch (what) {
    case Wake::timer:
      return on_timer();
    case Wake::signals:
      return on_signal();
    case Wake::config_file:
      if (config_watch_->read_changes()) reload_wanted_ = true;
      return;
    case Wake::frames:
      drain_events();
      note_geometry();
      if (frames_ != nullptr && frames_->ended() && capture_->state() == CaptureState::ended) {
        log_.info("the clip is over");
        finish(0);
      }
      return;
    case Wake::camera:
      return on_camera();
    case Wake::guard:
      return on_guard();
    case Wake::tuner:
      return on_tuner();
    case Wake::stop:
      return finish(0);
  }
}

// Lines first: the rest may take a moment.
void Daemon::stop_in_order() {
  if (capture_ == nullptr) return;
  if (ready_) notify_stopping();
  if (frames_ != nullptr) frames_->stop();
  capture_->stop();
  if (frame_thread_.joinable()) frame_thread_.join();
  tuner_.reset();
  drain_events();
  if (guard_ != nullptr && guard_->connected()) {
    // The guard answers each release; the last edges belong into the log.
    constexpr int kRounds = 50;
    for (int i = 0; i < kRounds && guard_->connected() && edges_.any_away(); ++i) {
      drain_reports();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  take_snapshot();
  const std::string figures = summary();  // while there is a camera to ask
  capture_.reset();
  slot_.collect();
  journal_.reset();  // writes what waits
  log_.info("stopped after {:.1f} s: {}", to_ms(MonotonicTime::now() - started_) / 1000.0, figures);
}

}  // namespace pinfer
