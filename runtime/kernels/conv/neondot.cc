// SPDX-License-Identifier: Apache-2.0
// The conv family with dot products (armv8.2-a+dotprod): 4 pixels x 16 channels.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/conv/tiles.h"
#include "runtime/kernels/narrow_neon.h"

namespace pinfer {
namespace {

constexpr ConvTiling kTiling = {.rows = 4,
                                .channels = 16,
                                .narrowest = 8,
                                .k_step = 4,
                                .k_group = 4,
                                .weight_limit = 128,
                                .pair_limit = 0};

#define PINFER_INLINE static inline __attribute__((always_inline))

// Sums of `kRows` pixels x 4 * kQuads channels.
template <int kRows, int kQuads>
struct Sums {
  int32x4_t of[kRows][kQuads];
};

// 4 taps: lane `kLane` of each pixel's vector times the next weights.
template <int kLane, int kRows, int kQuads>
PINFER_INLINE const int8_t* step(Sums<kRows, kQuads>& sums, const int8x16_t* x, const int8_t* w) {
  int8x16_t b[kQuads];
  if constexpr (kQuads == 4) {
    const int8x16x4_t four = vld1q_s8_x4(w);
    for (int q = 0; q < kQuads; ++q) b[q] = four.val[q];
  } else {
    const int8x16x2_t two = vld1q_s8_x2(w);
    for (int q = 0; q < kQuads; ++q) b[q] = two.val[q];
  }
  for (int r = 0; r < kRows; ++r)
    for (int q = 0; q < kQuads; ++q)
      sums.of[r][q] = vdotq_laneq_s32(sums.of[r][q], b[q], x[r], kLane);
  w += 16 * kQuads;
  // Keeps the scheduler from loading more weights ahead, which would spill sums, and the pointer
  // in one register with post-indexed loads.
  asm volatile("" : "+r"(w)::"memory");
  return w;
}

struct Params {
  const int32_t *bias, *mantissa, *shift;
  const int32_t* offsets;
  const int8_t* weights;
  int16x8_t zero;
  int8x16_t low, high;
  uint8x16_t span;  // high - low
};
PINFER_INLINE Params params_of(const ConvStrip& strip) {
  const ConvTile* tile = strip.tile;
  const int8_t* bytes = reinterpret_cast<const int8_t*>(tile);
  Params p;
  p.zero = vdupq_n_s16(static_cast<int16_t>(strip.output_zero));
  p.low = vdupq_n_s8(static_cast<int8_t>(strip.clamp.low));
  p.high = vdupq_n_s8(static_cast<int8_t>(strip.clamp.high));
  p.span = vdupq_n_u8(static_cast<uint8_t>(strip.clamp.high - strip.clamp.low));
  p.bias = reinterpret_cast<const int32_t*>(bytes + kConvTileParams);
  p.mantissa = p.bias + tile->width;
  p.shift = p.mantissa + tile->width;
  p.offsets = reinterpret_cast<const int32_t*>(bytes + tile->offsets);
  p.weights = bytes + tile->weights;
  return p;
}

template <int kRows, int kQuads>
PINFER_INLINE void multiply_all(const ConvTile* tile, const Params& p, const int8_t* const* pixels,
                                Sums<kRows, kQuads>& sums) {
  const int8_t* at[kRows];
  for (int r = 0; r < kRows; ++r) at[r] = pixels[r];
  for (int r = 0; r < kRows; ++r) {
    for (int q = 0; q < kQuads; ++q) sums.of[r][q] = vld1q_s32(p.bias + 4 * q);
    asm volatile("" ::: "memory");  // loaded again: cheaper than copies, two registers at a time
  }
  const int32_t* offsets = p.offsets;
  const int8_t* w = p.weights;
  int8x16_t x[kRows];
  for (int32_t n = tile->blocks; n > 0; --n) {
    const int64_t offset = *offsets++;
    for (int r = 0; r < kRows; ++r) x[r] = vld1q_s8(at[r] + offset);
    w = step<0>(sums, x, w);
    w = step<1>(sums, x, w);
    w = step<2>(sums, x, w);
    w = step<3>(sums, x, w);
  }
  for (int32_t n = tile->halves; n > 0; --n) {
    const int64_t offset = *offsets++;
    for (int r = 0; r < kRows; ++r) x[r] = vcombine_s8(vld1_s8(at[r] + offset), vdup_n_s8(0));
    w = step<0>(sums, x, w);
    w = step<1>(sums, x, w);
  }
  for (int32_t n = tile->quarters; n > 0; --n) {
    const int64_t offset = *offsets++;
    for (int r = 0; r < kRows; ++r) {
      int32_t four;
      memcpy(&four, at[r] + offset, sizeof(four));
      x[r] = vreinterpretq_s8_s32(vsetq_lane_s32(four, vdupq_n_s32(0), 0));
    }
    w = step<0>(sums, x, w);
  }
}

// multiply() of arithmetic.h on four lanes. Where all shifts go right, halves are rounded away
// from zero by taking 1 from negative values first.
template <ConvFinish kFinish>
PINFER_INLINE int32x4_t rescale(int32x4_t sum, int32x4_t mantissa, int32x4_t shift) {
  if (kFinish == ConvFinish::relu) return vrshlq_s32(vqrdmulhq_s32(sum, mantissa), shift);
  if (kFinish != ConvFinish::any) {
    const int32x4_t high = vqrdmulhq_s32(sum, mantissa);
    return vrshlq_s32(vsraq_n_s32(high, high, 31), shift);
  }
  const int32x4_t zero = vdupq_n_s32(0);
  const int32x4_t high = vqrdmulhq_s32(vshlq_s32(sum, vmaxq_s32(shift, zero)), mantissa);
  const int32x4_t right = vminq_s32(shift, zero);
  return vrshlq_s32(vaddq_s32(high, vandq_s32(vshrq_n_s32(high, 31), vshrq_n_s32(right, 31))),
                    right);
}

template <ConvFinish kFinish>
PINFER_INLINE int16x8_t narrow(int32x4_t a, int32x4_t b) {
  if (kFinish == ConvFinish::any || kFinish == ConvFinish::right)
    return vcombine_s16(vqmovn_s32(a), vqmovn_s32(b));
  return even_halves(a, b);
}

// Zero point and clamp.
template <ConvFinish kFinish>
PINFER_INLINE int8x16_t place(int16x8_t first, int16x8_t second, const Params& p) {
  if (kFinish == ConvFinish::relu) {
    const uint8x16_t above = vminq_u8(saturated_positive(first, second), p.span);
    return vaddq_s8(vreinterpretq_s8_u8(above), p.low);
  }
  const int8x16_t bytes = saturated(vqaddq_s16(first, p.zero), vqaddq_s16(second, p.zero));
  if (kFinish == ConvFinish::linear) return bytes;
  return vminq_s8(vmaxq_s8(bytes, p.low), p.high);
}

// Writes the first `count` < 16 bytes.
PINFER_INLINE void store_part(int8_t* to, int8x16_t values, int32_t count) {
  int8_t bytes[16];
  vst1q_s8(bytes, values);
  memcpy(to, bytes, static_cast<size_t>(count));
}

template <ConvFinish kFinish, int kRows, int kQuads>
PINFER_INLINE void store(const ConvStrip& strip, const Params& p, const Sums<kRows, kQuads>& sums,
                         int8_t* to) {
  int32x4_t mantissa[kQuads], shift[kQuads];
  for (int q = 0; q < kQuads; ++q) {
    mantissa[q] = vld1q_s32(p.mantissa + 4 * q);
    shift[q] = vld1q_s32(p.shift + 4 * q);
  }
  int8x16_t bytes[kRows];
  for (int r = 0; r < kRows; ++r) {
    int32x4_t value[4];
    for (int q = 0; q < 4; ++q)
      value[q] = rescale<kFinish>(sums.of[r][q % kQuads], mantissa[q % kQuads], shift[q % kQuads]);
    bytes[r] =
        place<kFinish>(narrow<kFinish>(value[0], value[1]), narrow<kFinish>(value[2], value[3]), p);
  }
  if (strip.channels >= 4 * kQuads) {
    for (int r = 0; r < kRows; ++r, to += strip.output_stride) {
      if (kQuads == 4)
        vst1q_s8(to, bytes[r]);
      else
        vst1_s8(to, vget_low_s8(bytes[r]));
    }
  } else {
    for (int r = 0; r < kRows; ++r, to += strip.output_stride)
      store_part(to, bytes[r], strip.channels);
  }
}

template <ConvFinish kFinish, int kRows, int kQuads>
PINFER_INLINE void run_rows(const ConvStrip& strip, const Params& p, const int8_t* const* pixels,
                            int8_t* to) {
  Sums<kRows, kQuads> sums;
  multiply_all(strip.tile, p, pixels, sums);
  store<kFinish>(strip, p, sums, to);
}

template <ConvFinish kFinish, int kQuads>
void run_tile(const ConvStrip& given) {
  const ConvStrip strip = given;  // in registers: stores might alias the caller's
  const Params p = params_of(strip);
  const int8_t* const* pixels = strip.pixels;
  int8_t* to = strip.output;
  int32_t tiles = strip.count / 4, left = strip.count % 4;
  while (tiles > 0) {
    run_rows<kFinish, 4, kQuads>(strip, p, pixels, to);
    pixels += 4;
    to += 4 * strip.output_stride;
    if (--tiles > 0 || left < 2) continue;
    // Two or three are left: once more with pixels that are done already.
    tiles = 1;
    pixels -= 4 - left;
    to -= (4 - left) * strip.output_stride;
    left = 0;
  }
  for (; left > 0; --left, ++pixels, to += strip.output_stride)
    run_rows<kFinish, 1, kQuads>(strip, p, pixels, to);
}

template <int kQuads>
void run_width(const ConvStrip& strip) {
  switch (strip.tile->finish) {
    case ConvFinish::any:
      return run_tile<ConvFinish::any, kQuads>(strip);
    case ConvFinish::right:
      return run_tile<ConvFinish::right, kQuads>(strip);
    case ConvFinish::linear:
      return run_tile<ConvFinish::linear, kQuads>(strip);
    case ConvFinish::relu:
      return run_tile<ConvFinish::relu, kQuads>(strip);
  }
}

void run_strip(const ConvStrip& strip) noexcept {
  strip.tile->width == 16 ? run_width<4>(strip) : run_width<2>(strip);
}

bool suits(const ConvShape& shape) { return conv_tiles_suit(shape, kTiling); }
void run(const ConvArgs& args, const MacBlock& block) noexcept {
  run_conv_tiles(args, block, kTiling, run_strip);
}
size_t packed_bytes(const ConvArgs& args) noexcept { return conv_tiles_bytes(args, kTiling); }
void pack(const ConvArgs& args, std::byte* packed) noexcept {
  pack_conv_tiles(args, kTiling, packed);
}
size_t scratch_bytes(const ConvArgs& args) noexcept { return conv_tiles_scratch(args, kTiling); }
int64_t arrange_units(const ConvArgs& args) noexcept { return conv_tiles_rows(args, kTiling); }
void arrange(const ConvArgs& args, int64_t begin, int64_t end) noexcept {
  arrange_conv_tiles(args, kTiling, begin, end);
}

}  // namespace

extern const ConvKernel conv_s8_4x16__neondot;
const ConvKernel conv_s8_4x16__neondot{
    "conv_s8_4x16__neondot",
    isa::neondot,
    MacTypes::s8,
    suits,
    run,
    {packed_bytes, pack, scratch_bytes, arrange_units, arrange, {8, 16, 128 << 10}, 28 << 10}};

}  // namespace pinfer
