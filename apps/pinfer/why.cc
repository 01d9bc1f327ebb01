// SPDX-License-Identifier: Apache-2.0
// pinfer why: for each edge of a line the frame, the rule, the model and the cause, from the
// journal.
#include <fmt/chrono.h>
#include <fmt/ostream.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "apps/journal/journal_read.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"
#include "apps/pinferd/daemon.h"
#include "apps/pipeline/config_load.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

constexpr std::size_t kUsuallyShown = 20;
constexpr std::int64_t kNobodySetTheClock = 1'577'836'800'000;  // before 2020

struct Options {
  std::string output, since, journal, config = "/etc/pinfer/config.yaml", pictures;
  std::size_t last = 0;
  bool all = false;
};

// "90s", "30min", "1h", "2d".
Result<Duration> parse_time(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string_view unit(end);
  double seconds = std::nan("");
  if (unit == "s") seconds = number;
  if (unit == "min" || unit == "m") seconds = 60.0 * number;
  if (unit == "h") seconds = 3600.0 * number;
  if (unit == "d") seconds = 86400.0 * number;
  if (end == text.c_str() || !(seconds >= 0.0 && seconds <= 3.2e9))
    return fail(ErrorCode::invalid_argument, "--since {}: a time such as 90s, 30min, 1h or 2d",
                text);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

// --journal, or what the configuration says, or where the service keeps it.
std::string journal_path(const Options& options) {
  if (!options.journal.empty()) return options.journal;
  ConfigOptions reading;
  reading.boards_dir = find_boards_dir();
  reading.check_files = false;
  const ConfigLoad load = load_config(options.config, reading);
  if (load && !load.config->journal.path.empty()) return load.config->journal.path;
  return "/var/lib/pinfer/journal.db";
}

std::string time_text(const JournalEntry& entry) {
  if (entry.unix_ms < kNobodySetTheClock)
    return fmt::format("{:.3f} s after the start of the machine (its clock was not set)",
                       to_ms(entry.uptime) / 1000.0);
  const std::time_t seconds = static_cast<std::time_t>(entry.unix_ms / 1000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}", local, entry.unix_ms % 1000);
}

std::string score_text(const JournalScore& score) {
  return score.label.empty() ? fmt::format("class {} {:.2f}", score.class_id, score.score)
                             : fmt::format("{} {:.2f}", score.label, score.score);
}

std::string headline(const JournalEntry& entry) {
  if (entry.kind == "edge")
    return fmt::format("{} {}: {}", entry.output, entry.active ? "on" : "off", entry.cause);
  if (entry.kind == "withheld") return fmt::format("all outputs safe: {}", entry.cause);
  if (entry.kind == "resumed") return "frames decide again";
  return entry.active ? "the camera has moved" : "the view is as it was";
}

void print(std::ostream& out, const JournalEntry& entry) {
  fmt::print(out, "{}  {}\n", time_text(entry), headline(entry));
  if (!entry.rule.empty())
    fmt::print(out, "    rule {}: {}{}\n", entry.rule, entry.reason,
               entry.timed ? " (by time, no frame asked for it)" : "");
  fmt::print(out, "    frame {}, {:.1f} ms old", entry.sequence, to_ms(entry.age));
  for (std::size_t i = 0; i < entry.scores.size(); ++i)
    fmt::print(out, "{}{}", i == 0 ? ": " : ", ", score_text(entry.scores[i]));
  fmt::print(out, "\n");
  if (!entry.model.empty()) {
    fmt::print(out, "    model {}", entry.model);
    if (entry.lease > Duration::zero()) fmt::print(out, ", lease {:g} ms", to_ms(entry.lease));
    fmt::print(out, "\n");
  }
  if (entry.image)
    fmt::print(out, "    image: brightness {:.3f}, sharpness {:.3f}, change {:.2f}\n",
               entry.image->brightness, entry.image->sharpness, entry.image->change);
  if (entry.has_picture) fmt::print(out, "    picture {}.jpg\n", entry.id);
}

Json to_json(const JournalEntry& entry) {
  Json scores = Json::array();
  for (const JournalScore& score : entry.scores) {
    Json one{{"class", score.class_id}};
    if (!score.label.empty()) one["label"] = score.label;
    one["score"] = score.score;
    scores.push_back(std::move(one));
  }
  Json json{{"id", entry.id},
            {"unix_ms", entry.unix_ms},
            {"uptime_s", to_ms(entry.uptime) / 1000.0},
            {"this_boot", entry.this_boot},
            {"event", entry.kind}};
  if (entry.kind == "edge") json["output"] = entry.output;
  if (entry.kind == "edge" || entry.kind == "view") json["active"] = entry.active;
  if (entry.kind == "edge" || entry.kind == "withheld") json["cause"] = entry.cause;
  if (!entry.rule.empty()) {
    json["rule"] = entry.rule;
    json["reason"] = entry.reason;
    json["timed"] = entry.timed;
  }
  json["sequence"] = entry.sequence;
  json["age_ms"] = to_ms(entry.age);
  json["scores"] = std::move(scores);
  if (!entry.model.empty()) json["model"] = entry.model;
  if (entry.lease > Duration::zero()) json["lease_ms"] = to_ms(entry.lease);
  if (entry.image)
    json["image"] = {{"brightness", entry.image->brightness},
                     {"sharpness", entry.image->sharpness},
                     {"change", entry.image->change}};
  json["picture"] = entry.has_picture;
  return json;
}

Result<void> save_pictures(const std::string& journal, const std::string& folder,
                           const std::vector<JournalEntry>& entries) {
  for (const JournalEntry& entry : entries) {
    if (!entry.has_picture) continue;
    PINFER_TRY(const std::string jpeg, read_journal_picture(journal, entry.id));
    PINFER_CHECK(write_file_atomically(fmt::format("{}/{}.jpg", folder, entry.id), jpeg));
  }
  return {};
}

Result<ExitCode> run(const Options& options, Console& console) {
  JournalQuery query;
  query.output = options.output;
  query.edges_only = !options.all;
  query.last = options.last;
  if (!options.since.empty()) {
    PINFER_TRY(query.since, parse_time(options.since));
  } else if (query.last == 0) {
    query.last = kUsuallyShown;
  }
  const std::string path = journal_path(options);
  PINFER_TRY(const std::vector<JournalEntry> entries, read_journal(path, query));
  if (!options.pictures.empty()) PINFER_CHECK(save_pictures(path, options.pictures, entries));
  if (console.json) {
    Json json = Json::array();
    for (const JournalEntry& entry : entries) json.push_back(to_json(entry));
    print_json(console.out, json);
    return ExitCode::ok;
  }
  for (const JournalEntry& entry : entries) print(console.out, entry);
  if (entries.empty())
    fmt::print(console.err, "pinfer: {}: no edge{}{}\n", path,
               options.output.empty() ? "" : " of " + options.output,
               options.since.empty() ? "" : " in the last " + options.since);
  return ExitCode::ok;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  app.add("output", options->output, "only the edges of this output").placeholder("OUTPUT");
  app.add("--since", options->since, "only the last 90s, 30min, 1h, 2d ...");
  app.add("--last", options->last, "only so many, the newest (without --since: 20)");
  app.flag("--all", options->all, "also when outputs were withheld, and views that changed");
  app.add("--pictures", options->pictures, "save the pictures into this folder");
  app.add("--journal", options->journal, "the journal, instead of the configuration's");
  app.add("--config", options->config, "the configuration that names the journal").show_default();
  return [options](Console& console) { return run(*options, console); };
}

}  // namespace

extern const Verb why_verb;
const Verb why_verb{
    .name = "why",
    .summary = "why the lines moved: frame, scores, rule, model and cause of each edge",
    .examples =
        "  pinfer why gate --since 1h\n"
        "  pinfer why --all --last 50 --json\n"
        "  pinfer why gate --pictures /tmp\n",
    .declare = declare};

}  // namespace pinfer
