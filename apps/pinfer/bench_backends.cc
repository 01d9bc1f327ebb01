// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/bench_backends.h"

#include <fmt/ostream.h>

#include "apps/pinfer/text.h"
#include "runtime/session/tuning.h"

namespace pinfer {
namespace {

constexpr Duration kBudget = std::chrono::seconds(60);

std::string agreement_text(const Trial& trial) {
  if (!trial.ran) return "";
  const Difference& d = trial.difference;
  if (d.elements == 0) return "the same bytes";
  std::string text = fmt::format("{} elements differ", d.elements);
  if (d.steps > 0) text += fmt::format(", {} steps", d.steps);
  if (d.relative > 0) text += fmt::format(", {:.1e} of the largest", d.relative);
  return text;
}

void print_text(std::ostream& out, const ModelOptions& options, const Tuning& tuning) {
  fmt::print(out, "{}\n", options.path);
  Table table({"backend", "threads", "load ms", "first ms", "p50 ms", "p90 ms", "p99 ms", "arena",
               "agreement with cpu"},
              {false, true, true, true, true, true, true, true, false});
  for (const Trial& trial : tuning.trials) {
    if (!trial.ran) continue;
    table.add({std::string(trial.backend->name), std::to_string(trial.threads),
               fmt::format("{:.1f}", trial.load_ms), fmt::format("{:.3f}", trial.first_ms),
               fmt::format("{:.3f}", trial.p50_ms), fmt::format("{:.3f}", trial.p90_ms),
               fmt::format("{:.3f}", trial.p99_ms), bytes_text(trial.arena_bytes),
               agreement_text(trial)});
  }
  table.print(out);
  for (const Trial& trial : tuning.trials)
    if (!trial.out.empty())
      fmt::print(out, "{} with {}: {}\n", trial.backend->name, trial.threads, trial.out);
  fmt::print(out, "fastest: {}\n", explain(tuning));
}

Json to_json(const ModelOptions& options, const Tuning& tuning) {
  Json trials = Json::array();
  for (const Trial& trial : tuning.trials) {
    Json json{{"backend", trial.backend->name}, {"threads", trial.threads}};
    if (!trial.out.empty()) json["out"] = trial.out;
    if (trial.ran) {
      json["load_ms"] = trial.load_ms;
      json["first_ms"] = trial.first_ms;
      json["p50_ms"] = trial.p50_ms;
      json["p90_ms"] = trial.p90_ms;
      json["p99_ms"] = trial.p99_ms;
      json["arena_bytes"] = trial.arena_bytes;
      json["differing_elements"] = trial.difference.elements;
      json["largest_steps"] = trial.difference.steps;
      json["largest_relative"] = trial.difference.relative;
    }
    trials.push_back(std::move(json));
  }
  const Trial& best = tuning.trials[tuning.best];
  return {{"model", options.path},
          {"trials", std::move(trials)},
          {"fastest", {{"backend", best.backend->name}, {"threads", best.threads}}},
          {"why", explain(tuning)}};
}

}  // namespace

Result<ExitCode> bench_backends(Console& console, const ModelOptions& options, int runs) {
  TuningOptions tuning_options;
  PINFER_TRY(tuning_options.session, options.session_options());
  PINFER_TRY(const auto model, options.load());
  tuning_options.max_threads = options.threads;
  tuning_options.budget = kBudget;
  tuning_options.runs = runs;
  PINFER_TRY(const Tuning tuning, tune(model, tuning_options));
  if (console.json)
    print_json(console.out, to_json(options, tuning));
  else
    print_text(console.out, options, tuning);
  return ExitCode::ok;
}

}  // namespace pinfer
