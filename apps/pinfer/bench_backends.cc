// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/bench_backends.h"

#include <fmt/ostream.h>

#include "apps/pinfer/trial_table.h"

namespace pinfer {
namespace {

constexpr Duration kBudget = std::chrono::seconds(60);

}  // namespace

Result<ExitCode> bench_backends(Console& console, const ModelOptions& options, int runs) {
  TuningOptions tuning_options;
  PINFER_TRY(tuning_options.session, options.session_options());
  PINFER_TRY(const auto model, options.load());
  tuning_options.max_threads = options.threads;
  tuning_options.budget = kBudget;
  tuning_options.runs = runs;
  PINFER_TRY(const Tuning tuning, tune(model, tuning_options));
  if (console.json) {
    Json json{{"model", options.path}};
    add_trials(json, tuning);
    print_json(console.out, json);
  } else {
    fmt::print(console.out, "{}\n", options.path);
    print_trials(console.out, tuning);
    fmt::print(console.out, "fastest: {}\n", explain(tuning));
  }
  return ExitCode::ok;
}

}  // namespace pinfer
