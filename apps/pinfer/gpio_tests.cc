// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/gpio_tests.h"

#include "apps/pinfer/line_owner.h"

namespace pinfer {
namespace {

// A wire follows its line at once; a bad one is still wrong after this.
constexpr Duration kSettle = std::chrono::milliseconds(2);
constexpr Duration kSample = std::chrono::microseconds(200);

Result<BlinkStep> step(LineOwner& owner, const LineWatch& watch, bool active,
                       Interruption& interruption) {
  BlinkStep done{active, false, std::nullopt};
  PINFER_TRY(done.reads, owner.set(active));
  if (!watch.sees()) return done;
  static_cast<void>(interruption.pause(kSettle));
  done.wire = watch.read();
  return done;
}

Result<BlinkReport> blink_with(LineOwner& owner, const LineWatch& watch, bool safe,
                               const BlinkOptions& options, Interruption& interruption) {
  BlinkReport report;
  for (int i = 0; i < options.times && !report.interrupted; ++i) {
    for (const bool active : {!safe, safe}) {
      PINFER_TRY(BlinkStep done, step(owner, watch, active, interruption));
      report.steps.push_back(done);
      const bool last = i + 1 == options.times && active == safe;
      const Duration time = active == safe ? options.off : options.on;
      report.interrupted = interruption.pause(last ? Duration::zero() : time);
      if (report.interrupted) break;
    }
  }
  return report;
}

void watch_release(const LineWatch& watch, bool safe, MonotonicTime killed, Duration time,
                   Interruption& interruption, ReleaseReport& report) {
  const MonotonicTime end = killed + time;
  std::optional<bool> before = !safe;
  while (!report.interrupted && MonotonicTime::now() < end) {
    const std::optional<bool> level = watch.read();
    if (level != before) ++report.changes;
    before = level;
    if (level == safe && !report.after) report.after = MonotonicTime::now() - killed;
    report.stays_safe = report.after && report.changes == 1;
    report.interrupted = interruption.pause(kSample);
  }
}

}  // namespace

Result<BlinkReport> blink(const OutputSpec& spec, const Board& board, const std::string& read_back,
                          const BlinkOptions& options) {
  Interruption interruption;
  PINFER_TRY(LineOwner owner, LineOwner::start(spec));
  PINFER_TRY(const LineWatch watch, LineWatch::open(spec, board, read_back));
  auto report = blink_with(owner, watch, spec.safe_active, options, interruption);
  PINFER_CHECK(owner.finish());
  return report;
}

Result<ReleaseReport> release(const OutputSpec& spec, const Board& board,
                              const std::string& read_back, Duration time) {
  Interruption interruption;
  PINFER_TRY(LineOwner owner, LineOwner::start(spec));
  PINFER_TRY(const LineWatch watch, LineWatch::open(spec, board, read_back));
  ReleaseReport report;
  report.seen = watch.sees();
  report.place = watch.place();
  PINFER_TRY(const bool reads, owner.set(!spec.safe_active));
  report.interrupted = interruption.pause(kSettle);
  const bool seen_on = !watch.sees() || watch.read() == !spec.safe_active;
  if (reads == spec.safe_active || !seen_on) {
    PINFER_CHECK(owner.finish());
    return fail(ErrorCode::io, "output {}: the line does not follow; {}", spec.name.view(),
                seen_on ? "something holds it at its safe level"
                        : "is the wire to " + watch.place() + " there?");
  }
  if (report.interrupted) {
    PINFER_CHECK(owner.finish());
    return report;
  }
  const MonotonicTime killed = owner.kill();
  if (watch.sees())
    watch_release(watch, spec.safe_active, killed, time, interruption, report);
  else
    report.interrupted = interruption.pause(time);
  PINFER_CHECK(owner.finish());
  return report;
}

}  // namespace pinfer
