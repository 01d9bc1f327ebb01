// SPDX-License-Identifier: Apache-2.0
// Weights of the float variants, packed at load: for each tile of 16 output channels the biases,
// then [tap][input channel][16]; channels beyond the last are zeros.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/conv/conv.h"

namespace pinfer {

inline constexpr int32_t kConvFloatTile = 16;

// Floats of one tile.
int64_t conv_f32_tile_floats(const ConvShape& shape) noexcept;

// The functions of MacPacking.
size_t conv_f32_packed_bytes(const ConvArgs& args) noexcept;
void conv_f32_pack(const ConvArgs& args, std::byte* packed) noexcept;

// ConvKernel::suits: one group.
bool conv_f32_suits(const ConvShape& shape) noexcept;

}  // namespace pinfer
