// SPDX-License-Identifier: Apache-2.0
// Colour to interleaved colour, 48 values (16 pixels) at a time.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/picture/picture.h"

namespace pinfer {
namespace {

enum class Form { plain, scaled_s8, scaled_u8, scaled_f32 };

constexpr int32_t kTile = 48;

inline __m128i load16(const uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
inline __m128i load8_and_8(const uint8_t* a, const uint8_t* b) {
  const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(a));
  return _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(low), reinterpret_cast<const __m64*>(b)));
}

// The bytes of quad k.
template <bool near>
inline __m128i quad_bytes(const uint8_t* row, const int32_t* at, int32_t k) {
  return near ? load16(row + at[k]) : load8_and_8(row + at[2 * k], row + at[2 * k + 1]);
}

// The bytes of four quads.
template <bool near>
inline __m512i window(const uint8_t* row, const int32_t* at) {
  __m512i bytes = _mm512_castsi128_si512(quad_bytes<near>(row, at, 0));
  bytes = _mm512_inserti32x4(bytes, quad_bytes<near>(row, at, 1), 1);
  bytes = _mm512_inserti32x4(bytes, quad_bytes<near>(row, at, 2), 2);
  return _mm512_inserti32x4(bytes, quad_bytes<near>(row, at, 3), 3);
}

inline __m512 blend_columns(__m512i bytes, __m512i lower, __m512i upper, __m512 fraction) {
  const __m512i l = _mm512_shuffle_epi8(bytes, lower), u = _mm512_shuffle_epi8(bytes, upper);
  const __m512 step = _mm512_cvtepi32_ps(_mm512_sub_epi32(u, l));
  return _mm512_add_ps(_mm512_cvtepi32_ps(l), _mm512_mul_ps(step, fraction));
}

template <bool near>
inline __m512 blend(const PictureArgs& args, int32_t quad, __m512 fy) {
  const PictureTable& t = args.table;
  const int32_t* at = t.offsets + quad * (near ? 1 : 2);
  const __m512i lower = _mm512_loadu_si512(t.lower + quad * 16);
  const __m512i upper = _mm512_loadu_si512(t.upper + quad * 16);
  const __m512 fx = _mm512_loadu_ps(t.fractions + quad * 4);
  const __m512 above = blend_columns(window<near>(args.top, at), lower, upper, fx);
  const __m512 below = blend_columns(window<near>(args.bottom, at), lower, upper, fx);
  return _mm512_add_ps(above, _mm512_mul_ps(_mm512_sub_ps(below, above), fy));
}

// To nearest, halves away from zero: the largest float below 0.5, with the sign of the value, is
// added and the sum cut. Exact below 2^23.
inline __m512i rounded(__m512 value) {
  const __m512i sign = _mm512_and_si512(_mm512_castps_si512(value), _mm512_set1_epi32(INT32_MIN));
  const __m512i half = _mm512_castps_si512(_mm512_set1_ps(0.49999997f));
  const __m512 nudge = _mm512_castsi512_ps(_mm512_or_si512(half, sign));
  return _mm512_cvttps_epi32(_mm512_add_ps(value, nudge));
}

inline __m512i clamped_and_rounded(__m512 value, __m512i zero) {
  const __m512 low = _mm512_set1_ps(-1e6f), high = _mm512_set1_ps(1e6f);
  return _mm512_add_epi32(rounded(_mm512_min_ps(_mm512_max_ps(value, low), high)), zero);
}

template <Form form>
inline __m128i quantized(__m512 value, const PictureArgs& args) {
  if constexpr (form == Form::plain) {  // never negative
    const __m512 nudged = _mm512_add_ps(value, _mm512_set1_ps(0.49999997f));
    const __m128i flip = _mm_set1_epi8(args.shape.dtype == DType::i8 ? -128 : 0);
    return _mm_xor_si128(_mm512_cvtusepi32_epi8(_mm512_cvttps_epi32(nudged)), flip);
  }
  const __m512 scaled = _mm512_div_ps(value, _mm512_set1_ps(args.scale));
  const __m512i q = clamped_and_rounded(scaled, _mm512_set1_epi32(args.zero));
  if constexpr (form == Form::scaled_s8) return _mm512_cvtsepi32_epi8(q);
  return _mm512_cvtusepi32_epi8(_mm512_max_epi32(q, _mm512_setzero_si512()));
}

template <bool near, Form form>
void row(const PictureArgs& args) noexcept {
  const __m512 fy = _mm512_set1_ps(args.fraction);
  const int32_t values = args.width * 3;
  constexpr size_t kBytes = form == Form::scaled_f32 ? sizeof(float) : 1;
  auto* out = static_cast<uint8_t*>(args.out);
  uint8_t last[kTile * kBytes];
  for (int32_t i = 0; i < values; i += kTile, out += kTile * kBytes) {
    uint8_t* to = i + kTile <= values ? out : last;
    for (int32_t k = 0; k < 3; ++k, to += 16 * kBytes) {
      __m512 v = blend<near>(args, i / 4 + 4 * k, fy);
      if constexpr (form != Form::plain)
        v = _mm512_div_ps(_mm512_sub_ps(v, _mm512_loadu_ps(args.mean + 16 * k)),
                          _mm512_loadu_ps(args.std + 16 * k));
      if constexpr (form == Form::scaled_f32)
        _mm512_storeu_ps(to, v);
      else
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), quantized<form>(v, args));
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

extern const PictureKernel picture_rgb__avx512vnni;
const PictureKernel picture_rgb__avx512vnni{"picture_rgb__avx512vnni", isa::avx512vnni, true, suits,
                                            rgb};

}  // namespace pinfer
