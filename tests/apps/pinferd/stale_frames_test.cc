// SPDX-License-Identifier: Apache-2.0
// No frame older than frame_max_age ever leads to an edge, whatever the camera does: late, slow,
// intermittent, damaged, from the future, of another size, gone.
//
// The judge looks at the guard's edges and at the camera's own notes only: for each time a line
// went on there must be a bright picture that was young enough at that moment. Every other 500
// pictures all bright ones are too old, so that nothing may go on then.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/apps/pinferd/daemon_run.h"

namespace pinfer {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::DaemonRun;
using testing::eventually;
using testing::number_from;

// Was one of these pictures, sorted by when they were taken in ns since boot, at most `age` old
// then?
bool any_taken_within(const std::vector<std::int64_t>& pictures, Duration age, MonotonicTime then) {
  const std::int64_t at = then.since_boot.count();
  const auto taken = std::lower_bound(pictures.begin(), pictures.end(), at - age.count());
  return taken != pictures.end() && *taken <= at;
}

constexpr Duration kMaxAge = milliseconds(30);

// What the camera knows of its own pictures.
struct Notes {
  std::mutex mutex;
  std::vector<std::int64_t>
      bright;  // when the bright pictures were taken, in ns; sorted by judge()
  std::uint64_t shown = 0;
  std::uint64_t old = 0;      // shown with an age over kMaxAge
  std::uint64_t damaged = 0;  // or of another size, or black, or white
  std::uint64_t traps = 0;    // bright and too old while all others are dark
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
    const bool trap = bright && notes_.shown / 500 % 2 == 1;
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
             .captured_at = MonotonicTime::now() - (trap ? old_age() : age(dice))};
    note(frame, bright && dice >= 602, dice < 602, trap);
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
  Duration old_age() { return kMaxAge + microseconds(1 + random_() % 60000); }
  void note(const Frame& frame, bool bright, bool damaged, bool trap) {
    const std::lock_guard lock(notes_.mutex);
    ++notes_.shown;
    notes_.damaged += damaged ? 1 : 0;
    if (MonotonicTime::now() - frame.captured_at > kMaxAge) ++notes_.old;
    notes_.traps += trap ? 1 : 0;
    const MonotonicTime taken = std::min(frame.captured_at, MonotonicTime::now());
    if (bright) notes_.bright.push_back(taken.since_boot.count());
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
  return static_cast<std::uint64_t>(number_from("PINFER_STALE_FRAMES", 10'000));
}

struct Verdict {
  std::uint64_t edges = 0;  // to on
  std::uint64_t old = 0;    // without a picture that was young enough
  std::uint64_t misled =
      0;  // joined with an older decision: the newer one was lost on a busy machine
};

Verdict judge(const std::vector<Event>& edges, Notes& notes) {
  Verdict verdict;
  const std::lock_guard lock(notes.mutex);
  std::sort(notes.bright.begin(), notes.bright.end());
  for (const Event& edge : edges) {
    if (edge.cause != Cause::decision) continue;
    ++verdict.edges;
    if (edge.age() > kMaxAge) ++verdict.misled;
    if (!any_taken_within(notes.bright, kMaxAge, edge.at)) ++verdict.old;
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
  EXPECT_EQ(verdict.old, 0u) << "edges that stand on no picture of the last 30 ms";
  // The test has tested something: many edges, and many chances for a wrong one.
  EXPECT_GT(verdict.edges, wanted / 100);
  EXPECT_GT(notes.old, wanted / 10);
  EXPECT_GT(notes.damaged, wanted / 50);
  EXPECT_GT(notes.traps, wanted / 10);
  for (const Cause cause : {Cause::stale_frame, Cause::black, Cause::overexposed})
    EXPECT_TRUE(run.seen(EventKind::withheld, cause)) << to_string(cause);
  fmt::print(
      "{} frames, {} of them too old ({} of these traps), {} damaged; {} edges to on, {} by a "
      "frame too old; {} told with an older decision\n",
      notes.shown, notes.old, notes.traps, notes.damaged, verdict.edges, verdict.old,
      verdict.misled);
}

}  // namespace
}  // namespace pinfer
