// SPDX-License-Identifier: Apache-2.0
// tune: which backend, with how many threads, runs a model fastest on this machine.
//
// Every candidate runs the same input as the judge (the cpu backend, fewest threads). Who disagrees
// beyond what its backend promises is out, however fast. Of the others the one with the smallest
// p90 wins; more threads, or a later backend, must be faster by 3 % to be worth it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/backends/backend.h"
#include "runtime/core/clock.h"
#include "runtime/session/session.h"

namespace pinfer {

// Between the outputs of a candidate and those of the judge.
struct Difference {
  std::int64_t elements = 0;  // that are not the same
  std::int64_t steps = 0;     // the largest one of 8-bit and 16-bit integers
  double relative = 0;        // the largest one of floats, of the largest value of that output
  bool other = false;         // integers that no tolerance covers, or not a number

  [[nodiscard]] bool within(const Tolerance& tolerance) const noexcept {
    return !other && steps <= tolerance.steps && relative <= tolerance.relative;
  }
};

struct Trial {
  std::string backend;  // its name
  int threads = 1;
  std::string out;  // why it cannot win: refused, failed, disagrees, no time left; empty: it can
  bool ran = false;
  Difference difference;
  double load_ms = 0, first_ms = 0;  // create() and the first run
  double p50_ms = 0, p90_ms = 0, p99_ms = 0;
  std::size_t arena_bytes = 0;
};

struct Tuning {
  std::vector<Trial> trials;  // in the order they ran; the first is the judge
  std::size_t best = 0;
};

struct TuningOptions {
  SessionOptions session;                    // all but the backend and the threads
  std::span<const Backend* const> backends;  // after the judge; empty: all of this build
  int threads = 0;      // of backends that use them: exactly so many; 0: several counts
  int max_threads = 1;  // of backends that use threads: 1, 2, 4 ... and this
  Duration budget = std::chrono::seconds(10);  // for all; no trial begins after it
  int runs = 50;                               // of each, less where the budget asks for it
};

// Error: the judge itself cannot run the model.
Result<Tuning> tune(const std::shared_ptr<const Model>& model, const TuningOptions& options);

// "gles 1: p90 3.21 ms" and why it won, in one sentence.
std::string explain(const Tuning& tuning);

}  // namespace pinfer
