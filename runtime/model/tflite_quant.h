// SPDX-License-Identifier: Apache-2.0
// Quantization of one tensor of the file (rule V10).
#pragma once

#include "runtime/core/result.h"
#include "runtime/graph/tensor.h"
#include "runtime/model/tflite_source.h"

namespace pinfer {

// Checks counts, values and axis against `shape`, and copies. Empty for tensors that hold no
// integers: what converters leave there has no meaning.
Result<Quant> read_quant(const wire::Tensor& wire_tensor, DType dtype, const Shape& shape,
                         Allowance& allowance);

}  // namespace pinfer
