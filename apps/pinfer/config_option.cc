// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/config_option.h"

#include "apps/pinferd/daemon.h"

namespace pinfer {

void ConfigOption::declare(OptionList& options) {
  boards_dir = find_boards_dir();
  options.add("config", path, "the configuration file").required().placeholder("CONFIG");
  options.add("--boards", boards_dir, "the folder with the board descriptions").show_default();
}

ConfigLoad ConfigOption::load(bool check_files) const {
  ConfigOptions options;
  options.boards_dir = boards_dir;
  options.check_files = check_files;
  return load_config(path, options);
}

Result<Config> ConfigOption::require(bool check_files) const {
  ConfigLoad loaded = load(check_files);
  if (loaded.config) return *std::move(loaded.config);
  return fail(ErrorCode::config, "{} is wrong:\n{}", path, render_text(loaded.diagnostics));
}

}  // namespace pinfer
