// SPDX-License-Identifier: Apache-2.0
// choose_backend: what `pinferd --choose-backend` does, for a person or for the daemon.
#pragma once

#include <ostream>
#include <string>

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

}  // namespace pinfer
