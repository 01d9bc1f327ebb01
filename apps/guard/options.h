// SPDX-License-Identifier: Apache-2.0
// The command line of pinfer-guard.
#pragma once

#include <string>

#include "runtime/core/result.h"

namespace pinfer {

enum class GuardVerb : std::uint8_t { run, safe_now, help, version };

struct GuardOptions {
  GuardVerb verb = GuardVerb::run;
  std::string socket;       // where it listens
  std::string state;        // the saved table; empty: nothing is saved
  bool is_private = false;  // ends when its only client has gone
  int ready_fd = -1;        // gets one byte when the guard listens
};

// Errors: invalid_argument.
Result<GuardOptions> parse_guard_options(int argc, char** argv);

std::string guard_help();

}  // namespace pinfer
