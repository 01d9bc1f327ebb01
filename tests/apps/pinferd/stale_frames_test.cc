// SPDX-License-Identifier: Apache-2.0
// No frame older than frame_max_age ever leads to an edge, whatever the camera does: late, slow,
// intermittent, damaged, from the future, of another size, gone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "tests/apps/pinferd/daemon_run.h"

namespace pinfer {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::DaemonRun;
using testing::eventually;

constexpr Duration kMaxAge = milliseconds(30);

// What the camera knows of its own pictures.
struct Notes {
  std::mutex mutex;
  std::map<std::int64_t, bool> bright;  // by capture time in ns
  std::uint64_t shown = 0;
  std::uint64_t old = 0;      // shown with an age over kMaxAge
  std::uint64_t damaged = 0;  // or of another size, or black, or white
};

class WildCamera final : public FrameSource {
 public:
  WildCamera(Notes& notes, unsigned seed) : notes_(notes), random_(seed) {}

  Status next(Frame& frame, MonotonicTime) noexcept override {
    std::this_thread::sleep_for(microseconds(200));
    const auto dice = static_cast<unsigned>(random_() % 10000);
    if (dice < 100) std::this_thread::sleep_for(microseconds(random_() % 60000));  // slow
    if (dice >= 9998) return Status::backend_fault;
    const bool bright = random_() % 2 == 0;
    int side = 4;
    pixels_.fill(bright ? 230 : 20);
    if (dice < 500) return note_damaged(Status::bad_value);
    if (dice < 600)
      pixels_.fill(dice % 2 == 0 ? 0 : 255);
    else if (dice < 602)
      side = 6;
    frame = {.data = pixels_.data(),
             .width = side,
             .height = side,
             .stride = static_cast<std::size_t>(side),
             .format = PixelFormat::gray8,
             .sequence = sequence_++,
             .captured_at = MonotonicTime::now() - age(dice)};
    note(frame, bright, dice < 602);
    return Status::ok;
  }
  bool is_replay() const noexcept override { return false; }
  std::string_view description() const noexcept override { return "wild camera"; }

 private:
  Duration age(unsigned dice) {
    if (dice < 3000) return microseconds(random_() % 90000);                      // late
    if (dice < 4000) return kMaxAge - microseconds(random_() % 400);              // just in time
    if (dice < 4500) return -Duration(milliseconds(1 + random_() % 10'000'000));  // not yet taken
    return microseconds(random_() % 2000);
  }
  void note(const Frame& frame, bool bright, bool damaged) {
    const std::lock_guard lock(notes_.mutex);
    ++notes_.shown;
    notes_.damaged += damaged ? 1 : 0;
    if (MonotonicTime::now() - frame.captured_at > kMaxAge) ++notes_.old;
    notes_.bright[frame.captured_at.since_boot.count()] = bright;
  }
  Status note_damaged(Status status) {
    const std::lock_guard lock(notes_.mutex);
    ++notes_.shown;
    ++notes_.damaged;
    return status;
  }

  Notes& notes_;
  std::mt19937 random_;
  std::uint64_t sequence_ = 0;
  std::array<std::uint8_t, 64> pixels_{};
};

const std::string kConfig = R"(
board: simulated
camera: {source: "pattern:", health: {black_below: 3%, overexposed_above: 97%, frozen_after: 2s}}
model: {path: "{model}", threads: 1}
outputs:
  lamp: {line: {chip: "{chip}", offset: 17}, ttl: 50ms}
rules:
  light: {output: lamp, when: {label: bright}}
frame_max_age: 30ms
log: {level: error}
)";

std::uint64_t frames_wanted() {
  const char* wanted = std::getenv("PINFER_STALE_FRAMES");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 10'000;
}

struct Verdict {
  std::uint64_t edges = 0;  // that a frame asked for
  std::uint64_t old = 0;    // by a frame that was too old by then
  std::uint64_t wrong = 0;  // by a frame that shows the other level
  Duration oldest{};
};

Verdict judge(const std::vector<Event>& edges, Notes& notes) {
  Verdict verdict;
  const std::lock_guard lock(notes.mutex);
  for (const Event& edge : edges) {
    if (edge.cause != Cause::decision) continue;
    ++verdict.edges;
    verdict.oldest = std::max(verdict.oldest, edge.age());
    if (edge.age() > kMaxAge) ++verdict.old;
    const auto shown = notes.bright.find(edge.captured_at.since_boot.count());
    if (shown != notes.bright.end() && shown->second != edge.active) ++verdict.wrong;
  }
  return verdict;
}

TEST(StaleFrames, NeverLeadToAnEdge) {
  DaemonRun run(kConfig);
  Notes notes;
  std::atomic<unsigned> seed{1};
  run.options.realtime = true;
  run.options.open_source = [&](const SourceSpec&) -> Result<std::unique_ptr<FrameSource>> {
    return std::make_unique<WildCamera>(notes, seed++);
  };
  const std::uint64_t wanted = frames_wanted();
  run.start();
  EXPECT_TRUE(eventually(
      [&] {
        const std::lock_guard lock(notes.mutex);
        return notes.shown >= wanted;
      },
      seconds(60) + milliseconds(5) * static_cast<std::int64_t>(wanted)));
  EXPECT_EQ(run.stop(), 0);
  EXPECT_FALSE(run.line(17).active);

  const Verdict verdict = judge(run.events(EventKind::edge), notes);
  EXPECT_EQ(verdict.old, 0u) << "the oldest was " << to_ms(verdict.oldest) << " ms old";
  EXPECT_EQ(verdict.wrong, 0u);
  // The test has tested something: many edges, and many chances for a wrong one.
  EXPECT_GT(verdict.edges, wanted / 100);
  EXPECT_GT(notes.old, wanted / 10);
  EXPECT_GT(notes.damaged, wanted / 50);
  for (const Cause cause : {Cause::stale_frame, Cause::black, Cause::overexposed})
    EXPECT_TRUE(run.seen(EventKind::withheld, cause)) << to_string(cause);
  fmt::print(
      "{} frames, {} of them too old, {} damaged; {} edges by a decision, 0 too old; the "
      "oldest {:.2f} ms\n",
      notes.shown, notes.old, notes.damaged, verdict.edges, to_ms(verdict.oldest));
}

}  // namespace
}  // namespace pinfer
