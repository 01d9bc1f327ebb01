// SPDX-License-Identifier: Apache-2.0
// The conv family without dot products (armv8.0): 4 pixels x 4 channels.
//
// Products of int8 are added in 16 bits (SMULL, SMLAL) before SADALP widens them. Two fit always,
// as no weight is -128; four where packing found the weights small enough (pairs of blocks): 5
// instructions for 32 multiply-accumulates instead of 6.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/conv/tiles.h"
#include "runtime/kernels/narrow_neon.h"

namespace pinfer {
namespace {

constexpr int kQuad = 4;  // channels
constexpr ConvTiling kTiling = {.rows = 4,
                                .channels = kQuad,
                                .narrowest = kQuad,
                                .k_step = 8,
                                .k_group = 16,
                                .weight_limit = 127,
                                .pair_limit = 255};

#define PINFER_INLINE static inline __attribute__((always_inline))

// Each lane holds a part of its sum.
template <int kRows>
struct Sums {
  int32x4_t of[kRows][kQuad];
};

struct Cursor {
  const int32_t* offsets;
  const int8_t* weights;
};

template <bool kFirst>
PINFER_INLINE void widen(int32x4_t& sum, int16x8_t products) {
  sum = kFirst ? vpaddlq_s16(products) : vpadalq_s16(sum, products);
}

// Keeps the scheduler from bringing more into registers, which would spill sums.
PINFER_INLINE void fence() { asm volatile("" ::: "memory"); }

// Not as a struct of vectors: gcc gives those adjacent registers and copies.
PINFER_INLINE void load_weights(Cursor& at, int8x16_t* w) {
  for (int c = 0; c < kQuad; ++c) w[c] = vld1q_s8(at.weights + 16 * c);
  at.weights += 16 * kQuad;
}

// gcc keeps the low half of a vector that is also used whole in a second register, and spills sums
// for it: a third more instructions. Hence assembly, for these two only.
PINFER_INLINE int16x8_t low_product(int8x16_t a, int8x16_t b) {
#if defined(__aarch64__)
  int16x8_t product;
  asm("smull %0.8h, %1.8b, %2.8b" : "=w"(product) : "w"(a), "w"(b));
  return product;
#else
  return vmull_s8(vget_low_s8(a), vget_low_s8(b));
#endif
}
PINFER_INLINE int16x8_t add_low(int16x8_t sum, int8x16_t a, int8x16_t b) {
#if defined(__aarch64__)
  asm("smlal %0.8h, %1.8b, %2.8b" : "+w"(sum) : "w"(a), "w"(b));
  return sum;
#else
  return vmlal_s8(sum, vget_low_s8(a), vget_low_s8(b));
#endif
}
PINFER_INLINE int16x8_t add_high(int16x8_t sum, int8x16_t a, int8x16_t b) {
#if defined(__aarch64__)
  return vmlal_high_s8(sum, a, b);
#else
  return vmlal_s8(sum, vget_high_s8(a), vget_high_s8(b));
#endif
}

// 32 taps whose products fit 16 bits four at a time.
template <bool kFirst, int kRows>
PINFER_INLINE void add_pair(Sums<kRows>& sums, const int8_t* const* at, Cursor& cursor) {
  const int64_t first = cursor.offsets[0], second = cursor.offsets[1];
  cursor.offsets += 2;
  int8x16_t w[kQuad], v[kQuad];
  load_weights(cursor, w);
  load_weights(cursor, v);
  for (int r = 0; r < kRows; ++r) {
    const int8x16_t x = vld1q_s8(at[r] + first), y = vld1q_s8(at[r] + second);
    int16x8_t products[kQuad];
    for (int c = 0; c < kQuad; ++c) products[c] = low_product(x, w[c]);
    for (int c = 0; c < kQuad; ++c) products[c] = add_high(products[c], x, w[c]);
    for (int c = 0; c < kQuad; ++c) products[c] = add_low(products[c], y, v[c]);
    for (int c = 0; c < kQuad; ++c) products[c] = add_high(products[c], y, v[c]);
    for (int c = 0; c < kQuad; ++c) widen<kFirst>(sums.of[r][c], products[c]);
    fence();
  }
}

// 16 taps.
template <bool kFirst, int kRows>
PINFER_INLINE void add_block(Sums<kRows>& sums, const int8_t* const* at, Cursor& cursor) {
  const int64_t offset = *cursor.offsets++;
  int8x16_t w[kQuad];
  load_weights(cursor, w);
  for (int r = 0; r < kRows; ++r) {
    const int8x16_t x = vld1q_s8(at[r] + offset);
    int16x8_t products[kQuad];
    for (int c = 0; c < kQuad; ++c) products[c] = low_product(x, w[c]);
    for (int c = 0; c < kQuad; ++c) products[c] = add_high(products[c], x, w[c]);
    for (int c = 0; c < kQuad; ++c) widen<kFirst>(sums.of[r][c], products[c]);
    fence();
  }
}

// 8 taps.
template <bool kFirst, int kRows>
PINFER_INLINE void add_half(Sums<kRows>& sums, const int8_t* const* at, Cursor& cursor) {
  const int64_t offset = *cursor.offsets++;
  int8x8_t w[kQuad];
  for (int c = 0; c < kQuad; ++c) w[c] = vld1_s8(cursor.weights + 8 * c);
  cursor.weights += 8 * kQuad;
  for (int r = 0; r < kRows; ++r) {
    const int8x8_t x = vld1_s8(at[r] + offset);
    for (int c = 0; c < kQuad; ++c) widen<kFirst>(sums.of[r][c], vmull_s8(x, w[c]));
    fence();
  }
}

// What starts the sums of a tile: pairs where there are any, else blocks, else halves.
enum class Start { pair, block, half };

struct Counts {
  int32_t pairs, blocks, halves;
};

template <Start kStart, int kRows>
PINFER_INLINE void multiply_all(Counts left, Cursor cursor, const int8_t* const* pixels,
                                Sums<kRows>& sums) {
  const int8_t* at[kRows];
  for (int r = 0; r < kRows; ++r) at[r] = pixels[r];
  if (kStart == Start::pair) {
    add_pair<true>(sums, at, cursor);
    while (--left.pairs > 0) add_pair<false>(sums, at, cursor);
    for (; left.blocks > 0; --left.blocks) add_block<false>(sums, at, cursor);
  } else if (kStart == Start::block) {
    add_block<true>(sums, at, cursor);
    while (--left.blocks > 0) add_block<false>(sums, at, cursor);
  } else {
    add_half<true>(sums, at, cursor);
    --left.halves;
  }
  for (; left.halves > 0; --left.halves) add_half<false>(sums, at, cursor);
}

// The four sums of one pixel, one a lane.
PINFER_INLINE int32x4_t reduce(const int32x4_t* sums) {
#if defined(__aarch64__)
  return vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3]));
