// SPDX-License-Identifier: Apache-2.0
// Colour to interleaved colour, 24 values (8 pixels) at a time.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/picture/picture.h"

namespace pinfer {
namespace {

enum class Form { plain, scaled_s8, scaled_u8, scaled_f32 };

constexpr int32_t kTile = 24;

inline __m128i load16(const uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
inline __m256i load32(const uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline __m128i load8_and_8(const uint8_t* a, const uint8_t* b) {
  const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(a));
  return _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(low), reinterpret_cast<const __m64*>(b)));
}

// The bytes of two quads.
template <bool near>
inline __m256i window(const uint8_t* row, const int32_t* at) {
  const __m128i low = near ? load16(row + at[0]) : load8_and_8(row + at[0], row + at[1]);
  const __m128i high = near ? load16(row + at[1]) : load8_and_8(row + at[2], row + at[3]);
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

inline __m256 blend_columns(__m256i bytes, __m256i lower, __m256i upper, __m256 fraction) {
  const __m256i l = _mm256_shuffle_epi8(bytes, lower), u = _mm256_shuffle_epi8(bytes, upper);
  const __m256 step = _mm256_cvtepi32_ps(_mm256_sub_epi32(u, l));
  return _mm256_add_ps(_mm256_cvtepi32_ps(l), _mm256_mul_ps(step, fraction));
}

template <bool near>
inline __m256 blend(const PictureArgs& args, int32_t quad, __m256 fy) {
  const PictureTable& t = args.table;
  const int32_t* at = t.offsets + quad * (near ? 1 : 2);
  const __m256i lower = load32(t.lower + quad * 16), upper = load32(t.upper + quad * 16);
  const __m256 fx = _mm256_loadu_ps(t.fractions + quad * 4);
  const __m256 above = blend_columns(window<near>(args.top, at), lower, upper, fx);
  const __m256 below = blend_columns(window<near>(args.bottom, at), lower, upper, fx);
  return _mm256_add_ps(above, _mm256_mul_ps(_mm256_sub_ps(below, above), fy));
}

// To nearest, halves away from zero: the largest float below 0.5, with the sign of the value, is
// added and the sum cut. Exact below 2^23.
inline __m256i rounded(__m256 value) {
  const __m256 sign = _mm256_and_ps(value, _mm256_set1_ps(-0.0f));
  const __m256 half = _mm256_or_ps(sign, _mm256_set1_ps(0.49999997f));
  return _mm256_cvttps_epi32(_mm256_add_ps(value, half));
}

// Saturates; 24 bytes in order, then 8 more.
template <Form form>
inline __m256i packed(const __m256i (&q)[3]) {
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const __m256i first = _mm256_packs_epi32(q[0], q[1]), rest = _mm256_packs_epi32(q[2], q[2]);
  const __m256i bytes =
      form == Form::scaled_s8 ? _mm256_packs_epi16(first, rest) : _mm256_packus_epi16(first, rest);
  return _mm256_permutevar8x32_epi32(bytes, order);
}

inline void store(__m256i bytes, uint8_t* out) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(bytes));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out + 16), _mm256_extracti128_si256(bytes, 1));
}

inline __m256i clamped_and_rounded(__m256 value, __m256i zero) {
  const __m256 low = _mm256_set1_ps(-1e6f), high = _mm256_set1_ps(1e6f);
  return _mm256_add_epi32(rounded(_mm256_min_ps(_mm256_max_ps(value, low), high)), zero);
}

template <bool near, Form form>
void row(const PictureArgs& args) noexcept {
  const __m256 fy = _mm256_set1_ps(args.fraction), scale = _mm256_set1_ps(args.scale);
  const __m256i zero = _mm256_set1_epi32(args.zero);
  const __m256i flip = _mm256_set1_epi8(args.shape.dtype == DType::i8 ? -128 : 0);
  const int32_t values = args.width * 3;
  constexpr size_t kBytes = form == Form::scaled_f32 ? sizeof(float) : 1;
  auto* out = static_cast<uint8_t*>(args.out);
  uint8_t last[kTile * kBytes];
  for (int32_t i = 0; i < values; i += kTile, out += kTile * kBytes) {
    uint8_t* to = i + kTile <= values ? out : last;
    __m256i q[3];
    for (int32_t k = 0; k < 3; ++k) {
      __m256 v = blend<near>(args, i / 4 + 2 * k, fy);
      if constexpr (form == Form::plain) {  // never negative
        q[k] = _mm256_cvttps_epi32(_mm256_add_ps(v, _mm256_set1_ps(0.49999997f)));
        continue;
      }
      v = _mm256_div_ps(_mm256_sub_ps(v, _mm256_loadu_ps(args.mean + 8 * k)),
                        _mm256_loadu_ps(args.std + 8 * k));
      if constexpr (form == Form::scaled_f32)
        _mm256_storeu_ps(reinterpret_cast<float*>(to) + 8 * k, v);
      else
        q[k] = clamped_and_rounded(_mm256_div_ps(v, scale), zero);
    }
    if constexpr (form == Form::plain) store(_mm256_xor_si256(packed<form>(q), flip), to);
    if constexpr (form == Form::scaled_s8 || form == Form::scaled_u8) store(packed<form>(q), to);
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

extern const PictureKernel picture_rgb__avx2;
const PictureKernel picture_rgb__avx2{"picture_rgb__avx2", isa::avx2, true, suits, rgb};

}  // namespace pinfer
