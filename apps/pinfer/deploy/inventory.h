// SPDX-License-Identifier: Apache-2.0
// Inventory: the boards of one deployment, and what differs between them.
#pragma once

#include <string>
#include <vector>

#include "runtime/core/result.h"

namespace pinfer {

struct BoardEntry {
  std::string target;  // user@board, a name of ssh's own configuration, ssh://user@board:port
  std::string config;  // a file of this machine; empty: the board keeps its own
  std::string model;   // a folder of this machine; empty: as above
};

// One board a line: "TARGET [config=FILE] [model=FOLDER]"; # starts a comment. Paths are relative
// to the file. Errors name file and line.
Result<std::vector<BoardEntry>> read_inventory(const std::string& path);

// Refuses what ssh would take for an option.
Result<void> check_target(const std::string& target);

}  // namespace pinfer