#else
  int32x2_t half[kQuad];
  for (int c = 0; c < kQuad; ++c) half[c] = vadd_s32(vget_low_s32(sums[c]), vget_high_s32(sums[c]));
  return vcombine_s32(vpadd_s32(half[0], half[1]), vpadd_s32(half[2], half[3]));
#endif
}

struct Params {
  int32x4_t bias, mantissa, shift;
  int16x8_t zero;
  int8x16_t low, high;
  uint8x16_t span;  // high - low
  ConvFinish finish;
};
PINFER_INLINE Params params_of(const ConvStrip& strip) {
  const auto* bias = reinterpret_cast<const int32_t*>(reinterpret_cast<const int8_t*>(strip.tile) +
                                                      kConvTileParams);
  Params p;
  p.bias = vld1q_s32(bias);
  p.mantissa = vld1q_s32(bias + kQuad);
  p.shift = vld1q_s32(bias + 2 * kQuad);
  p.zero = vdupq_n_s16(static_cast<int16_t>(strip.output_zero));
  p.low = vdupq_n_s8(static_cast<int8_t>(strip.clamp.low));
  p.high = vdupq_n_s8(static_cast<int8_t>(strip.clamp.high));
  p.span = vdupq_n_u8(static_cast<uint8_t>(strip.clamp.high - strip.clamp.low));
  p.finish = strip.tile->finish;
  return p;
}

// multiply() of arithmetic.h on four lanes. Where all shifts go right, halves are rounded away
// from zero by taking 1 from negative values first.
PINFER_INLINE int32x4_t rescale_right(int32x4_t sum, const Params& p) {
  const int32x4_t high = vqrdmulhq_s32(sum, p.mantissa);
  return vrshlq_s32(vsraq_n_s32(high, high, 31), p.shift);
}
PINFER_INLINE int32x4_t rescale_any(int32x4_t sum, const Params& p) {
  const int32x4_t zero = vdupq_n_s32(0), right = vminq_s32(p.shift, zero);
  const int32x4_t high = vqrdmulhq_s32(vshlq_s32(sum, vmaxq_s32(p.shift, zero)), p.mantissa);
  return vrshlq_s32(vaddq_s32(high, vandq_s32(vshrq_n_s32(high, 31), vshrq_n_s32(right, 31))),
                    right);
}

