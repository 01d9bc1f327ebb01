// SPDX-License-Identifier: Apache-2.0
// run_process: a program of this machine (ssh, tar, zstd), run to its end.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/result.h"

namespace pinfer {

// What the program reads: a text, a file, or nothing.
struct ProcessInput {
  std::string text;
  std::string file;
};

struct ProcessEnd {
  int exit_code = 0;   // 128 + the signal that killed it
  std::string errors;  // its stderr
};

// Looks for `words[0]` in PATH. `on_line` gets each line of its stdout, without the end of line.
// Errors: not_found when there is no such program, io. Its own failure is an exit code.
Result<ProcessEnd> run_process(const std::vector<std::string>& words, const ProcessInput& input,
                               const std::function<void(std::string_view)>& on_line);

// The same, for a program that must succeed: its stdout, or an Error with the end of its stderr.
Result<std::string> output_of(const std::vector<std::string>& words);

}  // namespace pinfer
