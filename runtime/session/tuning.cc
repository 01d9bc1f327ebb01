// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/tuning.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/core/percentile.h"
#include "runtime/session/pattern.h"

namespace pinfer {
namespace {

constexpr int kWarmUp = 2, kFewestRuns = 5;
constexpr double kWorthIt = 0.97;  // of the p90 of who comes earlier

using Outputs = std::vector<std::vector<std::byte>>;

Outputs outputs_of(const Session& session) {
  Outputs outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    const Tensor tensor = session.output(i);
    outputs.emplace_back(tensor.data, tensor.data + tensor.info->bytes());
  }
  return outputs;
}

template <class T>
T element(const std::byte* data, std::size_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void compare_steps(std::span<const std::byte> judge, const std::byte* data, Difference& into) {
  for (std::size_t i = 0; i < judge.size() / sizeof(T); ++i) {
    const std::int64_t step =
        std::abs(std::int64_t{element<T>(judge.data(), i)} - std::int64_t{element<T>(data, i)});
    into.elements += step != 0;
    into.steps = std::max(into.steps, step);
  }
}

void compare_floats(std::span<const std::byte> judge, const std::byte* data, Difference& into) {
  double largest = 0, apart = 0;
  for (std::size_t i = 0; i < judge.size() / sizeof(float); ++i) {
    const double expected = element<float>(judge.data(), i), got = element<float>(data, i);
    into.elements +=
        std::memcmp(judge.data() + i * sizeof(float), data + i * sizeof(float), sizeof(float)) != 0;
    if (std::isfinite(expected) && std::isfinite(got)) {
      largest = std::max(largest, std::abs(expected));
      apart = std::max(apart, std::abs(expected - got));
    } else if (!(expected == got || (std::isnan(expected) && std::isnan(got)))) {
      into.other = true;
    }
  }
  if (apart > 0) into.relative = std::max(into.relative, largest > 0 ? apart / largest : apart);
}

void compare_bytes(std::span<const std::byte> judge, const std::byte* data, std::size_t size,
                   Difference& into) {
  for (std::size_t i = 0; i + size <= judge.size(); i += size)
    into.elements += std::memcmp(judge.data() + i, data + i, size) != 0;
  if (std::memcmp(judge.data(), data, judge.size()) != 0) into.other = true;
}

Difference compare(const Outputs& judge, const Session& session) {
  Difference difference;
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    const Tensor tensor = session.output(i);
    if (tensor.info->bytes() != judge[i].size()) {
      difference.other = true;
      continue;
    }
    const std::span<const std::byte> expected = judge[i];
    switch (tensor.info->dtype) {
      case DType::i8:
        compare_steps<std::int8_t>(expected, tensor.data, difference);
        break;
      case DType::u8:
        compare_steps<std::uint8_t>(expected, tensor.data, difference);
        break;
      case DType::i16:
        compare_steps<std::int16_t>(expected, tensor.data, difference);
        break;
      case DType::f32:
        compare_floats(expected, tensor.data, difference);
        break;
      default:
        if (!expected.empty())
          compare_bytes(expected, tensor.data, size_of(tensor.info->dtype), difference);
    }
  }
  return difference;
}

double ms_since(MonotonicTime start) { return to_ms(MonotonicTime::now() - start); }

// One run; false: the trial is over.
bool run_once(Session& session, Trial& trial, double& ms) {
  const MonotonicTime start = MonotonicTime::now();
  const Status status = session.run();
  ms = ms_since(start);
  if (status != Status::ok) trial.out = fmt::format("failed: {}", to_string(status));
  return status == Status::ok;
}

void time_runs(Session& session, Trial& trial, int runs, MonotonicTime until) {
  double ms = 0;
  std::vector<double> times;
  for (int i = 0; i < kWarmUp + runs; ++i) {
    if (!run_once(session, trial, ms)) return;
    if (i >= kWarmUp) times.push_back(ms);
    if (times.size() >= kFewestRuns && MonotonicTime::now() > until) break;
  }
  std::sort(times.begin(), times.end());
  const std::span<const double> sorted(times);
  trial.p50_ms = percentile(sorted, 50);
  trial.p90_ms = percentile(sorted, 90);
  trial.p99_ms = percentile(sorted, 99);
  trial.ran = true;
}

std::string disagreement(const Difference& difference) {
  if (difference.other) return "disagrees: other integers, or values that are no numbers";
  return fmt::format("disagrees: {} elements, by up to {} steps, {:.2g} of the largest value",
                     difference.elements, difference.steps, difference.relative);
}

class Tuner final {
 public:
  Tuner(std::shared_ptr<const Model> model, const TuningOptions& options)
      : model_(std::move(model)), options_(options), end_(MonotonicTime::now() + options.budget) {}

