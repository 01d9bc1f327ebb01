// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/choose_backend.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>

#include "apps/pinferd/log.h"
#include "apps/pipeline/config_load.h"
#include "apps/pipeline/pipeline.h"
#include "runtime/session/tuning_cache.h"

namespace pinfer {
namespace {

constexpr Duration kBudget = std::chrono::seconds(10);

Result<Choice> choose(const Config& config, bool retune) {
  PINFER_TRY(const auto model, load_model(config.model.path, {}));
  PINFER_TRY(const SessionOptions session, session_options(config.model));
  TuningOptions options;
  options.session = session;
  options.max_threads = session.threads;
  options.budget = kBudget;
  const TuningCache cache(session.cache_folder);
  const std::string key = tuning_key(*model, options, config.board);
  if (!retune)
    if (auto kept = cache.find(key)) return std::move(*kept);
  PINFER_TRY(const Tuning tuning, tune(model, options));
  if (const auto kept = cache.keep(key, tuning); !kept)
    Log().warn("{}: the choice of the backend is not kept", kept.error().message);
  return choice_of(tuning);
}

}  // namespace

int choose_backend(const ChooseOptions& options, std::ostream& out) {
  constexpr int kGivesWay = 10;
  ::setpriority(PRIO_PROCESS, 0, kGivesWay);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody is left to tell
  ConfigOptions config_options;
  config_options.boards_dir = options.boards_dir;
  const ConfigLoad load = load_config(options.config_path, config_options);
  if (!load) {
    for (const Diagnostic& diagnostic : load.diagnostics)
      Log().plain(LogLevel::error, render_text(diagnostic));
    return 3;
  }
  const auto choice = choose(*load.config, options.retune);
  if (!choice) {
    Log().error("{}", choice.error().message);
    return 1;
  }
  out << to_text(*choice) << std::flush;
  return 0;
}

}  // namespace pinfer
