// SPDX-License-Identifier: Apache-2.0
// What the int8 variants with packed weights share: a portable driver around one micro-kernel.
//
// - The driver (tiles.cc) cuts a block into strips of pixels whose inputs fit L1, finds where each
//   pixel's window starts and calls the micro-kernel for every tile of output channels in turn: the
//   strip and the tile stay in L1, weights stream once per strip.
// - K, the taps of a window, is a list of blocks of 16, 8 and 4 bytes; block b of a pixel lies at
//   pixel + offsets[b], never beyond the input, and 16 bytes never cross a run of taps. Runs that
//   are no multiple of `k_step` are padded: windows are gathered into rows, or channels widened.
//   Padding has weight 0 (its bytes are arbitrary).
// - A border is no special case: padded inputs are copied to scratch with zero points around them.
// - pack.cc writes one ConvTile per `channels` output channels. All zero points are folded into its
//   bias: result = clamp(output_zero + multiply(bias + sum of x * w, multiplier)), sums wrap.
//   A weight beyond `weight_limit` (filters with a zero point reach +-255) is split: its block is
//   listed again with what is left, so a micro-kernel sees weights in [-limit, limit] only.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/conv/conv.h"

namespace pinfer {

// How a micro-kernel wants its work.
struct ConvTiling {
  std::int32_t rows = 4;            // pixels at a time; strips are multiples where they can be
  std::int32_t channels = 16;       // of a tile
  std::int32_t narrowest = 8;       // the last tile is a multiple of it wide
  std::int32_t k_step = 4;          // 4, 8 or 16: the smallest block of K it takes
  std::int32_t k_group = 4;         // weights of one channel that lie together, see ConvTile
  std::int32_t weight_limit = 128;  // 127: no -128 either
  // Over 0: blocks of 16 are listed two by two where, for each channel and each lane j < 8, the
  // |w| of taps j and j + 8 of both add up to at most this.
  std::int32_t pair_limit = 0;
};

// How the sums of a tile become bytes. The later, the cheaper.
enum class ConvFinish : std::int32_t {
  any,     // shifts to the left too
  right,   // every shift is below 0
  linear,  // besides, scaled sums fit 16 bits, and the clamp range is that of a byte
  relu,    // right, scaled sums fit 16 bits, and clamp.low is the output's zero point
};

// The start of a packed tile, on a 64-byte boundary. `width` is a multiple of `narrowest`. At
// params: int32 bias[width], mantissa[width], shift[width] (negative: right; never above 30), then
// int32 offsets[2 * pairs + blocks + halves + quarters], of the blocks in the order of the weights.
// At weights, a block of n bytes is [n / g][width][g] with g = min(n, k_group).
struct alignas(64) ConvTile {
  std::int32_t width = 0;
  ConvFinish finish = ConvFinish::any;
  std::int32_t pairs = 0;                 // two blocks of 16 each
  std::int32_t blocks = 0;                // of 16
  std::int32_t halves = 0;                // of 8
  std::int32_t quarters = 0;              // of 4
  std::int32_t offsets = 0, weights = 0;  // bytes from the start of the tile
};
inline constexpr std::int32_t kConvTileParams = sizeof(ConvTile);

// One call of a micro-kernel: `count` pixels times the first `channels` of a tile.
struct ConvStrip {
  const std::int8_t* const* pixels = nullptr;  // where each window starts
  std::int32_t count = 0;                      // at least 1
  std::int32_t channels = 0;                   // 1..width; none beyond are written
  const ConvTile* tile = nullptr;
  std::int8_t* output = nullptr;   // of the first pixel and channel
  std::int64_t output_stride = 0;  // from pixel to pixel
  std::int32_t output_zero = 0;
  ClampRange clamp;
};
using ConvTileRun = void (*)(const ConvStrip& strip) noexcept;

// The driver: ConvKernel::run of a variant.
void run_conv_tiles(const ConvArgs& args, const MacBlock& block, const ConvTiling& tiling,
                    ConvTileRun run) noexcept;

// ConvKernel::suits: one group, and a padded input that is no multiple of the input.
bool conv_tiles_suit(const ConvShape& shape, const ConvTiling& tiling) noexcept;

// The functions of MacPacking.
std::size_t conv_tiles_bytes(const ConvArgs& args, const ConvTiling& tiling) noexcept;
void pack_conv_tiles(const ConvArgs& args, const ConvTiling& tiling, std::byte* packed) noexcept;
std::size_t conv_tiles_scratch(const ConvArgs& args, const ConvTiling& tiling) noexcept;
std::int64_t conv_tiles_rows(const ConvArgs& args, const ConvTiling& tiling) noexcept;
void arrange_conv_tiles(const ConvArgs& args, const ConvTiling& tiling, std::int64_t begin,
                        std::int64_t end) noexcept;

// How windows lie in the bytes that the micro-kernel reads: a function of shape and k_step.
struct ConvWindows {
  bool arranged = false;                 // the input is copied to scratch, with its border
  bool gathered = false;                 // windows are copied to rows
  std::int32_t pixel_bytes = 0;          // channels, widened to k_step where runs need it
  std::int64_t row_bytes = 0, rows = 0;  // of the source of windows: input or scratch
  std::int32_t runs_per_row = 1;         // runs of taps in one filter row
  std::int32_t runs = 1, run_bytes = 0;  // of the source
  std::int32_t k_runs = 1, k_bytes = 0;  // runs that the micro-kernel sees, their size
};
ConvWindows conv_windows(const ConvShape& shape, std::int32_t k_step) noexcept;
// Where run `run` starts, from the start of a pixel's window.
std::int64_t conv_run_offset(const ConvShape& shape, const ConvWindows& windows,
                             std::int32_t run) noexcept;

}  // namespace pinfer
