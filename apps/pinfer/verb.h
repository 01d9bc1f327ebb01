// SPDX-License-Identifier: Apache-2.0
// Verb: one command of `pinfer`. One line each in verbs.inc.
#pragma once

#include <functional>
#include <ostream>
#include <span>
#include <string_view>

#include "apps/pinfer/option_list.h"
#include "runtime/core/result.h"

namespace pinfer {

enum class ExitCode : int { ok = 0, failed = 1, usage = 2, config = 3, refused = 4 };

// What the command line answers for an error that came up from below.
ExitCode exit_code_of(ErrorCode code) noexcept;

// Where a verb talks to. People read `out` unless `json`; then it gets one JSON document, or one a
// line. `err` is for people always.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool json = false;
};

// Runs the chosen verb. An Error is printed by the caller.
using Action = std::function<Result<ExitCode>(Console& console)>;

struct Verb {
  std::string_view name;      // "infer"
  std::string_view summary;   // one line for the list
  std::string_view examples;  // lines at the end of --help, each indented by two blanks
  // Declares the verb's options on `options` (its own sub-command; `--json` is there already) and
  // returns what to do once they are parsed.
  Action (*declare)(OptionList& options) = nullptr;
};

// All verbs of this build, in the order of verbs.inc.
std::span<const Verb* const> verbs() noexcept;

}  // namespace pinfer
