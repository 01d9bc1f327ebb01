// SPDX-License-Identifier: Apache-2.0
// Packing of int8 weights, see packed.h.
#include <algorithm>
#include <cstring>

#include "runtime/kernels/fully_connected/packed.h"

namespace pinfer {
namespace {

std::int64_t tile_count(const FullyConnectedShape& shape) {
  return (std::int64_t{shape.channels} + kFcTile - 1) / kFcTile;
}
std::int64_t padded_depth(const FullyConnectedShape& shape) {
  return (std::int64_t{shape.depth} + kFcDepth - 1) / kFcDepth * kFcDepth;
}

enum class Order { quads, rows };

// Writes one tile of weights; channels beyond the last and depth beyond the end are zero.
void pack_weights(const FullyConnectedArgs& args, Order order, std::int32_t first,
                  std::int8_t* out) {
  const std::int64_t depth = args.shape.depth, padded = padded_depth(args.shape);
  const std::int64_t unit = order == Order::quads ? 4 : kFcDepth;
  const std::int64_t group = order == Order::quads ? kFcTile : kFcTile / 2;  // side by side
  const std::int32_t count = std::min(kFcTile, args.shape.channels - first);
  if (count < kFcTile || depth != padded)
    std::memset(out, 0, static_cast<std::size_t>(kFcTile * padded));
  for (std::int64_t channel = 0; channel < count; ++channel) {
    const auto* from = static_cast<const std::int8_t*>(args.filter) + (first + channel) * depth;
    std::int8_t* to = out + channel / group * group * padded + channel % group * unit;
    std::int64_t k = 0;
    for (; k + unit <= depth; k += unit, to += group * unit) {
      if (order == Order::quads)
        std::memcpy(to, from + k, 4);
      else
        std::memcpy(to, from + k, kFcDepth);
    }
    std::memcpy(to, from + k, static_cast<std::size_t>(depth - k));
  }
}

std::int64_t sum_of(const std::int8_t* values, std::int64_t count) {
  std::int64_t total = 0;
  for (std::int64_t begin = 0; begin < count; begin += 1 << 20) {
    const std::int64_t end = std::min<std::int64_t>(count, begin + (1 << 20));
    std::int32_t sum = 0;
    for (std::int64_t i = begin; i < end; ++i) sum += values[i];
    total += sum;
  }
  return total;
}

// Are there two weights of -128 that a variant adds up in 16 bits: k and k + 8 of a unit?
bool has_extreme_pair(const std::int8_t* values, std::int64_t count) {
  for (std::int64_t i = 0; i + 8 < count; ++i)
    if (values[i] == -128 && values[i + 8] == -128) return true;
  return false;
}

const std::int8_t* weights_of(const FullyConnectedArgs& args, std::int32_t channel) {
  return static_cast<const std::int8_t*>(args.filter) +
         static_cast<std::int64_t>(channel) * args.shape.depth;
}

// The reference keeps sums in 32 bits, which wrap.
std::int32_t wrap32(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

// x_offset is what the variant adds to each activation before it multiplies.
FcIntegerTile integer_tile(const FullyConnectedArgs& args, std::int32_t first,
                           std::int64_t x_offset) {
  FcIntegerTile tile = {};
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  const std::int64_t depth = args.shape.depth;
  for (std::int32_t i = 0; i < std::min(kFcTile, args.shape.channels - first); ++i) {
    const std::int8_t* weights = weights_of(args, first + i);
    const std::int64_t sum = sum_of(weights, depth);
    const std::int64_t zeros =
        depth * args.filter_zero * args.input_zero - (args.input_zero + x_offset) * sum;
    tile.base[i] = wrap32(zeros + (bias != nullptr ? bias[first + i] : 0));
    tile.scale[i] = args.scales[first + i];
    if (has_extreme_pair(weights, depth)) tile.extreme = 1;
  }
  return tile;
}

FcHybridTile hybrid_tile(const FullyConnectedArgs& args, std::int32_t first) {
  FcHybridTile tile = {};
  const auto* bias = static_cast<const float*>(args.bias);
  for (std::int32_t i = 0; i < std::min(kFcTile, args.shape.channels - first); ++i) {
    const std::int8_t* weights = weights_of(args, first + i);
    tile.weight_sum[i] = wrap32(sum_of(weights, args.shape.depth));
    tile.scale[i] = args.filter_scales[first + i];
    tile.bias[i] = bias != nullptr ? bias[first + i] : 0.0f;
    if (has_extreme_pair(weights, args.shape.depth)) tile.extreme = 1;
  }
  return tile;
}

template <class MakeTile>
void pack_tiles(const FullyConnectedArgs& args, Order order, std::byte* packed,
                const MakeTile& make_tile) {
  const std::int64_t tiles = tile_count(args.shape);
  FcHeader header = {};
  header.depth = padded_depth(args.shape);
  const std::int64_t bytes = kFcTile * header.depth;
  header.tiles_offset = static_cast<std::int64_t>(sizeof(header)) + tiles * bytes;
  std::memcpy(packed, &header, sizeof(header));
  for (std::int64_t tile = 0; tile < tiles; ++tile) {
    const auto first = static_cast<std::int32_t>(tile * kFcTile);
    pack_weights(args, order, first,
                 reinterpret_cast<std::int8_t*>(packed + sizeof(header) + tile * bytes));
    const auto constants = make_tile(first);
    std::memcpy(packed + header.tiles_offset + tile * static_cast<std::int64_t>(sizeof(constants)),
                &constants, sizeof(constants));
  }
}

}  // namespace

static_assert(sizeof(FcHeader) == 64);
static_assert(sizeof(FcIntegerTile) == 256 && sizeof(FcHybridTile) == 256);

std::size_t fc_packed_bytes(const FullyConnectedArgs& args) noexcept {
  const std::int64_t tile =
      kFcTile * padded_depth(args.shape) + static_cast<std::int64_t>(sizeof(FcHybridTile));
  return sizeof(FcHeader) + static_cast<std::size_t>(tile_count(args.shape) * tile);
}

void fc_pack_quads(const FullyConnectedArgs& args, std::byte* packed) noexcept {
  pack_tiles(args, Order::quads, packed,
             [&](std::int32_t first) { return integer_tile(args, first, 0); });
}

void fc_pack_quads_offset(const FullyConnectedArgs& args, std::byte* packed) noexcept {
  pack_tiles(args, Order::quads, packed,
             [&](std::int32_t first) { return integer_tile(args, first, 128); });
}

void fc_pack_rows(const FullyConnectedArgs& args, std::byte* packed) noexcept {
  pack_tiles(args, Order::rows, packed,
             [&](std::int32_t first) { return integer_tile(args, first, 0); });
}

void fc_pack_hybrid_quads(const FullyConnectedArgs& args, std::byte* packed) noexcept {
  pack_tiles(args, Order::quads, packed,
             [&](std::int32_t first) { return hybrid_tile(args, first); });
}

void fc_pack_hybrid_rows(const FullyConnectedArgs& args, std::byte* packed) noexcept {
  pack_tiles(args, Order::rows, packed,
             [&](std::int32_t first) { return hybrid_tile(args, first); });
}

}  // namespace pinfer
