// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/step_times.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <numeric>

#include "apps/pinfer/text.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

std::string output_text(const Session& session, const StepReport& step) {
  if (step.output == kNoTensor) return "-";
  const TensorInfo& info = session.model().graph.tensor(step.output);
  return fmt::format("{}{}", to_string(info.dtype), to_string(info.shape));
}

}  // namespace

StepTimes::StepTimes(const Session& session, int runs)
    : session_(&session),
      steps_(session.steps().size()),
      times_(steps_ * static_cast<std::size_t>(runs)) {}

void StepTimes::add_run() noexcept {
  const auto steps = session_->steps();
  for (std::size_t i = 0; i < steps_; ++i) times_[runs_ * steps_ + i] = steps[i].last;
  ++runs_;
}

double StepTimes::ms(std::size_t step) const {
  if (runs_ == 0) return 0;
  std::vector<Duration> of_step;
  for (std::size_t run = 0; run < runs_; ++run) of_step.push_back(times_[run * steps_ + step]);
  const auto middle = of_step.begin() + static_cast<std::ptrdiff_t>((runs_ - 1) / 2);
  std::nth_element(of_step.begin(), middle, of_step.end());
  return to_ms(*middle);
}

double StepTimes::rate(std::size_t step) const {
  const double time = ms(step);
  return time == 0 ? 0.0 : static_cast<double>(session_->steps()[step].macs) / time / 1e6;
}

double StepTimes::peak() const {
  double best = 0;
  for (std::size_t i = 0; i < steps_; ++i)
    if (counts(i)) best = std::max(best, rate(i));
  return best;
}

bool StepTimes::counts(std::size_t step) const {
  const auto macs = session_->steps()[step].macs;
  return macs != 0 && macs * 100 >= session_->macs();
}

void StepTimes::print(std::ostream& out) const {
  constexpr double kBar = 40;  // characters for the whole time
  const auto steps = session_->steps();
  const double best = peak();
  double all = 0;
  for (std::size_t i = 0; i < steps_; ++i) all += ms(i);
  std::vector<std::size_t> order(steps_);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ms(a) > ms(b); });
  Table table({"step", "operator", "output", "kernel", "median ms", "share", "MACs", "GMAC/s",
               "of peak", ""},
              {true, false, false, false, true, true, true, true, true, false});
  for (const std::size_t i : order) {
    const StepReport& step = steps[i];
    const double part = all == 0 ? 0 : ms(i) / all;
    const bool measured = counts(i) && best != 0;
    table.add({std::to_string(i), std::string(step.op), output_text(*session_, step),
               std::string(step.kernel), fmt::format("{:.4f}", ms(i)),
               fmt::format("{:.1f} %", 100 * part),
               step.macs == 0 ? "-" : count_text(static_cast<double>(step.macs)),
               measured ? fmt::format("{:.2f}", rate(i)) : "-",
               measured ? fmt::format("{:.0f} %", 100 * rate(i) / best) : "-",
               std::string(static_cast<std::size_t>(part * kBar + 0.5), '#')});
  }
  table.print(out);
  if (best != 0)
    fmt::print(out, "  peak: {:.2f} GMAC/s, the fastest step with 1 % of the MACs or more\n", best);
}

Json StepTimes::json() const {
  Json list = Json::array();
  const auto steps = session_->steps();
  const double best = peak();
  for (std::size_t i = 0; i < steps_; ++i)
    list.push_back({{"step", i},
                    {"operator", steps[i].op},
                    {"output", output_text(*session_, steps[i])},
                    {"kernel", steps[i].kernel},
                    {"macs", steps[i].macs},
                    {"ms", ms(i)},
                    {"of_peak", counts(i) && best != 0 ? Json(rate(i) / best) : Json()}});
  return list;
}

Result<void> write_trace(Session& session, const std::string& path) {
  Json events = Json::array();
  const MonotonicTime begin = MonotonicTime::now();
  const auto microseconds = [](Duration d) { return to_ms(d) * 1000.0; };
  const Status status = session.run_observed([&](std::size_t index, std::span<const Tensor>) {
    const MonotonicTime end = MonotonicTime::now();
    const StepReport& step = session.steps()[index];
    events.push_back({{"name", step.op},
                      {"cat", step.kernel},
                      {"ph", "X"},
                      {"ts", microseconds(end - begin - step.last)},
                      {"dur", microseconds(step.last)},
                      {"pid", 1},
                      {"tid", 1},
                      {"args",
                       {{"step", index},
                        {"kernel", step.kernel},
                        {"macs", step.macs},
                        {"output", output_text(session, step)}}}});
  });
  if (status != Status::ok)
    return fail(ErrorCode::internal, "{}: the traced run: {}", session.model().path,
                to_string(status));
  const Json trace{{"displayTimeUnit", "ms"}, {"traceEvents", events}};
  return write_file_atomically(path, trace.dump(1) + "\n");
}

}  // namespace pinfer
