// SPDX-License-Identifier: Apache-2.0
// Reads a YAML file into a Config, or into a list of everything that is wrong with it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pipeline/config.h"
#include "apps/pipeline/diagnostic.h"
#include "runtime/core/result.h"

namespace pinfer {

struct ConfigOptions {
  std::string boards_dir;                         // the folder with the <board>.yaml files
  std::string device_tree = "/proc/device-tree";  // for `board: auto`
  // ${NAME} in the file; nothing: the variable is not set.
  std::function<std::optional<std::string>(const std::string& name)> environment =
      process_environment;
  bool check_files = true;  // the model and a clip must exist

  static std::optional<std::string> process_environment(const std::string& name);
};

// Where the file names a label, to check it once the labels of the model are known.
struct LabelUse {
  Diagnostic place;  // its message is empty
  std::string label;
};

struct ConfigLoad {
  std::optional<Config> config;         // set when no diagnostic is an error
  std::vector<Diagnostic> diagnostics;  // sorted by position
  std::vector<LabelUse> label_uses;

  explicit operator bool() const noexcept { return config.has_value(); }
};

// Opens the file, the boards and a label file; no device, nothing is written. Does not throw.
ConfigLoad load_config(const std::string& path, const ConfigOptions& options);

// The same from text; relative paths in it start at the folder of `path`, which names it in
// messages.
ConfigLoad parse_config(std::string_view text, const std::string& path,
                        const ConfigOptions& options);

// load_config() for callers that only pass the trouble on: the message holds all diagnostics.
Result<Config> require_config(const std::string& path, const ConfigOptions& options);

// The labels of the rules that a model does not know; for models that carry their own labels.
std::vector<Diagnostic> check_labels(const ConfigLoad& load, std::span<const std::string> labels);

}  // namespace pinfer
