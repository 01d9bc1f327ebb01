// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/choose_backend.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>

#include "apps/pinferd/log.h"
#include "apps/pipeline/config_load.h"
#include "apps/pipeline/pipeline.h"

namespace pinfer {
namespace {

constexpr Duration kBudget = std::chrono::seconds(10);

Result<Choice> choose(const Config& config, bool retune) {
  PINFER_TRY(const TuningRequest request, tuning_request(config));
  const TuningCache cache(request.options.session.cache_folder);
  if (!retune)
    if (const auto kept = cache.find(request.key)) return choice_of(kept->tuning);
  PINFER_TRY(const Tuning tuning, tune(request.model, request.options));
  if (const auto written = cache.keep(request.key, tuning); !written)
    Log().warn("{}: the choice of the backend is not kept", written.error().message);
  return choice_of(tuning);
}

}  // namespace

Result<TuningRequest> tuning_request(const Config& config) {
  TuningRequest request;
  PINFER_TRY(request.model, load_model(config.model.path, {}));
  PINFER_TRY(request.options.session, session_options(config.model));
  request.options.threads = config.model.threads;
  request.options.max_threads = request.options.session.threads;
  request.options.budget = kBudget;
  request.key = tuning_key(*request.model, request.options, config.board);
  return request;
}

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
