// SPDX-License-Identifier: Apache-2.0
// Hours of a clip at full speed, with reloads, a camera that is lost and guards that are killed:
// memory, descriptors and threads stay what they were. PINFER_SOAK_FRAMES=1300000: a day of video.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "tests/apps/pinferd/daemon_run.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::DaemonRun;
using testing::entries_of;
using testing::number_from;

constexpr std::uint64_t kDropEvery = 5000, kReloadEvery = 10'000, kKillEvery = 25'000;

// The demo's clip, which fails after so many frames as a camera does that is pulled out.
class LosingSource final : public FrameSource {
 public:
  LosingSource(std::unique_ptr<FrameSource> clip, std::uint64_t frames)
      : clip_(std::move(clip)), left_(frames) {}
  Status next(Frame& frame, MonotonicTime deadline) noexcept override {
    if (left_ == 0) return Status::backend_fault;
    --left_;
    return clip_->next(frame, deadline);
  }
  bool is_replay() const noexcept override { return clip_->is_replay(); }
  std::string_view description() const noexcept override { return "losing clip"; }

 private:
  std::unique_ptr<FrameSource> clip_;
  std::uint64_t left_;
};

std::string config(std::uint64_t reload) {
  return fmt::format(R"(
board: simulated
camera: {{source: "file://{0}/digits.avi", loop: yes}}
model: {{path: "{0}/digits.tflite", threads: {2}}}
outputs:
  gate: {{line: {{chip: "{{chip}}", offset: 17}}}}
  lamp: {{line: {{chip: "{{chip}}", offset: 27}}}}
rules:
  seven: {{output: gate, when: {{label: "7", min_score: {1}%, seen: 3 of 5}}}}
  low: {{output: lamp, when: {{label: ["0", "1", "2", "3", "4"], min_score: 60%, seen: 3 of 5}}}}
log: {{level: error}}
)",
                     PINFER_DEMO, 60 + reload % 20, 1 + reload % 2);
}

struct Use {
  long resident_kb = 0;
  std::ptrdiff_t descriptors = 0, threads = 0;
};
Use use_now() {
  std::ifstream statm("/proc/self/statm");
  long size = 0, resident = 0;
  statm >> size >> resident;
  return {resident * ::sysconf(_SC_PAGESIZE) / 1024, entries_of("/proc/self/fd"),
          entries_of("/proc/self/task")};
}
// In part [begin, end) of the samples: the most memory, the fewest descriptors and threads (reloads
// and new guards take some for a moment; what leaks is never given back).
Use use_of(const std::vector<Use>& samples, double begin, double end) {
  const auto at = [&](double part) {
    return samples.begin() +
           static_cast<std::ptrdiff_t>(part * static_cast<double>(samples.size()));
  };
  Use use = *at(begin);
  for (auto one = at(begin); one != at(end); ++one)
    use = {std::max(use.resident_kb, one->resident_kb), std::min(use.descriptors, one->descriptors),
           std::min(use.threads, one->threads)};
  return use;
}

// What is done to the daemon while it runs.
class Torment final {
 public:
  explicit Torment(DaemonRun& run) : run_(run) {}
  void at(std::uint64_t frames) {
    if (frames / kReloadEvery > reloads) run_.write_config(config(++reloads));
    if (frames / kKillEvery > kills) {
      ++kills;
      const auto guard = static_cast<pid_t>(run_.line(17).owner_pid);
      if (guard > 0) ::kill(guard, SIGKILL);
    }
  }
  std::uint64_t reloads = 0, kills = 0;

 private:
  DaemonRun& run_;
};

TEST(Soak, NothingGrows) {
  DaemonRun run(config(0));
  std::atomic<std::uint64_t> openings{0};
  run.options.on_event = {};
  run.options.snapshot_every = milliseconds(20);
  run.options.open_source = [&](const SourceSpec& spec) -> Result<std::unique_ptr<FrameSource>> {
    ++openings;
    PINFER_TRY(auto clip, create_source(spec));
    return std::make_unique<LosingSource>(std::move(clip), kDropEvery);
  };
  const std::uint64_t wanted =
      static_cast<std::uint64_t>(number_from("PINFER_SOAK_FRAMES", 30'000));
  const MonotonicTime begin = MonotonicTime::now();
  run.start();
  Torment torment(run);
  std::vector<Use> samples;
  std::uint64_t before = 0;
  MonotonicTime moved = begin;
  for (MonotonicTime shown = begin; run.frames() < wanted;) {
    std::this_thread::sleep_for(milliseconds(50));
    const std::uint64_t frames = run.frames();
    if (frames != before) moved = MonotonicTime::now();
    before = frames;
    ASSERT_LT(MonotonicTime::now() - moved, seconds(60)) << "stuck after " << frames << " frames";
    samples.push_back(use_now());
    torment.at(frames);
    if (MonotonicTime::now() - shown < seconds(60)) continue;
    shown = MonotonicTime::now();
    fmt::print("{} of {} frames, {} kB, {} descriptors, {} threads\n", frames, wanted,
               samples.back().resident_kb, samples.back().descriptors, samples.back().threads);
    std::fflush(stdout);
  }
  const double took = std::chrono::duration<double>(MonotonicTime::now() - begin).count();
  EXPECT_EQ(run.stop(), 0);
  for (const std::uint32_t offset : {17U, 27U}) EXPECT_FALSE(run.line(offset).active);
  EXPECT_GT(run.line(27).edges, wanted / 500);
  EXPECT_GE(openings, wanted / kDropEvery);

  const Use early = use_of(samples, 0.1, 0.4), late = use_of(samples, 0.7, 1.0);
#if !defined(PINFER_SANITIZER_ADDRESS)  // which keeps freed memory for a while
  EXPECT_LE(late.resident_kb, early.resident_kb + 2048);
#endif
  EXPECT_LE(late.descriptors, early.descriptors);
  EXPECT_LE(late.threads, early.threads);
  fmt::print(
      "{} frames in {:.0f} s, {} reloads, {} guards killed, camera opened {} times, {} edges; "
      "memory {} -> {} kB, descriptors {} -> {}, threads {} -> {}\n",
      run.frames(), took, torment.reloads, torment.kills, openings.load(), run.line(27).edges,
      early.resident_kb, late.resident_kb, early.descriptors, late.descriptors, early.threads,
      late.threads);
}

}  // namespace
}  // namespace pinfer
