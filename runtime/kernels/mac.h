// SPDX-License-Identifier: Apache-2.0
// MacTypes, ConvShape, MacBlock: the values that the multiply-accumulate families share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pinfer {

// Activations x weights (+ bias) -> result.
enum class MacTypes : std::uint8_t {
  f32,         // float32 throughout
  s8,          // int8 x int8 + int32 -> int8
  u8,          // uint8 x uint8 + int32 -> uint8
  s16,         // int16 x int8 + int64 -> int16, 64-bit sums
  s16_bias32,  // int16 x int8 + int32 -> int16, 32-bit sums
  hybrid,      // float32, quantized at run time to int8, x int8 + float32 -> float32
};

// A two-dimensional convolution over NHWC tensors. Set-up guarantees: all sizes are at least 1 (the
// batch may be 0), strides and dilations too, products of tensor sizes fit int32, `groups` divides
// both channel counts. Taps outside the input count as the input's zero point.
struct ConvShape {
  std::int32_t batches = 1;
  std::int32_t in_height = 1, in_width = 1, in_channels = 1;
  std::int32_t out_height = 1, out_width = 1, out_channels = 1;
  std::int32_t filter_height = 1, filter_width = 1;
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t dilation_h = 1, dilation_w = 1;
  std::int32_t pad_top = 0, pad_left = 0;
  std::int32_t groups = 1;
};

// The part of the output to compute: rows (of what, the family says) and channels.
struct MacBlock {
  std::int64_t row_begin = 0, row_end = 0;
  std::int32_t channel_begin = 0, channel_end = 0;
};

inline constexpr std::int32_t kCacheLine = 64;  // bytes, on all machines that matter here

// Where work may be cut: blocks of channels start at multiples of `channels`; blocks of rows should
// start at multiples of `rows`, but need not. A block has at least about `macs`
// multiply-accumulates: a few microseconds, what it costs to share them (handing over, and the
// lines that the other core has in its cache).
struct MacGrain {
  std::int32_t rows = 1, channels = 16;
  std::int64_t macs = 1 << 16;
};

// The last rows of an image that one kernel writes and the next one reads while they are in the
// first cache: row y lies at (y - first_row) % rows, and of each pixel there are the channels of a
// block only. Blocks of the kernel that writes do not go beyond the end of the ring.
struct MacRing {
  std::int32_t rows = 0;  // 0: no ring but the whole tensor
  std::int32_t first_row = 0, first_channel = 0, pixel_bytes = 0;
};

// What a variant with an order of weights of its own adds to its record; all null where it reads
// filter, bias and multipliers as the file has them. Args are those of the family, complete but for
// input, output, packed and scratch.
// - At load, `pack` writes weights, bias, corrections and multipliers to packed_bytes() bytes on a
//   64-byte boundary; the kernel then finds them at args.packed. Filter and bias are constant.
// - In each run, `arrange` brings the input to args.scratch (scratch_bytes(), 64-byte aligned, not
//   zeroed) in units [begin, end) of arrange_units(), which threads share; all of it is done before
//   the first block runs.
template <class Args>
struct MacPacking {
  std::size_t (*packed_bytes)(const Args& args) noexcept = nullptr;
  void (*pack)(const Args& args, std::byte* packed) noexcept = nullptr;
  std::size_t (*scratch_bytes)(const Args& args) noexcept = nullptr;  // null: none
  std::int64_t (*arrange_units)(const Args& args) noexcept = nullptr;
  void (*arrange)(const Args& args, std::int64_t begin, std::int64_t end) noexcept = nullptr;
  MacGrain grain = {};
  // Of a MacRing that leaves room for the rest in the first cache of the machines that the variant
  // is for; 0: run() knows no rings.
  std::int32_t ring_bytes = 0;
};

}  // namespace pinfer
