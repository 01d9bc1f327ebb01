// SPDX-License-Identifier: Apache-2.0
// Colour to interleaved colour, 12 values (4 pixels) at a time; 64-bit ARM (divisions, rounding to
// nearest with halves away from zero, and table look-ups of 16 bytes are not in ARMv7).
#include "runtime/kernels/picture/picture.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>
#endif

namespace pinfer {

extern const PictureKernel picture_rgb__neon;

#if defined(__aarch64__)
namespace {

enum class Form { plain, scaled_s8, scaled_u8, scaled_f32 };

constexpr int32_t kTile = 12;

template <bool near>
inline uint8x16_t window(const uint8_t* row, const int32_t* offsets) {
  if constexpr (near) return vld1q_u8(row + offsets[0]);
  return vcombine_u8(vld1_u8(row + offsets[0]), vld1_u8(row + offsets[1]));
}

inline float32x4_t blend_columns(uint8x16_t bytes, uint8x16_t lower, uint8x16_t upper,
                                 float32x4_t fraction) {
  const uint32x4_t l = vreinterpretq_u32_u8(vqtbl1q_u8(bytes, lower));
  const uint32x4_t u = vreinterpretq_u32_u8(vqtbl1q_u8(bytes, upper));
  const float32x4_t step = vcvtq_f32_s32(vreinterpretq_s32_u32(vsubq_u32(u, l)));
  return vaddq_f32(vcvtq_f32_u32(l), vmulq_f32(step, fraction));
}

template <bool near>
inline float32x4_t blend(const PictureArgs& args, int32_t quad, float32x4_t fy) {
  const PictureTable& t = args.table;
  const int32_t* offsets = t.offsets + quad * (near ? 1 : 2);
  const uint8x16_t lower = vld1q_u8(t.lower + quad * 16), upper = vld1q_u8(t.upper + quad * 16);
  const float32x4_t fx = vld1q_f32(t.fractions + quad * 4);
  const float32x4_t above = blend_columns(window<near>(args.top, offsets), lower, upper, fx);
  const float32x4_t below = blend_columns(window<near>(args.bottom, offsets), lower, upper, fx);
  return vaddq_f32(above, vmulq_f32(vsubq_f32(below, above), fy));
}

// 12 bytes.
inline void store(uint8x16_t bytes, uint8_t* out) {
  vst1_u8(out, vget_low_u8(bytes));
  const uint32_t rest = vgetq_lane_u32(vreinterpretq_u32_u8(bytes), 2);
  memcpy(out + 8, &rest, sizeof rest);
}

// Values 0..255 as they are: `flip` makes int8 of them.
inline uint8x16_t plain_bytes(const float32x4_t (&v)[3], uint8x16_t flip) {
  uint16x8_t q[3];
  for (int k = 0; k < 3; ++k) q[k] = vreinterpretq_u16_s32(vcvtaq_s32_f32(v[k]));
  const uint16x8_t first = vuzp1q_u16(q[0], q[1]), rest = vuzp1q_u16(q[2], q[2]);
  return veorq_u8(vuzp1q_u8(vreinterpretq_u8_u16(first), vreinterpretq_u8_u16(rest)), flip);
}

template <Form form>
inline uint8x16_t scaled_bytes(const float32x4_t (&v)[3], float32x4_t scale, int32x4_t zero) {
  int32x4_t q[3];
  for (int k = 0; k < 3; ++k) q[k] = vqaddq_s32(vcvtaq_s32_f32(vdivq_f32(v[k], scale)), zero);
  const int16x8_t first = vqmovn_high_s32(vqmovn_s32(q[0]), q[1]);
  const int16x8_t rest = vcombine_s16(vqmovn_s32(q[2]), vdup_n_s16(0));
  if constexpr (form == Form::scaled_s8)
    return vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(first), rest));
  return vqmovun_high_s16(vqmovun_s16(first), rest);
}

template <bool near, Form form>
void row(const PictureArgs& args) noexcept {
  const float32x4_t fy = vdupq_n_f32(args.fraction), scale = vdupq_n_f32(args.scale);
  const int32x4_t zero = vdupq_n_s32(args.zero);
  const uint8x16_t flip = vdupq_n_u8(args.shape.dtype == DType::i8 ? 0x80 : 0);
  const int32_t values = args.width * 3;
  constexpr size_t kBytes = form == Form::scaled_f32 ? sizeof(float) : 1;
  auto* out = static_cast<uint8_t*>(args.out);
  uint8_t last[kTile * kBytes];
  for (int32_t i = 0; i < values; i += kTile, out += kTile * kBytes) {
    uint8_t* to = i + kTile <= values ? out : last;
    float32x4_t v[3];
    for (int k = 0; k < 3; ++k) v[k] = blend<near>(args, i / 4 + k, fy);
    if constexpr (form == Form::plain) {
      store(plain_bytes(v, flip), to);
      continue;
    }
    for (int k = 0; k < 3; ++k)
      v[k] = vdivq_f32(vsubq_f32(v[k], vld1q_f32(args.mean + 4 * k)), vld1q_f32(args.std + 4 * k));
    if constexpr (form == Form::scaled_f32) {
      for (int k = 0; k < 3; ++k) vst1q_u8(to + 16 * k, vreinterpretq_u8_f32(v[k]));
    } else {
      store(scaled_bytes<form>(v, scale, zero), to);
    }
  }
  const int32_t rest = values % kTile;
  if (rest != 0) memcpy(out - kTile * kBytes, last, static_cast<size_t>(rest) * kBytes);
}

template <bool near>
void any_form(const PictureArgs& args) noexcept {
  if (args.shape.dtype == DType::f32) return row<near, Form::scaled_f32>(args);
  if (args.shape.plain) return row<near, Form::plain>(args);
  if (args.shape.dtype == DType::i8) return row<near, Form::scaled_s8>(args);
  return row<near, Form::scaled_u8>(args);
}

void rgb(const PictureArgs& args) noexcept {
  return args.table.near ? any_form<true>(args) : any_form<false>(args);
}

bool suits(const PictureShape& shape) {
  return shape.source_channels == 3 && shape.channels == 3 && shape.interleaved &&
         shape.dtype != DType::i16 && shape.row_bytes >= 16;
}

}  // namespace

const PictureKernel picture_rgb__neon{"picture_rgb__neon", isa::neon, true, suits, rgb};

#else

namespace {
bool suits_nothing(const PictureShape&) { return false; }
void nothing(const PictureArgs&) noexcept {}
}  // namespace

const PictureKernel picture_rgb__neon{"picture_rgb__neon", isa::neon, true, suits_nothing, nothing};

#endif

}  // namespace pinfer
