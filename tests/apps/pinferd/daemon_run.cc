// SPDX-License-Identifier: Apache-2.0
#include "tests/apps/pinferd/daemon_run.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <iterator>

#include "runtime/core/files.h"
#include "tests/support/brightness_model.h"

namespace pinfer::testing {
namespace {

class FilmSource final : public FrameSource {
 public:
  explicit FilmSource(Film& film) : film_(film) {}
  Status next(Frame& frame, MonotonicTime) noexcept override {
    if (film_.broken) return Status::backend_fault;
    const std::uint64_t n = film_.shown;
    if (film_.end && n % film_.period == 0) return Status::end;
    if (film_.before) film_.before(n);
    std::this_thread::sleep_for(film_.pace);
    pixels_.fill(film_.level(n));
    const int side = film_.side;
    frame = {.data = pixels_.data(),
             .width = side,
             .height = side,
             .stride = static_cast<std::size_t>(side),
             .format = PixelFormat::gray8,
             .sequence = sequence_++,
             .captured_at = MonotonicTime::now()};
    film_.shown = n + 1;
    return Status::ok;
  }
  bool is_replay() const noexcept override { return true; }
  std::string_view description() const noexcept override { return "film"; }

 private:
  Film& film_;
  std::uint64_t sequence_ = 0;
  std::array<std::uint8_t, 64> pixels_{};
};

}  // namespace

DaemonRun::DaemonRun(const std::string& config) : stop_fd_(::eventfd(0, EFD_CLOEXEC)) {
  film.level = [](std::uint64_t) { return std::uint8_t{0}; };
  const auto model = test::brightness_model();
  EXPECT_TRUE(write_file_atomically(file("brightness.tflite"), model));
  write_config(config);
  options.config_path = file("config.yaml");
  options.boards_dir = PINFER_BOARDS_DIR;
  options.private_guard = true;
  options.guard_binary = runnable(folder_, GUARD_BINARY);
  options.handle_signals = false;
  options.stop_fd = stop_fd_;
  options.print_events = false;
  options.realtime = false;
  options.snapshot_every = std::chrono::milliseconds(1);
  options.open_source = [this](const SourceSpec&) -> Result<std::unique_ptr<FrameSource>> {
    if (film.broken) return fail(ErrorCode::not_found, "the camera is not there");
    return std::make_unique<FilmSource>(film);
  };
  options.on_event = [this](const Event& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  };
  options.on_snapshot = [this](const Snapshot& snapshot) {
    frames_ = snapshot.frames;
    swaps_ = snapshot.swaps;
    if (on_snapshot) on_snapshot(snapshot);
  };
}

DaemonRun::~DaemonRun() {
  if (thread_.joinable()) stop();
  ::close(stop_fd_);
}

std::string DaemonRun::fill_in(std::string config) const {
  for (const auto& [mark, text] : {std::pair{std::string("{chip}"), file("chip")},
                                   std::pair{std::string("{model}"), file("brightness.tflite")}})
    for (std::size_t at = 0; (at = config.find(mark)) != std::string::npos;)
      config.replace(at, mark.size(), text);
  return config;
}

void DaemonRun::write_config(const std::string& config) const {
  EXPECT_TRUE(write_file_atomically(file("config.yaml"), fill_in(config)));
}

void DaemonRun::start() {
  thread_ = std::thread([this] { exit_code_ = run_daemon(options); });
}

int DaemonRun::stop() {
  const std::uint64_t one = 1;
  EXPECT_EQ(::write(stop_fd_, &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
  return join();
}

int DaemonRun::join() {
  thread_.join();
  return exit_code_;
}

std::vector<Event> DaemonRun::events(EventKind kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<Event> found;
  for (const Event& event : events_)
    if (event.kind == kind) found.push_back(event);
  return found;
}

bool DaemonRun::seen(EventKind kind, Cause cause) const {
  for (const Event& event : events(kind))
    if (event.cause == cause) return true;
  return false;
}

MemoryLine DaemonRun::line(std::uint32_t offset) const {
  const auto chip = MemoryChip::open(file("chip"));
  return chip ? chip->read(offset) : MemoryLine{};
}

std::ptrdiff_t entries_of(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

}  // namespace pinfer::testing
