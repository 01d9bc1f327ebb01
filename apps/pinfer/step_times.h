// SPDX-License-Identifier: Apache-2.0
// StepTimes: where the time of an inference goes, step by step, as a table, as JSON, as a trace.
//
// The peak that shares are given of is the rate of this run's fastest step: what this machine has
// been seen to reach with this model, not what its data sheet says. A step with less than 1 % of
// all multiply-accumulates is too short for a clock to rate: it sets no peak and has no share of
// it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "apps/pinfer/json.h"
#include "runtime/core/clock.h"
#include "runtime/session/session.h"

namespace pinfer {

class StepTimes final {
 public:
  // The session must time its steps (SessionOptions::profile) and outlive this.
  StepTimes(const Session& session, int runs);

  // Adds the run that has just ended, at most `runs` times. Allocates nothing.
  void add_run() noexcept;

  // Steps by time, longest first; a bar shows the share.
  void print(std::ostream& out) const;
  // In order of execution; "of_peak" is null where a step has no rate.
  [[nodiscard]] Json json() const;
  // GMAC/s of the fastest step; 0 when there are no multiply-accumulates.
  [[nodiscard]] double peak() const;

 private:
  [[nodiscard]] double ms(std::size_t step) const;    // the median run
  [[nodiscard]] double rate(std::size_t step) const;  // GMAC/s
  [[nodiscard]] bool counts(std::size_t step) const;  // long enough to have a rate

  const Session* session_;
  std::size_t steps_ = 0, runs_ = 0;  // runs so far
  std::vector<Duration> times_;       // [run][step]
};

// One more inference, written as Chrome's trace events (chrome://tracing, ui.perfetto.dev).
Result<void> write_trace(Session& session, const std::string& path);

}  // namespace pinfer
