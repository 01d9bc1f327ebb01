// SPDX-License-Identifier: Apache-2.0
// Choices and tunings as text, and back.
#include <algorithm>
#include <charconv>

#include "runtime/session/tuning_cache.h"

namespace pinfer {
namespace {

constexpr std::string_view kHead = "pinfer tuning 2";
constexpr std::size_t kMostTrials = 256, kMostOut = 1000;

// Lines from the front of a text. After the first one that is not as expected there are none.
class Lines final {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::string_view next() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) bad_ = true;
    if (bad_) return {};
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  // What stands after `name` in the next line.
  std::string_view after(std::string_view name) {
    std::string_view line = next();
    if (!line.starts_with(name)) bad_ = true;
    return bad_ ? std::string_view() : line.substr(name.size());
  }
  template <class Number>
  Number number_after(std::string_view name) {
    return number<Number>(after(name));
  }
  // The next word of a line, which loses it.
  template <class Number>
  Number take_number(std::string_view& line) {
    return number<Number>(take_word(line));
  }
  std::string_view take_word(std::string_view& line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
  }
  [[nodiscard]] bool good() const { return !bad_; }
  [[nodiscard]] bool at_end() const { return !bad_ && rest_.empty(); }
  void refuse() { bad_ = true; }

 private:
  template <class Number>
  Number number(std::string_view word) {
    Number value{};
    const char* end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) bad_ = true;
    return value;
  }

  std::string_view rest_;
  bool bad_ = false;
};

void check_threads(Lines& lines, int threads) {
  if (threads < 1 || threads > ThreadPool::kMaxThreads) lines.refuse();
}

// Why a trial is out may be a page: one line of it, not too long.
std::string shortened(std::string out) {
  std::replace(out.begin(), out.end(), '\n', ' ');
  if (out.size() > kMostOut) out = out.substr(0, kMostOut) + " ...";
  return out;
}

std::string to_line(const Trial& t) {
  return fmt::format("trial {} {} {:d} {} {} {} {} {} {} {} {} {} {:d} {}\n", t.backend, t.threads,
                     t.ran, t.load_ms, t.first_ms, t.p50_ms, t.p90_ms, t.p99_ms, t.arena_bytes,
                     t.difference.elements, t.difference.steps, t.difference.relative,
                     t.difference.other, shortened(t.out));
}

Trial parse_trial(Lines& lines) {
  std::string_view line = lines.after("trial ");
  Trial trial;
  trial.backend = lines.take_word(line);
  trial.threads = lines.take_number<int>(line);
  trial.ran = lines.take_number<int>(line) != 0;
  for (double* ms : {&trial.load_ms, &trial.first_ms, &trial.p50_ms, &trial.p90_ms, &trial.p99_ms})
    *ms = lines.take_number<double>(line);
  trial.arena_bytes = lines.take_number<std::size_t>(line);
  trial.difference.elements = lines.take_number<std::int64_t>(line);
  trial.difference.steps = lines.take_number<std::int64_t>(line);
  trial.difference.relative = lines.take_number<double>(line);
  trial.difference.other = lines.take_number<int>(line) != 0;
  trial.out = line;
  check_threads(lines, trial.threads);
  return trial;
}

}  // namespace

std::string to_text(const Choice& choice) {
  return fmt::format("backend {}\nthreads {}\nwhy {}\n", choice.backend, choice.threads,
                     choice.why);
}

std::optional<Choice> parse_choice(std::string_view text) {
  Lines lines(text);
  Choice choice;
  choice.backend = lines.after("backend ");
  choice.threads = lines.number_after<int>("threads ");
  choice.why = lines.after("why ");
  check_threads(lines, choice.threads);
  if (!lines.at_end()) return std::nullopt;
  return choice;
}

std::string to_text(std::string_view key, const Tuning& tuning) {
  std::string text =
      fmt::format("{}\nkey {} lines\n{}best {} of {}\n", kHead,
                  std::count(key.begin(), key.end(), '\n'), key, tuning.best, tuning.trials.size());
  for (const Trial& trial : tuning.trials) text += to_line(trial);
  return text;
}

std::optional<KeptTuning> parse_kept(std::string_view text) {
  Lines lines(text);
  KeptTuning kept;
  if (lines.next() != kHead) lines.refuse();
  std::string_view count = lines.after("key ");
  const auto key_lines = lines.take_number<std::size_t>(count);
  for (std::size_t i = 0; i < key_lines && lines.good(); ++i)
    kept.key += fmt::format("{}\n", lines.next());
  std::string_view best = lines.after("best ");
  kept.tuning.best = lines.take_number<std::size_t>(best);
  if (lines.take_word(best) != "of") lines.refuse();
  const auto trials = lines.take_number<std::size_t>(best);
  if (trials > kMostTrials || kept.tuning.best >= trials) lines.refuse();
  for (std::size_t i = 0; i < trials && lines.good(); ++i)
    kept.tuning.trials.push_back(parse_trial(lines));
  if (!lines.at_end()) return std::nullopt;
  const Trial& chosen = kept.tuning.trials[kept.tuning.best];
  if (!chosen.ran || !chosen.out.empty()) return std::nullopt;  // nobody chose that one
  return kept;
}

}  // namespace pinfer
