// SPDX-License-Identifier: Apache-2.0
// pinfer bench: how long one inference takes.
#include <fmt/ostream.h>

#include <algorithm>
#include <memory>

#include "apps/pinfer/bench_backends.h"
#include "apps/pinfer/model_options.h"
#include "apps/pinfer/region.h"
#include "apps/pinfer/step_times.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"
#include "runtime/core/percentile.h"
#include "runtime/session/pattern.h"

namespace pinfer {
namespace {

struct Options {
  ModelOptions model;
  std::string trace;
  int warmup = 10;
  int runs = 50;
};

struct Times {
  double min = 0, median = 0, mean = 0, p90 = 0, p99 = 0, max = 0;  // ms
};

Times summarise(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  double sum = 0;
  for (const double value : ms) sum += value;
  const std::span<const double> sorted(ms);
  return {.min = ms.front(),
          .median = percentile(sorted, 50),
          .mean = sum / static_cast<double>(ms.size()),
          .p90 = percentile(sorted, 90),
          .p99 = percentile(sorted, 99),
          .max = ms.back()};
}

Result<std::vector<double>> measure(Session& session, const Options& options, StepTimes& steps) {
  std::vector<double> ms;
  ms.reserve(static_cast<std::size_t>(options.runs));
  enter_region<Region::first_runs>();
  for (int i = 0; i < options.warmup + options.runs; ++i) {
    if (i == options.warmup) enter_region<Region::timed_runs>();
    const MonotonicTime start = MonotonicTime::now();
    if (const Status status = session.run(); status != Status::ok)
      return fail(ErrorCode::internal, "{}: run {}: {}", options.model.path, i, to_string(status));
    if (i < options.warmup) continue;
    ms.push_back(to_ms(MonotonicTime::now() - start));
    if (options.model.profile) steps.add_run();
  }
  enter_region<Region::after>();
  return ms;
}

// All steps of one operator and kernel, warm-up included.
void print_operators(std::ostream& out, const Session& session, int runs) {
  const auto rows = profile_of(session);
  Duration total{0};
  for (const ProfileRow& row : rows) total += row.total;
  Table table({"operator", "kernel", "steps", "ms a run", "share", "GMAC/s"},
              {false, false, true, true, true, true});
  for (const ProfileRow& row : rows) {
    const double ms = to_ms(row.total) / runs;
    const double share = total.count() == 0 ? 0 : 100 * to_ms(row.total) / to_ms(total);
    table.add({std::string(row.op), std::string(row.kernel), std::to_string(row.steps),
               fmt::format("{:.4f}", ms), fmt::format("{:.1f} %", share),
               row.macs == 0 || ms == 0
                   ? "-"
                   : fmt::format("{:.2f}", static_cast<double>(row.macs) / ms / 1e6)});
  }
  table.print(out);
}

struct Report {
  const Session& session;
  const Options& options;
  const Times& times;
  const StepTimes& steps;
};

void print_text(std::ostream& out, const Report& report) {
  const auto& [session, options, t, steps] = report;
  fmt::print(out, "{}\n  threads {}, warm-up {}, runs {}, {} MACs\n", options.model.path,
             options.model.threads, options.warmup, options.runs,
             count_text(static_cast<double>(session.macs())));
  fmt::print(out,
             "  min {:.3f} ms, median {:.3f} ms, p90 {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms\n",
             t.min, t.median, t.p90, t.p99, t.max);
  fmt::print(out, "  {:.2f} GMAC/s at the median\n",
             static_cast<double>(session.macs()) / t.median / 1e6);
  if (!options.model.profile) return;
  out << "\n";
  print_operators(out, session, options.warmup + options.runs);
  out << "\n";
  steps.print(out);
}

// Of the first input; empty without one.
Json input_shape(const Session& session) {
  if (session.input_count() == 0) return Json::array();
  const Shape& shape = session.input(0).info->shape;
  return std::vector(shape.begin(), shape.end());
}

Json to_json(const Report& report) {
  const auto& [session, options, t, steps] = report;
  Json json{{"model", options.model.path},
            {"threads", options.model.threads},
            {"isa", to_string_isa(cap_isa(detect_isa(), options.model.isa).value_or(isa::scalar))},
            {"warmup", options.warmup},
            {"runs", options.runs},
            {"macs", session.macs()},
            {"arena_bytes", session.arena_bytes()},
            {"input_shape", input_shape(session)},
            {"min_ms", t.min},
            {"median_ms", t.median},
            {"mean_ms", t.mean},
            {"p90_ms", t.p90},
            {"p99_ms", t.p99},
            {"max_ms", t.max}};
  if (!options.model.profile) return json;
  for (const ProfileRow& row : profile_of(session))
    json["profile"].push_back({{"operator", row.op},
                               {"kernel", row.kernel},
                               {"steps", row.steps},
                               {"macs", row.macs},
                               {"ms", to_ms(row.total) / (options.warmup + options.runs)}});
  json["peak_gmacs"] = steps.peak();
  json["steps"] = steps.json();
  return json;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->model.declare(app);
  app.add("--warmup", options->warmup, "runs before the clock starts")
      .range(0, 1'000'000)
      .show_default();
  app.add("--runs", options->runs, "runs that are timed").range(1, 1'000'000).show_default();
  app.flag("--profile", options->model.profile, "time every step (a little slower)");
  app.add("--trace", options->trace, "write one more run as Chrome trace events");
  return [options](Console& console) -> Result<ExitCode> {
    if (options->model.backend == "all")
      return bench_backends(console, options->model, options->runs);
    if (!options->trace.empty()) options->model.profile = true;
    PINFER_TRY(Session session, options->model.open());
    Pattern pattern;
    for (std::size_t i = 0; i < session.input_count(); ++i) pattern.fill(session.input(i));
    StepTimes steps(session, options->model.profile ? options->runs : 0);
    PINFER_TRY(auto ms, measure(session, *options, steps));
    const Times times = summarise(std::move(ms));
    const Report report{session, *options, times, steps};
    if (console.json)
      print_json(console.out, to_json(report));
    else
      print_text(console.out, report);
    if (!options->trace.empty()) PINFER_CHECK(write_trace(session, options->trace));
    return ExitCode::ok;
  };
}

}  // namespace

extern const Verb bench_verb;
const Verb bench_verb{.name = "bench",
                      .summary = "measure how long one inference takes",
                      .examples =
                          "  pinfer bench digits.tflite --threads 2\n"
                          "  pinfer bench digits.tflite --runs 500 --profile --trace steps.json\n"
                          "  pinfer bench digits.tflite --isa scalar --json\n"
                          "  pinfer bench digits.tflite --backend all --threads 4  compare them\n",
                      .declare = declare};

}  // namespace pinfer
