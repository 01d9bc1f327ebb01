// SPDX-License-Identifier: Apache-2.0
// The folder of real models that lies beside the repository on developers' machines.
#pragma once

#include <string>
#include <vector>

namespace pinfer::test {

// $PINFER_ZOO, or the default of the build; it may not exist.
std::string zoo_folder();

// Regular files below `folder` (relative to zoo_folder()) whose name ends in `suffix`, sorted; full
// paths. Empty when the folder does not exist.
std::vector<std::string> zoo_files(const std::string& folder, const std::string& suffix);

}  // namespace pinfer::test
