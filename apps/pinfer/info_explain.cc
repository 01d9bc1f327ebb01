// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/info_explain.h"

#include <fmt/chrono.h>
#include <fmt/ostream.h>

#include <cstdlib>
#include <filesystem>

#include "apps/pinfer/text.h"
#include "apps/pinfer/trial_table.h"
#include "runtime/session/tuning_cache.h"
#if PINFER_CLI_CONFIG
#include "apps/pinfer/config_option.h"
#include "apps/pinferd/choose_backend.h"
#include "apps/pinferd/daemon.h"
#endif

namespace pinfer {
namespace {

// What the file asks for now; `key` empty: everything that is kept.
struct Asked {
  std::string key;
  std::string net;            // its line in the key
  bool knows_machine = true;  // a model alone does not say for which board and threads
  std::string measured_by;    // who measures it, for people
};

struct KeyLine {
  std::string name, value;  // "backend gles", "Mesa | ..."
};

std::vector<KeyLine> lines_of(std::string_view key) {
  std::vector<KeyLine> lines;
  while (!key.empty()) {
    const std::string_view line = key.substr(0, key.find('\n'));
    key.remove_prefix(std::min(line.size() + 1, key.size()));
    const bool backend = line.starts_with("backend ");
    const std::size_t end = std::min(line.find(backend ? ':' : ' '), line.size());
    const std::size_t value = std::min(end + (backend ? 2 : 1), line.size());
    lines.push_back({std::string(line.substr(0, end)), std::string(line.substr(value))});
  }
  return lines;
}

// Lines of what was measured that are otherwise now: "backend gles is now ...".
std::vector<std::string> changes(const KeptTuning& kept, const Asked& asked) {
  std::vector<std::string> changed;
  const std::vector<KeyLine> now = lines_of(asked.key);
  for (const KeyLine& was : lines_of(kept.key)) {
    if (was.name == "machine" && !asked.knows_machine) continue;
    std::string is = "not there any more";
    for (const KeyLine& line : now)
      if (line.name == was.name) is = line.value;
    if (is != was.value) changed.push_back(fmt::format("{} is now {}", was.name, is));
  }
  return changed;
}

std::string time_text(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

void print_text(std::ostream& out, const KeptTuning& kept, const Asked& asked) {
  fmt::print(out, "{}\n  measured      {}\n", explain(kept.tuning), time_text(kept.measured_at));
  for (const KeyLine& line : lines_of(kept.key))
    fmt::print(out, "  {:<14}{}\n", line.name, line.value);
  print_trials(out, kept.tuning);
  if (asked.key.empty()) return;
  const std::vector<std::string> changed = changes(kept, asked);
  if (changed.empty()) out << "nothing of this has changed since: the choice holds\n";
  for (const std::string& change : changed) out << "  " << change << "\n";
  if (!changed.empty()) out << "the choice does not hold any more; " << asked.measured_by << "\n";
}

Json to_json(const KeptTuning& kept, const Asked& asked) {
  Json under = Json::object();
  for (const KeyLine& line : lines_of(kept.key)) under[line.name] = line.value;
  Json json{{"measured_at", time_text(kept.measured_at)}, {"under", under}};
  add_trials(json, kept.tuning);
  if (asked.key.empty()) return json;
  const std::vector<std::string> changed = changes(kept, asked);
  json["holds"] = changed.empty();
  json["changed"] = changed;
  return json;
}

// The folder that pinferd.service has (CacheDirectory=pinfer).
std::string usual_folder() {
  const char* folder = std::getenv("CACHE_DIRECTORY");
  return folder != nullptr && *folder != '\0' ? folder : "/var/cache/pinfer";
}

#if PINFER_CLI_CONFIG
bool is_config(const std::string& file) {
  return file.ends_with(".yaml") || file.ends_with(".yml");
}

Result<Asked> ask_config(const ExplainOptions& options) {
  ConfigOption option;
  option.path = options.file;
  option.boards_dir = options.boards_dir;
  PINFER_TRY(const Config config, option.require(false));
  if (config.model.backend != "auto")
    return fail(ErrorCode::not_found,
                "{}: model.backend is {}, which is not measured; `backend: auto` is, and `pinfer "
                "bench {} --backend all` at any time",
                options.file, config.model.backend, config.model.path);
  PINFER_TRY(TuningRequest request, tuning_request(config));
  if (options.retune) {
    std::error_code error;
    std::filesystem::create_directories(options.folder, error);
    if (error)
      return fail(ErrorCode::io, "{}: cannot make the folder: {}; name another with --cache",
                  options.folder, error.message());
    request.options.session.cache_folder = options.folder;
    PINFER_TRY(const Tuning tuning, tune(request.model, request.options));
    PINFER_CHECK(TuningCache(options.folder).keep(request.key, tuning));
  }
  Asked asked;
  asked.key = request.key;
  asked.net = net_line(*request.model);
  asked.measured_by = fmt::format(
      "`pinfer info --explain {} --retune` measures, and pinferd half a minute after its start",
      options.file);
  return asked;
}
#endif

Result<Asked> ask(const ExplainOptions& options) {
#if PINFER_CLI_CONFIG
  if (is_config(options.file)) return ask_config(options);
#endif
  if (options.retune)
    return fail(ErrorCode::invalid_argument,
                "--retune needs the configuration (.yaml) that says which machine and threads the "
                "choice is for");
  Asked asked;
  asked.knows_machine = false;
  asked.measured_by =
      "`pinfer info --explain CONFIG --retune` measures, and pinferd with `backend: auto` half a "
      "minute after its start";
  if (options.file.empty()) return asked;
  PINFER_TRY(const auto model, load_model(options.file, {}));
  asked.net = net_line(*model);
  asked.key = tuning_key(*model, {}, "");
  return asked;
}

// Those that were measured for the net: what holds now, else the newest.
Result<std::vector<KeptTuning>> find(const TuningCache& cache, const Asked& asked) {
  if (asked.key.empty()) return cache.all();
  if (auto exact = cache.find(asked.key)) return std::vector{std::move(*exact)};
  PINFER_TRY(std::vector<KeptTuning> all, cache.all());
  std::erase_if(all, [&](const KeptTuning& kept) {
    return kept.key.find("\n" + asked.net) == std::string::npos;
  });
  if (asked.knows_machine && all.size() > 1) all.resize(1);
  return all;
}

}  // namespace

void ExplainOptions::declare(OptionList& options) {
  folder = usual_folder();
  options.flag("--explain", wanted,
               "what `backend: auto` has measured, when, and why it chose what it chose");
  options.add("file", file, "with --explain: a configuration or a model; default: all that is kept")
      .placeholder("CONFIG|MODEL");
  options.flag("--retune", retune, "with --explain and a configuration: measure again first");
  options.add("--cache", folder, "with --explain: the folder of the choices").show_default();
#if PINFER_CLI_CONFIG
  boards_dir = find_boards_dir();
  options.add("--boards", boards_dir, "the folder with the board descriptions").show_default();
#endif
}

Result<void> ExplainOptions::check_unused() const {
  if (file.empty() && !retune) return {};
  return fail(ErrorCode::invalid_argument, "{} needs --explain",
              retune ? "--retune" : fmt::format("the file {}", file));
}

Result<ExitCode> explain_choice(const ExplainOptions& options, Console& console) {
  PINFER_TRY(const Asked asked, ask(options));
  const auto found = find(TuningCache(options.folder), asked);
  if (!found && found.error().code != ErrorCode::not_found) return tl::unexpected(found.error());
  if (!found || found->empty())
    return fail(ErrorCode::not_found, "not measured yet: {} has no choice{}{}; {}", options.folder,
                options.file.empty() ? "" : " for ", options.file, asked.measured_by);
  Json tunings = Json::array();
  for (const KeptTuning& kept : *found) {
    if (console.json)
      tunings.push_back(to_json(kept, asked));
    else
      print_text(console.out, kept, asked);
  }
  if (console.json)
    print_json(console.out, {{"folder", options.folder}, {"tunings", std::move(tunings)}});
  return ExitCode::ok;
}

}  // namespace pinfer
