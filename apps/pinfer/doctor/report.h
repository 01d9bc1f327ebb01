// SPDX-License-Identifier: Apache-2.0
// How findings look.
#pragma once

#include <ostream>

#include "apps/pinfer/doctor/finding.h"
#include "apps/pinfer/json.h"

namespace pinfer {

// The worst first; one line for the finding, the rest of it indented below. `title` names the
// machine.
void print_findings(std::ostream& out, const std::string& title, const Findings& findings);

// {"machine", "ok", "findings": [{"id","severity","subject","what","why","do"}]}
Json findings_json(const std::string& title, const Findings& findings);

// True when nothing is worse than a note.
bool all_well(const Findings& findings);

}  // namespace pinfer
