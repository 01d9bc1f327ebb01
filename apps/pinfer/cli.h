// SPDX-License-Identifier: Apache-2.0
// run_cli: the whole of `pinfer`, without a process around it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace pinfer {

// `arguments` without the program's name. Returns the exit code: 0 ok, 1 failed, 2 usage, 3 config,
// 4 refused.
int run_cli(std::vector<std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace pinfer
