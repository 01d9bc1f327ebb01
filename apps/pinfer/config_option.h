// SPDX-License-Identifier: Apache-2.0
// ConfigOption: the options that every verb with a configuration has, and reading it with them.
#pragma once

#include <string>

#include "apps/pinfer/verb.h"
#include "apps/pipeline/config_load.h"

namespace pinfer {

struct ConfigOption {
  std::string path;
  std::string boards_dir;

  // Declares CONFIG and --boards. `this` must outlive the parsing.
  void declare(OptionList& options);
  // Reads the file; with `check_files` the model and a clip must exist.
  [[nodiscard]] ConfigLoad load(bool check_files) const;
  // The configuration, or an error that says what is wrong with it, everything at once.
  [[nodiscard]] Result<Config> require(bool check_files) const;
};

}  // namespace pinfer
