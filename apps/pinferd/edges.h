// SPDX-License-Identifier: Apache-2.0
// EdgeTracker: joins what the guard reports about a line with the decision that caused it.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "apps/guard/client.h"
#include "apps/pinferd/daemon.h"
#include "apps/pipeline/config.h"
#include "apps/pipeline/events.h"

namespace pinfer {

class EdgeTracker final {
 public:
  // After a (re)load: outputs with the same line keep their state, others start at the safe level.
  void set_outputs(std::span<const OutputConfig> outputs);

  // A `decision` of the frame thread. In a dry run it is the edge itself.
  std::optional<Event> on_decision(const Event& decision, bool dry_run);
  // A report of the guard: an `edge` when the level has changed, `held` when a limit of the guard
  // keeps it.
  std::optional<Event> on_report(const LineReport& report);
  // Every line is safe now, without a report: the guard is gone, or there is none (dry run). Edges
  // for those that were away.
  std::vector<Event> all_safe(Cause cause, MonotonicTime at);

  // The newest frame of which anything is known, for edges that no frame caused.
  void note_frame(const Event& event) noexcept;

  // True while an output is not at its safe level.
  [[nodiscard]] bool any_away() const noexcept;
  [[nodiscard]] std::span<const OutputState> states() const noexcept { return states_; }

 private:
  Event make_edge(std::size_t output, bool active, Cause cause, MonotonicTime at);
  Event make_held(std::size_t output, MonotonicTime at) const;
  void fill(Event& event, EventKind kind, std::size_t output, MonotonicTime at) const noexcept;

  const Event* find_decision(std::size_t output, bool active, MonotonicTime at) const noexcept;

  std::vector<OutputConfig> configs_;
  // By output. Decisions come faster than reports are read: the last few, oldest first.
  std::vector<OutputState> states_;
  std::vector<std::deque<Event>> decisions_;
  Event newest_;
};

}  // namespace pinfer
