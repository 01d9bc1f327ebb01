// SPDX-License-Identifier: Apache-2.0
// What pack.cc, walk.cc and the int8 variants of one ISA agree on: packed weights, strips of
// output.
//
// - Channels go in groups of eight. The last group of a channel count that is no multiple of eight
//   starts early and computes some channels twice; below eight channels the group is padded.
// - Sums run over raw input: the bias holds -input_zero * sum of the weights, and taps outside the
//   input are read as input_zero.
// - Depth multipliers above 1 and fewer than eight channels: arrange() widens the input to one
//   channel an output channel first ("widened").
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/depthwise/depthwise.h"

namespace pinfer {

inline constexpr int32_t kDepthwiseGroup = 8;

// How the products of a group are added up, chosen at load by what its weights allow.
enum DepthwiseSum : int32_t {
  kSumWide,    // weights as int16, products in 32 bits: any weight
  kSumPairs,   // int8 products of taps (0,1) (2,3) (4,5) (6,7) (8) in 16 bits each
  kSumThrees,  // of each row of three taps
  kSumHalves,  // taps 0..4 and 5..8
  kSumWhole,   // all nine
  kSumDot,     // int8 in quads of four taps, in 32 bits
  kSumRuns,    // int8 products of `run` taps of a row
};

// How a sum becomes a result.
enum DepthwiseFinish : int32_t {
  kFinishAny,    // shifts both ways, any size
  kFinishRight,  // all shifts to the right by 1 or more; the scaled sum fits 16 bits
  kFinishRelu,   // no shift to the left, fits 16 bits, and clamp.low is the output's zero point
};

// One group: this header, then its weights, tap by tap eight channels wide (int8, or int16 where
// wide), or quads (see neondot.cc). 64-byte aligned.
struct DepthwiseGroup {
  int32_t bias[kDepthwiseGroup];
  int32_t mantissa[kDepthwiseGroup];
  int32_t right[kDepthwiseGroup];  // shift, at most 0
  int32_t left[kDepthwiseGroup];   // shift, at least 0
  int32_t sum, finish, channel;    // `channel`: the first one
  int32_t run;                     // taps of a row that are added in 16 bits; 0: kSumWide
  int32_t unused[28];
};

// Rows of output of one group.
struct DepthwiseStrip {
  const DepthwiseArgs* args;
  const DepthwiseGroup* group;
  // Rows of input at pixel 0, channel 0: the window of the first output row; that of the next one
  // begins `row_step` further. Rows outside the input are rows of input_zero.
  const int8_t* const* rows;
  int8_t* out;  // first output row, at column `begin` and the group's first channel
  ptrdiff_t in_pixel, out_pixel, out_row;  // bytes from one to the next
  int32_t count, row_step;                 // output rows
  int32_t begin, end;                      // output columns
  int32_t inside_begin, inside_end;        // those whose window is inside the input
};

using DepthwiseStripFunction = void (*)(const DepthwiseStrip& strip) noexcept;

// Runs `strip` over the block.
void depthwise_walk(const DepthwiseArgs& args, const MacBlock& block,
                    DepthwiseStripFunction strip) noexcept;

// The parts of MacPacking. Windows of at most kDepthwiseRows rows.
inline constexpr int32_t kDepthwiseRows = 16;
size_t depthwise_packed_bytes(const DepthwiseArgs& args) noexcept;
void depthwise_pack(const DepthwiseArgs& args, std::byte* packed) noexcept;
void depthwise_pack_dot(const DepthwiseArgs& args, std::byte* packed) noexcept;  // 3 x 3
void depthwise_pack_runs(const DepthwiseArgs& args, std::byte* packed) noexcept;
size_t depthwise_scratch_bytes(const DepthwiseArgs& args) noexcept;
int64_t depthwise_arrange_units(const DepthwiseArgs& args) noexcept;
void depthwise_arrange(const DepthwiseArgs& args, int64_t begin, int64_t end) noexcept;

// Distance of two groups in `packed`, distance of two pixels of the input as kernels see it.
size_t depthwise_group_bytes(const ConvShape& shape) noexcept;
int32_t depthwise_pixel_bytes(const ConvShape& shape) noexcept;
// The input in kernels' order: args.input, or the widened copy in args.scratch.
const int8_t* depthwise_pixels(const DepthwiseArgs& args) noexcept;

}  // namespace pinfer
