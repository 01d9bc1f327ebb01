// SPDX-License-Identifier: Apache-2.0
// The attributes of one operator, from the file to OpParams.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "runtime/core/result.h"
#include "runtime/graph/op_params.h"
#include "runtime/model/tflite_source.h"

namespace pinfer {

// Parameters of a builtin operator; std::monostate where it has none, or none that Pinfer knows.
// Enumerations are checked here; numbers are checked by the operator (rule V5).
Result<OpParams> read_options(const wire::Operator& from, wire::Builtin builtin,
                              Allowance& allowance);

// Parameters of a custom operator; std::monostate for names that Pinfer does not know.
Result<OpParams> read_custom_options(std::string_view custom_code,
                                     std::span<const std::byte> options);

}  // namespace pinfer
