// SPDX-License-Identifier: Apache-2.0
// From 32 to 16 and 8 bits, two vectors at once. Included by the neon*.cc files only, after
// <arm_neon.h>; local to each of them.
#pragma once

namespace pinfer {
namespace {

// The lower halves, of numbers that fit them.
[[gnu::always_inline]] inline int16x8_t even_halves(int32x4_t a, int32x4_t b) noexcept {
#if defined(__aarch64__)
  return vuzp1q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
#else
  return vcombine_s16(vmovn_s32(a), vmovn_s32(b));
#endif
}

[[gnu::always_inline]] inline int8x16_t saturated(int16x8_t first, int16x8_t second) noexcept {
#if defined(__aarch64__)
  return vqmovn_high_s16(vqmovn_s16(first), second);
#else
  return vcombine_s8(vqmovn_s16(first), vqmovn_s16(second));
#endif
}

// Negative numbers become 0.
[[gnu::always_inline]] inline uint8x16_t saturated_positive(int16x8_t first,
                                                            int16x8_t second) noexcept {
#if defined(__aarch64__)
  return vqmovun_high_s16(vqmovun_s16(first), second);
#else
  return vcombine_u8(vqmovun_s16(first), vqmovun_s16(second));
#endif
}

}  // namespace
}  // namespace pinfer
