// SPDX-License-Identifier: Apache-2.0
// How a tuning looks: one row a backend and thread count, and why the others are out.
#pragma once

#include <ostream>

#include "apps/pinfer/json.h"
#include "runtime/session/tuning.h"

namespace pinfer {

void print_trials(std::ostream& out, const Tuning& tuning);
// The members "trials", "fastest" and "why".
void add_trials(Json& json, const Tuning& tuning);

}  // namespace pinfer
