// SPDX-License-Identifier: Apache-2.0
// inline_composites: STABLEHLO_COMPOSITE nodes replaced by the subgraph that spells them out.
#pragma once

#include <cstdint>

#include "runtime/core/result.h"
#include "runtime/model/model.h"

namespace pinfer {

// Returns how many nodes were replaced. Errors: invalid_model (operand counts differ from the
// subgraph's), over_budget when the result has more operators or tensors than allowed.
Result<std::int32_t> inline_composites(Model& model, const Budgets& budgets);

}  // namespace pinfer
