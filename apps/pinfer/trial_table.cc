// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/trial_table.h"

#include <fmt/ostream.h>

#include "apps/pinfer/text.h"

namespace pinfer {
namespace {

std::string agreement_text(const Trial& trial) {
  if (!trial.ran) return "";
  const Difference& d = trial.difference;
  if (d.elements == 0) return "the same bytes";
  std::string text = fmt::format("{} elements differ", d.elements);
  if (d.steps > 0) text += fmt::format(", {} steps", d.steps);
  if (d.relative > 0) text += fmt::format(", {:.1e} of the largest", d.relative);
  return text;
}

Json to_json(const Trial& trial) {
  Json json{{"backend", trial.backend}, {"threads", trial.threads}};
  if (!trial.out.empty()) json["out"] = trial.out;
  if (!trial.ran) return json;
  json["load_ms"] = trial.load_ms;
  json["first_ms"] = trial.first_ms;
  json["p50_ms"] = trial.p50_ms;
  json["p90_ms"] = trial.p90_ms;
  json["p99_ms"] = trial.p99_ms;
  json["arena_bytes"] = trial.arena_bytes;
  json["differing_elements"] = trial.difference.elements;
  json["largest_steps"] = trial.difference.steps;
  json["largest_relative"] = trial.difference.relative;
  return json;
}

}  // namespace

void print_trials(std::ostream& out, const Tuning& tuning) {
  Table table({"backend", "threads", "load ms", "first ms", "p50 ms", "p90 ms", "p99 ms", "arena",
               "agreement with cpu"},
              {false, true, true, true, true, true, true, true, false});
  for (const Trial& trial : tuning.trials) {
    if (!trial.ran) continue;
    table.add({trial.backend, std::to_string(trial.threads), fmt::format("{:.1f}", trial.load_ms),
               fmt::format("{:.3f}", trial.first_ms), fmt::format("{:.3f}", trial.p50_ms),
               fmt::format("{:.3f}", trial.p90_ms), fmt::format("{:.3f}", trial.p99_ms),
               bytes_text(trial.arena_bytes), agreement_text(trial)});
  }
  table.print(out);
  for (const Trial& trial : tuning.trials)
    if (!trial.out.empty())
      fmt::print(out, "{} with {}: {}\n", trial.backend, trial.threads, trial.out);
}

void add_trials(Json& json, const Tuning& tuning) {
  Json trials = Json::array();
  for (const Trial& trial : tuning.trials) trials.push_back(to_json(trial));
  const Trial& best = tuning.trials[tuning.best];
  json["trials"] = std::move(trials);
  json["fastest"] = {{"backend", best.backend}, {"threads", best.threads}};
  json["why"] = explain(tuning);
}

}  // namespace pinfer
