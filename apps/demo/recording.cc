// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/recording.h"

#include <algorithm>
#include <span>

#include "runtime/core/percentile.h"

namespace pinfer {

Duration percentile(std::vector<Duration> values, double share) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return pinfer::percentile(std::span<const Duration>(values), 100.0 * share);
}

Result<Recording> Recording::create(const Config& config, const Clip& clip) {
  Recording recording;
  recording.config_ = config;
  recording.clip_ = clip;
  for (const OutputConfig& output : config.outputs) {
    if (output.spec.driver.view() != "memory")
      return fail(ErrorCode::config, "output {}: the demo watches lines of `board: simulated` only",
                  output.name);
    Line line;
    line.name = output.name;
    line.chip = memory_chip_path(output.spec.chip.view());
    line.offset = output.spec.offset;
    line.waits = std::any_of(config.rules.begin(), config.rules.end(), [&](const RuleConfig& rule) {
      return rule.output == output.name && rule.delayed_on > Duration{};
    });
    recording.lines_.push_back(std::move(line));
  }
  return recording;
}

void Recording::on_event(const Event& event) {
  if (event.kind != EventKind::edge || !event.active) return;
  const auto line = std::find_if(lines_.begin(), lines_.end(), [&](const Line& candidate) {
    return candidate.name == event.output.view();
  });
  // A rule that waits before it switches is not slow.
  if (line != lines_.end() && !line->waits) capture_to_edge_.push_back(event.age());
}

void Recording::on_snapshot(const Snapshot& snapshot) {
  if (!start_ && snapshot.picture.data != nullptr) {
    const auto sequence = static_cast<Duration::rep>(snapshot.picture.sequence);
    start_ = snapshot.picture.captured_at - sequence * clip_.frame_time;
  }
  if (snapshot.frames != frames_) inference_.push_back(snapshot.timings.inference);
  frames_ = snapshot.frames;
  dropped_ = snapshot.camera.dropped;
  withheld_ = snapshot.withheld;
  elapsed_ = snapshot.elapsed;
  watch();
}

void Recording::finish() { watch(); }

void Recording::watch() {
  while (chips_.size() < lines_.size()) {
    auto chip = MemoryChip::open(lines_[chips_.size()].chip);
    if (!chip) return;  // the guard has not made it yet
    chips_.push_back(std::move(*chip));
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const MemoryLine now = chips_[i].read(lines_[i].offset);
    const std::uint64_t edges = now.edges - lines_[i].seen.edges;
    lines_[i].seen = now;
    if (!start_) continue;
    // All but the last of several edges are older than the chip can say: by one look at most.
    for (std::uint64_t left = edges; left > 0; --left)
      edges_.push_back({i, now.active == (left % 2 == 1), now.changed_at - *start_});
  }
}

Moment Recording::moment(const Snapshot& snapshot) const {
  Moment moment;
  moment.picture = snapshot.picture;
  for (const EventScore& score : snapshot.scores)
    moment.predictions.push_back({std::string(score.label.view()), score.score});
  for (const Line& line : lines_)
    moment.lamps.push_back({line.name, line.seen.active, line.seen.edges});
  moment.elapsed = snapshot.elapsed;
  moment.frames = snapshot.frames;
  moment.dropped = snapshot.camera.dropped;
  moment.inference = snapshot.timings.inference;
  moment.capture_to_edge = percentile(capture_to_edge_, 0.5);
  return moment;
}

Verdict Recording::verdict() const {
  // How far into the clip the last look was: less than the daemon's own time by its start-up.
  const Duration ran_for =
      start_ ? static_cast<Duration::rep>(frames_ + dropped_) * clip_.frame_time : Duration{};
  Verdict verdict = judge(config_, looped(clip_, ran_for), edges_, ran_for);
  if (verdict.expected == 0)
    verdict.complaints.emplace_back("nothing was shown long enough to judge: run longer");
  return verdict;
}

std::string Recording::summary() const {
  const double seconds = to_ms(elapsed_) / 1000.0;
  std::string text = fmt::format(
      "frames           {} in {:.1f} s, {} dropped, {} withheld\n"
      "inference        p50 {:.2f} ms, p99 {:.2f} ms\n"
      "capture to edge  p50 {:.2f} ms, p99 {:.2f} ms, {} edges of rules without a delay\n",
      frames_, seconds, dropped_, withheld_, to_ms(percentile(inference_, 0.5)),
      to_ms(percentile(inference_, 0.99)), to_ms(percentile(capture_to_edge_, 0.5)),
      to_ms(percentile(capture_to_edge_, 0.99)), capture_to_edge_.size());
  for (const Line& line : lines_)
    text += fmt::format("{:<16} {} edges, {} now\n", line.name, line.seen.edges,
                        line.seen.active ? "on" : "off");
  const Verdict result = verdict();
  for (const std::string& complaint : result.complaints) text += "wrong: " + complaint + "\n";
  text += fmt::format("{} of {} things shown for a second or more switched their lines\n",
                      result.met, result.expected);
  return text;
}

}  // namespace pinfer
