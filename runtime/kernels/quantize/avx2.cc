// SPDX-License-Identifier: Apache-2.0
// AVX2 variants: between float and bytes, 8 at a time. Per-channel scales stay with the judge.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/quantize/quantize.h"

namespace pinfer {

void quantize_f32_s8__scalar(const QuantizeArgs& args) noexcept;
void quantize_f32_u8__scalar(const QuantizeArgs& args) noexcept;
void quantize_s8_f32__scalar(const QuantizeArgs& args) noexcept;
void quantize_u8_f32__scalar(const QuantizeArgs& args) noexcept;

namespace {

constexpr int kStep = 8;
using Args = QuantizeArgs;

// x / scale, rounded to nearest with halves away from zero, within +-1000; NaN gives 0. What is cut
// off at 1000 is far outside the range of bytes, whatever the zero point.
__m256i rounded(__m256 x, __m256 scale) {
  const __m256 sign = _mm256_set1_ps(-0.0f), limit = _mm256_set1_ps(1000.0f);
  const __m256 quotient = _mm256_div_ps(x, scale);
  const __m256 known = _mm256_cmp_ps(quotient, quotient, _CMP_ORD_Q);
  const __m256 size = _mm256_min_ps(_mm256_andnot_ps(sign, quotient), limit);
  __m256 whole = _mm256_floor_ps(size);
  const __m256 up = _mm256_cmp_ps(_mm256_sub_ps(size, whole), _mm256_set1_ps(0.5f), _CMP_GE_OQ);
  whole = _mm256_add_ps(whole, _mm256_and_ps(up, _mm256_set1_ps(1.0f)));
  whole = _mm256_or_ps(whole, _mm256_and_ps(sign, quotient));
  return _mm256_cvttps_epi32(_mm256_and_ps(whole, known));
}

template <bool is_signed>
void quantize_eight(const float* in, uint8_t* out, __m256 scale, __m256i zero) {
  const __m256i q = _mm256_add_epi32(rounded(_mm256_loadu_ps(in), scale), zero);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
  const __m128i bytes = is_signed ? _mm_packs_epi16(words, words) : _mm_packus_epi16(words, words);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), bytes);
}

template <bool is_signed>
void dequantize_eight(const uint8_t* in, float* out, __m256 scale, __m256i zero) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(in));
  const __m256i q = is_signed ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes);
  _mm256_storeu_ps(out, _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(q, zero)), scale));
}

template <class From, class To>
using Eight = void (*)(const From* in, To* out, __m256 scale, __m256i zero);

template <class From, class To, Eight<From, To> eight>
void run(const Args& args) {
  const From* in = static_cast<const From*>(args.in) + args.begin;
  To* out = static_cast<To*>(args.out) + args.begin;
  const __m256 scale = _mm256_set1_ps(args.scale);
  const __m256i zero = _mm256_set1_epi32(args.zero);
  int64_t left = args.end - args.begin;
  for (; left >= kStep; left -= kStep, in += kStep, out += kStep) eight(in, out, scale, zero);
  if (left <= 0) return;
  From from[kStep] = {};
  To to[kStep];
  memcpy(from, in, static_cast<size_t>(left) * sizeof(From));
  eight(from, to, scale, zero);
  memcpy(out, to, static_cast<size_t>(left) * sizeof(To));
}

}  // namespace

void quantize_f32_s8__avx2(const Args& args) noexcept {
  if (args.scales != nullptr) return quantize_f32_s8__scalar(args);
  run<float, uint8_t, quantize_eight<true>>(args);
}
void quantize_f32_u8__avx2(const Args& args) noexcept {
  if (args.scales != nullptr) return quantize_f32_u8__scalar(args);
  run<float, uint8_t, quantize_eight<false>>(args);
}
void quantize_s8_f32__avx2(const Args& args) noexcept {
  if (args.scales != nullptr) return quantize_s8_f32__scalar(args);
  run<uint8_t, float, dequantize_eight<true>>(args);
}
void quantize_u8_f32__avx2(const Args& args) noexcept {
  if (args.scales != nullptr) return quantize_u8_f32__scalar(args);
  run<uint8_t, float, dequantize_eight<false>>(args);
}

}  // namespace pinfer
