// SPDX-License-Identifier: Apache-2.0
// The .tflite reader: hostile bytes in, a checked Model out (rules V1, V2, V3, V4, V9, V10, V11,
// V12).
#pragma once

#include <span>
#include <string>

#include "runtime/model/model.h"

namespace pinfer {

// Maps and reads `path`. Errors name the path, the rule, the operator with its index, the tensor
// and the value. Nothing is executed; shapes and parameters of operators are checked later by
// runtime/ops.
Result<Model> read_tflite(const std::string& path, const Budgets& budgets);

// The same from memory that outlives the Model. `name` stands for the path in messages.
Result<Model> read_tflite(std::span<const std::byte> bytes, const std::string& name,
                          const Budgets& budgets);

}  // namespace pinfer
