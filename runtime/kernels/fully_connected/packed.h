// SPDX-License-Identifier: Apache-2.0
// The packed weights of the fully_connected family: what pack.cc writes and the variants read.
//
// Channels are taken in tiles of 16, depth is padded with zeros to a multiple of 16. First comes an
// FcHeader, then the weights of all tiles, then one FcIntegerTile or FcHybridTile for each.
//   quads: [depth / 4][16 channels][4], for dot products of four that broadcast the activations
//   rows:  [2 halves][depth / 16][8 channels][16], for dot products along the depth
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/kernels/fully_connected/fully_connected.h"

namespace pinfer {

inline constexpr std::int32_t kFcTile = 16;   // channels; blocks begin at multiples of it
inline constexpr std::int32_t kFcDepth = 16;  // depth is padded to multiples of it

struct FcHeader {
  std::int64_t depth;         // padded
  std::int64_t tiles_offset;  // of the first tile's constants, from the header
  std::int64_t unused[6];
};

// sum = base - filter_zero * (sum of the activations of the row) + over depth: x * w
struct FcIntegerTile {
  double scale[kFcTile];
  std::int32_t base[kFcTile];  // bias and the corrections for the zero points
  std::int32_t extreme;        // not 0: pairs of weights -128 may overflow 16 bits
  std::int32_t unused[15];
};

// sum = over depth: x * w - weight_sum * input_zero
struct FcHybridTile {
  std::int32_t weight_sum[kFcTile];
  float scale[kFcTile], bias[kFcTile];
  std::int32_t extreme;
  std::int32_t unused[15];
};

// The functions of MacPacking. *_quads_offset is for activations that come with 128 added.
std::size_t fc_packed_bytes(const FullyConnectedArgs& args) noexcept;
void fc_pack_quads(const FullyConnectedArgs& args, std::byte* packed) noexcept;
void fc_pack_quads_offset(const FullyConnectedArgs& args, std::byte* packed) noexcept;
void fc_pack_rows(const FullyConnectedArgs& args, std::byte* packed) noexcept;
void fc_pack_hybrid_quads(const FullyConnectedArgs& args, std::byte* packed) noexcept;
void fc_pack_hybrid_rows(const FullyConnectedArgs& args, std::byte* packed) noexcept;

}  // namespace pinfer
