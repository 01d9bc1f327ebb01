// SPDX-License-Identifier: Apache-2.0
// From 32-bit sums of one group to int8, in vectors of NEON. Included by the neon*.cc files only,
// after <arm_neon.h>; all of it is local to each of them.
#pragma once

#include "runtime/kernels/depthwise/layout.h"
#include "runtime/kernels/narrow_neon.h"

namespace pinfer {
namespace {

using PackedGroup = DepthwiseGroup8;

// The sums of eight channels.
struct Sums {
  int32x4_t low, high;
};

// What one group and the step say about results; kept in registers.
template <int kFinish>
struct Finish {
  Sums bias, mantissa, right;
  const int32_t* left;
  int16x8_t zero;
  int8x16_t low, high;

  Finish(const PackedGroup& group, const DepthwiseArgs& args) noexcept
      : bias{vld1q_s32(group.scale.bias), vld1q_s32(group.scale.bias + 4)},
        mantissa{vld1q_s32(group.scale.mantissa), vld1q_s32(group.scale.mantissa + 4)},
        right{vld1q_s32(group.scale.right), vld1q_s32(group.scale.right + 4)},
        left(group.scale.left),
        zero(vdupq_n_s16(static_cast<int16_t>(args.output_zero))),
        low(vdupq_n_s8(static_cast<int8_t>(args.clamp.low))),
        high(vdupq_n_s8(static_cast<int8_t>(
            kFinish == kFinishRelu ? args.clamp.high - args.clamp.low : args.clamp.high))) {}

  // Rounded twice, still without the zero point. Halves go away from zero: vrshl rounds them up, so
  // negative values lose one first. kFinishRelu does not care: it clamps what is negative.
  [[gnu::always_inline]] int16x8_t scale(Sums v) const noexcept {
    if constexpr (kFinish == kFinishAny) {
      v.low = scale_any(v.low, mantissa.low, right.low, vld1q_s32(left));
      v.high = scale_any(v.high, mantissa.high, right.high, vld1q_s32(left + 4));
      return vcombine_s16(vqmovn_s32(v.low), vqmovn_s32(v.high));
    }
    v.low = vqrdmulhq_s32(v.low, mantissa.low);
    v.high = vqrdmulhq_s32(v.high, mantissa.high);
    if constexpr (kFinish == kFinishRight) {
      v.low = vsraq_n_s32(v.low, v.low, 31);
      v.high = vsraq_n_s32(v.high, v.high, 31);
    }
    return even_halves(vrshlq_s32(v.low, right.low), vrshlq_s32(v.high, right.high));
  }

  // Two results of scale() with zero point and clamp.
  [[gnu::always_inline]] int8x16_t place(int16x8_t first, int16x8_t second) const noexcept {
    if constexpr (kFinish == kFinishRelu) {
      const uint8x16_t top = vreinterpretq_u8_s8(high);
      const uint8x16_t above = vminq_u8(saturated_positive(first, second), top);
      return vaddq_s8(vreinterpretq_s8_u8(above), low);
    }
    const int8x16_t all = saturated(vqaddq_s16(first, zero), vqaddq_s16(second, zero));
    return vminq_s8(vmaxq_s8(all, low), high);
  }
  [[gnu::always_inline]] int8x8_t place(int16x8_t one) const noexcept {
    if constexpr (kFinish == kFinishRelu) {
      const uint8x8_t top = vreinterpret_u8_s8(vget_low_s8(high));
      const uint8x8_t above = vmin_u8(vqmovun_s16(one), top);
      return vadd_s8(vreinterpret_s8_u8(above), vget_low_s8(low));
    }
    const int8x8_t all = vqmovn_s16(vqaddq_s16(one, zero));
    return vmin_s8(vmax_s8(all, vget_low_s8(low)), vget_low_s8(high));
  }

  // Results of one pixel, or of two in rows of output below each other.
  [[gnu::always_inline]] void store(int8_t* out, int16x8_t one) const noexcept {
    vst1_s8(out, place(one));
  }
  [[gnu::always_inline]] void store(int8_t* out, ptrdiff_t row, int16x8_t first,
                                    int16x8_t second) const noexcept {
    const int8x16_t both = place(first, second);
    vst1_s8(out, vget_low_s8(both));
    vst1_s8(out + row, vget_high_s8(both));
  }

 private:
  [[gnu::always_inline]] static int32x4_t scale_any(int32x4_t v, int32x4_t by, int32x4_t to_right,
                                                    int32x4_t to_left) noexcept {
    v = vqrdmulhq_s32(vshlq_s32(v, to_left), by);
    const int32x4_t nudge = vshrq_n_s32(vandq_s32(v, to_right), 31);  // only where it shifts
    return vrshlq_s32(vqaddq_s32(v, nudge), to_right);
  }
};

}  // namespace
}  // namespace pinfer
