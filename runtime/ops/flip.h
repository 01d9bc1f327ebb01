// SPDX-License-Identifier: Apache-2.0
// flip: uint8 to int8 and back, by adding or taking away 128 (the same bytes with bit 7 inverted).
#pragma once

#include "runtime/ops/operator.h"

namespace pinfer {

// No operator of a file: not in operators.inc, so that no file can name it. The CPU plan puts it
// where int8 steps meet uint8 tensors.
extern const Operator flip_operator;

// out[i] = in[i] ^ 0x80; `out` may be `in`.
void flip_bytes(const std::byte* in, std::byte* out, std::size_t bytes) noexcept;

}  // namespace pinfer
