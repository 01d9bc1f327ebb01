// SPDX-License-Identifier: Apache-2.0
// What the parts of the int8 variants agree on: packed weights, strips of output.
//
// - Channels go in groups of kLanes: 8 (NEON) or 16 (AVX). The last group of a channel count that
// is
//   no multiple of it starts early and computes some channels twice; below one group, it is padded.
// - Sums run over raw input: the bias holds -input_zero * sum of the weights, and taps outside the
//   input are read as input_zero.
// - Depth multipliers above 1 and fewer channels than a group: arrange() widens the input to one
//   channel an output channel first.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/depthwise/depthwise.h"

namespace pinfer {

// How the products of a group are added up, chosen at load by what its weights allow.
enum DepthwiseSum : int32_t {
  kSumWide,    // weights as int16, products in 32 bits: any weight
  kSumPairs,   // int8 products of taps (0,1) (2,3) (4,5) (6,7) (8) in 16 bits each
  kSumThrees,  // of each row of three taps
  kSumHalves,  // taps 0..4 and 5..8
  kSumWhole,   // all nine
  kSumRuns,    // `run` taps of a row
  kSumDot,     // int8 in quads of four taps, in 32 bits
};

// How a sum becomes a result.
enum DepthwiseFinish : int32_t {
  kFinishAny,    // shifts both ways, any size
  kFinishRight,  // all shifts to the right by 1 or more; the scaled sum fits 16 bits
  kFinishRelu,   // no shift to the left, fits 16 bits, and clamp.low is the output's zero point
};

// What every group begins with. Then its scale (DepthwiseScale or that of pack_avx.h), then its
// weights. Groups are 64-byte aligned.
struct DepthwiseGroup {
  int32_t sum, finish;
  int32_t run;  // of kSumRuns
};

// The scale of a group of eight. Weights follow tap by tap, eight channels wide (int8, or int16
// where wide), or in quads (see pack.cc).
struct DepthwiseScale {
  int32_t bias[8];
  int32_t mantissa[8];
  int32_t right[8];  // shift, at most 0
  int32_t left[8];   // shift, at least 0
};
struct alignas(64) DepthwiseGroup8 {
  DepthwiseGroup group;
  alignas(64) DepthwiseScale scale;
};

// Rows of output of one group.
struct DepthwiseStrip {
  const DepthwiseArgs* args;
  const DepthwiseGroup* group;
  // Rows of input at pixel 0, channel 0: the window of the first output row; that
  // of the next one begins `row_step` further. Rows outside the input are rows of input_zero.
  const int8_t* const* rows;
  ptrdiff_t channel;  // to be added to each of `rows`
  int8_t* out;        // first output row, at column `begin` and the group's first channel
  ptrdiff_t in_pixel, out_pixel, out_row;  // bytes from one to the next
  int32_t count, row_step;                 // output rows
  int32_t begin, end;                      // output columns
  int32_t inside_end;                      // the windows of these and later ones leave the input
};

using DepthwiseStripFunction = void (*)(const DepthwiseStrip& strip) noexcept;

// Any ring will do: the producer's size counts.
inline constexpr int32_t kRingBytes = 40 << 10;
// Windows have at most this many rows.
inline constexpr int32_t kDepthwiseRows = 16;

// Runs `strip` over the block. Groups lie `group_bytes` apart in args.packed.
template <int32_t kLanes>
void depthwise_walk(const DepthwiseArgs& args, const MacBlock& block, size_t group_bytes,
                    DepthwiseStripFunction strip) noexcept;

// The parts of MacPacking that do with the input.
template <int32_t kLanes>
size_t depthwise_scratch_bytes(const DepthwiseArgs& args) noexcept;
template <int32_t kLanes>
int64_t depthwise_arrange_units(const DepthwiseArgs& args) noexcept;
template <int32_t kLanes>
void depthwise_arrange(const DepthwiseArgs& args, int64_t begin, int64_t end) noexcept;
// The input in kernels' order: args.input, or the widened copy in args.scratch; and its pixels.
template <int32_t kLanes>
const int8_t* depthwise_pixels(const DepthwiseArgs& args) noexcept;
template <int32_t kLanes>
int32_t depthwise_pixel_bytes(const ConvShape& shape) noexcept;

// The packing of a variant; a part of the channels is whole cache lines.
template <int32_t kLanes>
consteval MacPacking<DepthwiseArgs> depthwise_packing(
    decltype(MacPacking<DepthwiseArgs>::packed_bytes) packed_bytes,
    decltype(MacPacking<DepthwiseArgs>::pack) pack) noexcept {
  return {packed_bytes,
          pack,
          depthwise_scratch_bytes<kLanes>,
          depthwise_arrange_units<kLanes>,
          depthwise_arrange<kLanes>,
          {1, kCacheLine},
          kRingBytes};
}

// Those that do with the weights of groups of eight.
size_t depthwise_group_bytes(const ConvShape& shape) noexcept;
size_t depthwise_packed_bytes(const DepthwiseArgs& args) noexcept;
void depthwise_pack(const DepthwiseArgs& args, std::byte* packed) noexcept;      // 3 x 3
void depthwise_pack_dot(const DepthwiseArgs& args, std::byte* packed) noexcept;  // 3 x 3
void depthwise_pack_runs(const DepthwiseArgs& args, std::byte* packed) noexcept;

}  // namespace pinfer
