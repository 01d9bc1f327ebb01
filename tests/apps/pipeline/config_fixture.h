// SPDX-License-Identifier: Apache-2.0
// What the configuration tests share: options that depend on nothing of this machine.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "apps/pipeline/config_load.h"
#include "apps/pipeline/config_source.h"

namespace pinfer {

// The shipped boards, no device tree, a fixed environment, and models that need not exist.
inline ConfigOptions test_options() {
  ConfigOptions options;
  options.boards_dir = PINFER_BOARDS_DIR;
  options.device_tree = "/nonexistent";
  options.check_files = false;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    const std::map<std::string, std::string> variables = {{"PINFER_TEST_NUMBER", "77"},
                                                          {"PINFER_TEST_LINES", "a\nb"},
                                                          {"PINFER_TEST_CAMERA", "/dev/video7"},
                                                          {"PINFER_TEST_EMPTY", ""}};
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return options;
}

inline ConfigLoad parse_text(const std::string& text) {
  return parse_config(text, "config.yaml", test_options());
}

}  // namespace pinfer
