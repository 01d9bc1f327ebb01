// SPDX-License-Identifier: Apache-2.0
// Groups of sixteen channels, as the int8 variants of AVX want them.
#pragma once

#include "runtime/kernels/depthwise/layout.h"

namespace pinfer {

// Eight channels of a group side by side in 32-bit lanes. A result is
//   (((sum << left) * mantissa + nudge) >> (31 - shift)) + place,
// both roundings at once. The nudge keeps what is shifted positive, for a logical shift; `place`
// takes that off again and adds the output's zero point. Products of even and odd lanes are apart,
// and odd results end up in the upper half of their 64 bits. Begins a cache line: the mantissas of
// odd lanes are read from mantissa + 1.
struct DepthwiseScale64 {
  int32_t mantissa[8];
  int32_t place[8];
  int64_t nudge[2][4];  // even, odd
  int64_t shift[2][4];  // to the right; odd: 32 less
};

// Channels 0..3 and 8..11, then 4..7 and 12..15: so unpacking and packing of vectors orders them.
// Weights follow: pairs of taps as int16, 16 pairs a vector pair; see pack_avx.cc.
struct alignas(64) DepthwiseGroup16 {
  DepthwiseGroup group;
  int32_t fits;      // kFinishAny: the numbers of `scale` do; else one by one
  int8_t shift[16];  // kFinishAny: of the multipliers, positive to the left
  alignas(64) int32_t bias[16];
  DepthwiseScale64 scale[2];
};

size_t depthwise_group_bytes_avx(const ConvShape& shape) noexcept;
size_t depthwise_packed_bytes_avx(const DepthwiseArgs& args) noexcept;
// 3 x 3: pairs of rows (w0, w1), (w2, 0) of each column, then, where rows of output share pairs of
// input rows (stride 1), (0, w0), (w1, w2).
void depthwise_pack_avx(const DepthwiseArgs& args, std::byte* packed) noexcept;
// Pairs of neighbouring taps of a row, the last one with 0.
void depthwise_pack_runs_avx(const DepthwiseArgs& args, std::byte* packed) noexcept;

}  // namespace pinfer