  // `left`: trials that still come, this one included; they share the time.
  Trial run(const Backend& backend, int threads, int left) {
    Trial trial;
    trial.backend = backend.name;
    trial.threads = threads;
    const MonotonicTime start = MonotonicTime::now();
    if (judged_ && start > end_) {
      trial.out =
          fmt::format("not tried: the {:.0f} s for tuning are over", to_ms(options_.budget) / 1000);
      return trial;
    }
    SessionOptions session_options = options_.session;
    session_options.backend_record = &backend;
    session_options.threads = threads;
    auto session = Session::create(model_, session_options);
    trial.load_ms = ms_since(start);
    if (!session) {
      trial.out = session.error().message;
      return trial;
    }
    trial.arena_bytes = session->arena_bytes();
    Pattern pattern;
    for (std::size_t i = 0; i < session->input_count(); ++i) pattern.fill(session->input(i));
    if (!run_once(*session, trial, trial.first_ms)) return trial;
    if (!judged_) judge_ = outputs_of(*session);
    judged_ = true;
    trial.difference = compare(judge_, *session);
    if (!trial.difference.within(backend.tolerance)) trial.out = disagreement(trial.difference);
    time_runs(*session, trial, options_.runs, MonotonicTime::now() + (end_ - start) / left);
    return trial;
  }

 private:
  std::shared_ptr<const Model> model_;
  const TuningOptions& options_;
  MonotonicTime end_;
  Outputs judge_;  // once judged_
  bool judged_ = false;
};

// 1, 2, 4 ... and the most, or what is asked for.
std::vector<int> thread_counts(const Backend& backend, const TuningOptions& options) {
  if (!backend.threads) return {1};
  if (options.threads > 0) return {options.threads};
  const int most = options.max_threads;
  std::vector<int> counts{1};
  for (int n = 2; n < most; n *= 2) counts.push_back(n);
  if (most > 1) counts.push_back(most);
  return counts;
}

}  // namespace

Result<Tuning> tune(const std::shared_ptr<const Model>& model, const TuningOptions& options) {
  PINFER_TRY(const Backend* judge, find_backend("cpu"));
  std::vector<std::pair<const Backend*, int>> candidates;
  const auto add = [&](const Backend* backend) {
    for (const int threads : thread_counts(*backend, options))
      candidates.emplace_back(backend, threads);
  };
  add(judge);
  for (const Backend* backend : options.backends.empty() ? backends() : options.backends)
    if (backend != judge) add(backend);

  Tuner tuner(model, options);
  Tuning tuning;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    tuning.trials.push_back(tuner.run(*candidates[i].first, candidates[i].second,
                                      static_cast<int>(candidates.size() - i)));
    const Trial& trial = tuning.trials.back();
    if (i == 0 && !trial.out.empty())
      return fail(ErrorCode::unsupported, "the cpu backend: {}", trial.out);
    if (trial.ran && trial.out.empty() &&
        trial.p90_ms < kWorthIt * tuning.trials[tuning.best].p90_ms)
      tuning.best = i;
  }
  return tuning;
}

std::string explain(const Tuning& tuning) {
  const Trial& best = tuning.trials[tuning.best];
  std::string text = fmt::format("{} with {} thread{}: p90 {:.3g} ms", best.backend, best.threads,
                                 best.threads == 1 ? "" : "s", best.p90_ms);
  const Trial* second = nullptr;
  for (const Trial& trial : tuning.trials)
    if (&trial != &best && trial.ran && trial.out.empty() &&
        (second == nullptr || trial.p90_ms < second->p90_ms))
      second = &trial;
  if (second != nullptr)
    text += fmt::format("; next {} with {}: {:.3g} ms", second->backend, second->threads,
                        second->p90_ms);
  if (second != nullptr && second->p90_ms < best.p90_ms) text += ", too little to be worth it";
  return text;
}

}  // namespace pinfer
