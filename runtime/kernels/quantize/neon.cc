// SPDX-License-Identifier: Apache-2.0
// NEON variants: between float and bytes, 16 at a time. Per-channel scales stay with the judge.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/quantize/quantize.h"

namespace pinfer {

void quantize_f32_s8__scalar(const QuantizeArgs& args) noexcept;
void quantize_f32_u8__scalar(const QuantizeArgs& args) noexcept;
void quantize_s8_f32__scalar(const QuantizeArgs& args) noexcept;
void quantize_u8_f32__scalar(const QuantizeArgs& args) noexcept;

namespace {

constexpr int kStep = 16;
using Args = QuantizeArgs;

#if defined(__aarch64__)

// round(x / scale) + zero as 16 bits, halves away from zero; NaN counts as 0. What does not fit
// is saturated on the way, far outside the range of bytes.
int16x8_t quantized(const float* x, float32x4_t scale, int16x8_t zero) {
  const int32x4_t low = vcvtaq_s32_f32(vdivq_f32(vld1q_f32(x), scale));
  const int32x4_t high = vcvtaq_s32_f32(vdivq_f32(vld1q_f32(x + 4), scale));
  return vqaddq_s16(vqmovn_high_s32(vqmovn_s32(low), high), zero);
}

template <bool is_signed>
uint8x16_t quantized_bytes(const float* x, float32x4_t scale, int16x8_t zero) {
  const int16x8_t low = quantized(x, scale, zero), high = quantized(x + 8, scale, zero);
  if constexpr (is_signed)
    return vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(low), high));
  else
    return vqmovun_high_s16(vqmovun_s16(low), high);
}

template <bool is_signed>
void quantize(const Args& args) {
  const float* in = static_cast<const float*>(args.in) + args.begin;
  uint8_t* out = static_cast<uint8_t*>(args.out) + args.begin;
  const float32x4_t scale = vdupq_n_f32(args.scale);
  const int16x8_t zero = vdupq_n_s16(static_cast<int16_t>(args.zero));
  int64_t left = args.end - args.begin;
  for (; left >= kStep; left -= kStep, in += kStep, out += kStep)
    vst1q_u8(out, quantized_bytes<is_signed>(in, scale, zero));
  if (left <= 0) return;
  float rest[kStep] = {};
  uint8_t bytes[kStep];
  memcpy(rest, in, static_cast<size_t>(left) * sizeof(float));
  vst1q_u8(bytes, quantized_bytes<is_signed>(rest, scale, zero));
  memcpy(out, bytes, static_cast<size_t>(left));
}

// (q - zero) * scale
void store_real(float* out, int16x8_t centred, float32x4_t scale) {
  vst1q_f32(out, vmulq_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(centred))), scale));
  vst1q_f32(out + 4, vmulq_f32(vcvtq_f32_s32(vmovl_high_s16(centred)), scale));
}

template <bool is_signed>
void store_reals(float* out, uint8x16_t q, uint8x16_t zero, float32x4_t scale) {
  if constexpr (is_signed) {
    const int8x16_t x = vreinterpretq_s8_u8(q), z = vreinterpretq_s8_u8(zero);
    store_real(out, vsubl_s8(vget_low_s8(x), vget_low_s8(z)), scale);
    store_real(out + 8, vsubl_high_s8(x, z), scale);
  } else {
    const uint16x8_t low = vsubl_u8(vget_low_u8(q), vget_low_u8(zero));
    store_real(out, vreinterpretq_s16_u16(low), scale);
    store_real(out + 8, vreinterpretq_s16_u16(vsubl_high_u8(q, zero)), scale);
  }
}

template <bool is_signed>
void dequantize(const Args& args) {
  const uint8_t* in = static_cast<const uint8_t*>(args.in) + args.begin;
  float* out = static_cast<float*>(args.out) + args.begin;
  const float32x4_t scale = vdupq_n_f32(args.scale);
  const uint8x16_t zero = vdupq_n_u8(static_cast<uint8_t>(args.zero));
  int64_t left = args.end - args.begin;
  for (; left >= kStep; left -= kStep, in += kStep, out += kStep)
    store_reals<is_signed>(out, vld1q_u8(in), zero, scale);
  if (left <= 0) return;
  uint8_t bytes[kStep] = {};
  float reals[kStep];
  memcpy(bytes, in, static_cast<size_t>(left));
  store_reals<is_signed>(reals, vld1q_u8(bytes), zero, scale);
  memcpy(out, reals, static_cast<size_t>(left) * sizeof(float));
}

#endif

// 32-bit ARM has neither a vector division nor this rounding.
bool is_simple([[maybe_unused]] const Args& args) {
#if defined(__aarch64__)
  return args.scales == nullptr;
#else
  return false;
#endif
}

}  // namespace

void quantize_f32_s8__neon(const Args& args) noexcept {
  if (!is_simple(args)) return quantize_f32_s8__scalar(args);
#if defined(__aarch64__)
  quantize<true>(args);
#endif
}
void quantize_f32_u8__neon(const Args& args) noexcept {
  if (!is_simple(args)) return quantize_f32_u8__scalar(args);
#if defined(__aarch64__)
  quantize<false>(args);
#endif
}
void quantize_s8_f32__neon(const Args& args) noexcept {
  if (!is_simple(args)) return quantize_s8_f32__scalar(args);
#if defined(__aarch64__)
  dequantize<true>(args);
#endif
}
void quantize_u8_f32__neon(const Args& args) noexcept {
  if (!is_simple(args)) return quantize_u8_f32__scalar(args);
#if defined(__aarch64__)
  dequantize<false>(args);
#endif
}

}  // namespace pinfer
