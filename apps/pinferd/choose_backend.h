// SPDX-License-Identifier: Apache-2.0
// choose_backend: what `pinferd --choose-backend` does, for a person or for the daemon.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "apps/pipeline/config.h"
#include "runtime/session/tuning_cache.h"

namespace pinfer {

struct ChooseOptions {
  std::string config_path;
  std::string boards_dir;
  bool retune = false;  // whatever the cache says
};

// Measures the backends on the model of the configuration, or finds what an earlier run has kept in
// $CACHE_DIRECTORY, and writes the choice (to_text()) to `out`. Gives way to every other program of
// the machine. Returns the exit code: 0, 1 failed, 3 the configuration is wrong; says why on
// stderr.
int choose_backend(const ChooseOptions& options, std::ostream& out);

// What is measured for a configuration, and under which key it is kept.
struct TuningRequest {
  std::shared_ptr<const Model> model;
  TuningOptions options;
  std::string key;
};
Result<TuningRequest> tuning_request(const Config& config);

}  // namespace pinfer
