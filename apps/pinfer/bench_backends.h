// SPDX-License-Identifier: Apache-2.0
// pinfer bench --backend all: every backend and thread count on one net, in one table.
#pragma once

#include "apps/pinfer/model_options.h"
#include "apps/pinfer/verb.h"

namespace pinfer {

// options.threads is the largest thread count. `runs` of each, less where the time for all is over.
Result<ExitCode> bench_backends(Console& console, const ModelOptions& options, int runs);

}  // namespace pinfer
