// SPDX-License-Identifier: Apache-2.0
// What the control thread does when something happens.
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "apps/pinferd/daemon_loop.h"
#include "apps/pinferd/notify.h"

namespace pinfer {
namespace {

void clear(int fd) noexcept {
  std::uint64_t count = 0;
  static_cast<void>(!::read(fd, &count, sizeof(count)));
}

}  // namespace

void Daemon::on_timer() {
  clear(timer_.get());
  capture_->supervise();
  const MonotonicTime now = MonotonicTime::now();
  if (slot_.collect() && lost_clients_unused_) guard_->drop_lost_clients();
  drain_events();
  note_geometry();
  build_first_pipeline();
  tune_where_asked();
  if (guard_ != nullptr && !guard_->connected() && now >= next_guard_attempt_) look_for_guard();
  if (options_.run_for && now - started_ >= *options_.run_for) finish(0);
  if (now >= next_snapshot_) take_snapshot();
  if (const std::uint64_t lost = events_.dropped(); lost != events_lost_) {
    log_.warn("{} event lines lost: nobody reads them fast enough", lost - events_lost_);
    events_lost_ = lost;
  }
  pet_watchdog();
  if (ready_ && now >= next_status_) {
    next_status_ = now + std::chrono::seconds(2);
    notify_status(status_line());
    note_journal_troubles();
  }
}

void Daemon::on_signal() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGHUP) {
      reload("SIGHUP");
    } else {
      log_.info("{}: stopping", info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
      finish(0);
    }
  }
}

void Daemon::on_camera() {
  capture_->acknowledge();
  const CaptureReport report = capture_->report();
  if (report.state == CaptureState::lost && report.retry_in > Duration::zero())
    log_.warn("camera lost: {}; next try in {:g} s", report.error, to_ms(report.retry_in) / 1000.0);
  else if (report.state == CaptureState::lost)
    log_.warn("camera lost: {}", report.error);
  else if (report.state == CaptureState::live && camera_state_ != CaptureState::live)
    log_.info("camera: {}", report.description);
  camera_state_ = report.state;
}

void Daemon::drain_events() {
  clear(frames_event_.get());
  Event event;
  bool fault = false;
  while (events_.pop(event)) {
    fault = fault || (event.kind == EventKind::withheld && event.cause == Cause::model_fault);
    if (event.kind == EventKind::decision) {
      emit(event);
      if (const auto edge = edges_.on_decision(event, options_.dry_run)) emit(*edge);
    } else {
      edges_.note_frame(event);
      emit(event);
      if (event.kind != EventKind::withheld || !options_.dry_run) continue;
      for (const Event& edge : edges_.all_safe(event.cause, event.at)) emit(edge);
    }
  }
  if (fault && running_) on_model_fault();
}

void Daemon::emit(const Event& event) {
  constexpr std::size_t kMaxAges = 10000;
  if (event.kind == EventKind::edge && !event.timed && !event.rule.empty() &&
      edge_ages_.size() < kMaxAges)
    edge_ages_.push_back(event.age());
  keep(event);
  if (options_.print_events) log_.event(event);
  if (options_.on_event) options_.on_event(event);
}

void Daemon::on_guard() {
  // A decision is always in the ring before its lease is sent.
  drain_events();
  drain_reports();
}

void Daemon::drain_reports() {
  if (!guard_->connected()) return;
  LineReport report;
  for (;;) {
    const Status status = guard_->client()->poll(report);
    if (status == Status::timeout) return;
    if (status != Status::ok) return lose_guard();
    if (const auto edge = edges_.on_report(report)) emit(*edge);
  }
}

void Daemon::lose_guard() {
  // The client stays until no pipeline uses it; nobody listens to it any more.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, guard_->client()->fd(), nullptr);
  guard_->note_lost();
  lost_clients_unused_ = false;
  next_guard_attempt_ = MonotonicTime::now();
  guard_retry_ = std::chrono::milliseconds(100);
  log_.error("the guard is gone: its lines are safe; looking for it");
  for (const Event& edge : edges_.all_safe(Cause::client_gone, MonotonicTime::now())) emit(edge);
}

