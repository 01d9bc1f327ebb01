// SPDX-License-Identifier: Apache-2.0
// pinfer info --explain: what `backend: auto` has measured and why it chose what it chose.
#pragma once

#include <string>

#include "apps/pinfer/option_list.h"
#include "apps/pinfer/verb.h"

namespace pinfer {

struct ExplainOptions {
  bool wanted = false, retune = false;
  std::string file;    // a configuration or a model; empty: everything that is kept
  std::string folder;  // the cache of the choices
  std::string boards_dir;

  void declare(OptionList& options);
  // Error invalid_argument: options that mean something only with --explain.
  [[nodiscard]] Result<void> check_unused() const;
};

// Error not_found: nothing has been measured yet, with what measures it.
Result<ExitCode> explain_choice(const ExplainOptions& options, Console& console);

}  // namespace pinfer