// Where scaled sums fit 16 bits and nothing below the zero point is seen.
template <int kRows>
PINFER_INLINE int8x16_t finish_relu(int32x4_t (&value)[4], const Params& p) {
  for (int r = 0; r < kRows; ++r)
    value[r] = vrshlq_s32(vqrdmulhq_s32(value[r], p.mantissa), p.shift);
  const uint8x16_t above =
      saturated_positive(even_halves(value[0], value[1]), even_halves(value[2], value[3]));
  return vaddq_s8(vreinterpretq_s8_u8(vminq_u8(above, p.span)), p.low);
}
template <int kRows, bool kLinear>
PINFER_INLINE int8x16_t finish_any(int32x4_t (&value)[4], const Params& p) {
  if (kLinear || p.finish != ConvFinish::any) {
    for (int r = 0; r < kRows; ++r) value[r] = rescale_right(value[r], p);
  } else {
    for (int r = 0; r < kRows; ++r) value[r] = rescale_any(value[r], p);
  }
  const int16x8_t first =
      vqaddq_s16(vcombine_s16(vqmovn_s32(value[0]), vqmovn_s32(value[1])), p.zero);
  const int16x8_t second =
      vqaddq_s16(vcombine_s16(vqmovn_s32(value[2]), vqmovn_s32(value[3])), p.zero);
  const int8x16_t bytes = saturated(first, second);
  if (kLinear) return bytes;
  return vminq_s8(vmaxq_s8(bytes, p.low), p.high);
}

// kFinish: relu, linear, or any for the others.
template <ConvFinish kFinish, int kRows>
PINFER_INLINE void store(const ConvStrip& strip, const Params& p, const Sums<kRows>& sums,
                         int8_t* to) {
  int32x4_t value[4];
  for (int r = 0; r < 4; ++r)
    value[r] = r < kRows ? vaddq_s32(reduce(sums.of[r % kRows]), p.bias) : p.bias;
  const int8x16_t all = kFinish == ConvFinish::relu
                            ? finish_relu<kRows>(value, p)
                            : finish_any<kRows, kFinish == ConvFinish::linear>(value, p);
  if (strip.channels == kQuad) {
    // A quad is not aligned; lane stores need not be.
    const int32x4_t quads = vreinterpretq_s32_s8(all);
    const int64_t stride = strip.output_stride;
    vst1q_lane_s32(reinterpret_cast<int32_t*>(to), quads, 0);
    if (kRows > 1) vst1q_lane_s32(reinterpret_cast<int32_t*>(to + stride), quads, 1);
    if (kRows > 2) vst1q_lane_s32(reinterpret_cast<int32_t*>(to + 2 * stride), quads, 2);
    if (kRows > 3) vst1q_lane_s32(reinterpret_cast<int32_t*>(to + 3 * stride), quads, 3);
  } else {
    int8_t bytes[16];
    vst1q_s8(bytes, all);
    for (int r = 0; r < kRows; ++r, to += strip.output_stride)
      memcpy(to, bytes + kQuad * r, static_cast<size_t>(strip.channels));
  }
}

template <Start kStart, ConvFinish kFinish>
void run_tile(const ConvStrip& given) {
  const ConvStrip strip = given;  // in registers: stores might alias the caller's
  const ConvTile* tile = strip.tile;
  const int8_t* bytes = reinterpret_cast<const int8_t*>(tile);
  const Counts counts = {tile->pairs, tile->blocks, tile->halves};
  const Cursor cursor = {reinterpret_cast<const int32_t*>(bytes + tile->offsets),
                         bytes + tile->weights};
  const Params p = params_of(strip);
  const int8_t* const* pixels = strip.pixels;
  int8_t* to = strip.output;
  int32_t tiles = strip.count / 4, left = strip.count % 4;
  while (tiles > 0) {
    Sums<4> sums;
    multiply_all<kStart>(counts, cursor, pixels, sums);
    store<kFinish>(strip, p, sums, to);
    pixels += 4;
    to += 4 * strip.output_stride;
    if (--tiles > 0 || left < 2) continue;
    // Two or three are left: once more with pixels that are done already.
    tiles = 1;
    pixels -= 4 - left;
    to -= (4 - left) * strip.output_stride;
    left = 0;
  }
  for (; left > 0; --left, ++pixels, to += strip.output_stride) {
    Sums<1> sums;
    multiply_all<kStart>(counts, cursor, pixels, sums);
    store<kFinish>(strip, p, sums, to);
  }
}

template <Start kStart>
void run_start(const ConvStrip& strip) noexcept {
  if (strip.tile->finish == ConvFinish::relu) return run_tile<kStart, ConvFinish::relu>(strip);
  if (strip.tile->finish == ConvFinish::linear) return run_tile<kStart, ConvFinish::linear>(strip);
  run_tile<kStart, ConvFinish::any>(strip);
}
void run_strip(const ConvStrip& strip) noexcept {
  if (strip.tile->pairs > 0) return run_start<Start::pair>(strip);
  if (strip.tile->blocks > 0) return run_start<Start::block>(strip);
  run_start<Start::half>(strip);
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

extern const ConvKernel conv_s8_4x4__neon;
const ConvKernel conv_s8_4x4__neon{
    "conv_s8_4x4__neon",
    isa::neon,
    MacTypes::s8,
    suits,
    run,
    {packed_bytes, pack, scratch_bytes, arrange_units, arrange, {8, 16}, 14 << 10}};

}  // namespace pinfer