void Daemon::look_for_guard() {
  constexpr Duration kLongest = std::chrono::seconds(5);
  auto connected = guard_->connect();
  if (connected) connected = watch(guard_->client()->fd(), Wake::guard);
  if (connected) {
    log_.info("the guard is back");
    edges_.set_outputs({});
    edges_.set_outputs(config_.outputs);
    auto handles = configure_lines(config_);
    if (handles) {
      handles_ = *handles;
      rebuild("the guard is back");
      lost_clients_unused_ = true;
      return;
    }
    connected = tl::unexpected(handles.error());
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, guard_->client()->fd(), nullptr);
    guard_->note_lost();
  }
  next_guard_attempt_ = MonotonicTime::now() + guard_retry_;
  guard_retry_ = std::min(2 * guard_retry_, kLongest);
  log_.warn("no guard: {}", connected.error().message);
}

void Daemon::take_snapshot() {
  next_snapshot_ = MonotonicTime::now() + options_.snapshot_every;
  if (!options_.on_snapshot || frames_ == nullptr) return;
  const FrameCounts counts = frames_->counts();
  frames_->with_copy([&](FrameCopy& copy) {
    Snapshot snapshot;
    snapshot.elapsed = MonotonicTime::now() - started_;
    snapshot.camera = capture_->report();
    snapshot.frames = counts.decided;
    snapshot.withheld = counts.withheld;
    snapshot.swaps = slot_.swaps();
    snapshot.outputs = edges_.states();
    snapshot.scores = {copy.scores.data(), copy.scores.size()};
    snapshot.timings = copy.timings;
    if (options_.preview) snapshot.picture = copy.frame;
    options_.on_snapshot(snapshot);
    const std::size_t bytes = static_cast<std::size_t>(geometry_.width) *
                              static_cast<std::size_t>(geometry_.height) *
                              static_cast<std::size_t>(bytes_per_pixel(geometry_.format));
    if (!options_.preview || copy.pixels.size() >= bytes) return;
    copy.frame.data = nullptr;
    if (auto pixels = AlignedBuffer::create(bytes)) copy.pixels = std::move(*pixels);
  });
  frames_->want_copy();
}

// Only while frames move, or while it is known why they do not: a stuck thread or a driver that
// swallows read() must end in a restart, a missing camera must not.
void Daemon::pet_watchdog() {
  const MonotonicTime now = MonotonicTime::now();
  if (watchdog_ == Duration::zero() || !ready_ || now < next_watchdog_) return;
  next_watchdog_ = now + watchdog_ / 4;
  const std::uint64_t heartbeat = frames_->heartbeat();
  const bool alive = heartbeat != last_heartbeat_;
  last_heartbeat_ = heartbeat;
  // A driver that swallows every call: only a new process has a chance with it.
  if (capture_->report().hung_threads >= kMaxHungThreads) return;
  const bool moving = frames_->counts().since_last < std::max(config_.frame_max_age, watchdog_ / 2);
  if (alive && (moving || camera_state_ == CaptureState::lost)) notify_alive();
}

std::string Daemon::summary() const {
  std::string text = status_line();
  if (edge_ages_.empty()) return text;
  std::vector<Duration> ages = edge_ages_;
  std::sort(ages.begin(), ages.end());
  const std::size_t last = ages.size() - 1;
  return text + fmt::format("; capture to edge p50 {:.1f} ms, p99 {:.1f} ms ({} edges)",
                            to_ms(ages[last / 2]), to_ms(ages[last * 99 / 100]), ages.size());
}

std::string Daemon::status_line() const {
  const CaptureReport camera = capture_ ? capture_->report() : CaptureReport{};
  const FrameCounts counts = frames_ ? frames_->counts() : FrameCounts{};
  std::string text =
      fmt::format("camera {}, {} frames decided", to_string(camera_state_), counts.decided);
  if (counts.withheld > 0) text += fmt::format(", {} withheld", counts.withheld);
  if (camera.dropped > 0) text += fmt::format(", {} dropped", camera.dropped);
  if (camera.damaged > 0) text += fmt::format(", {} damaged", camera.damaged);
  if (guard_ != nullptr && !guard_->connected()) text += ", degraded: no guard";
  return text;
}

}  // namespace pinfer
