// SPDX-License-Identifier: Apache-2.0
// AVX2 variants of the 8-bit softmax: exponentials come from the table, their products with the
// reciprocal are made 8 at a time.
#include <immintrin.h>
#include <stdint.h>

#include "runtime/kernels/softmax/softmax.h"

namespace pinfer {
namespace {

constexpr int kStep = 8;

// uint8 as it is, int8 with its sign bit turned over: the same order, and differences stay.
template <bool is_signed>
uint32_t at(const uint8_t* x) {
  return *x ^ (is_signed ? 0x80u : 0u);
}

// exps * mantissa * 2^-right for 8 numbers of at least 0. Both shifts round to nearest.
__m256i products(__m256i exps, __m256i mantissa, __m256i half, __m128i right) {
  const __m256i nudge = _mm256_set1_epi64x(int64_t{1} << 30);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(exps, mantissa), nudge);
  const __m256i odd =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(exps, 32), mantissa), nudge);
  const __m256i high =
      _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
  return _mm256_srl_epi32(_mm256_add_epi32(high, half), right);
}

template <bool is_signed, bool to_words>
void softmax_row(const SoftmaxArgs& args, int64_t row) {
  const uint8_t* x = static_cast<const uint8_t*>(args.in) + row * args.depth;
  uint32_t largest = 0;
  for (int64_t c = 0; c < args.depth; ++c) {
    const uint32_t value = at<is_signed>(x + c);
    largest = value > largest ? value : largest;
  }
  const int32_t* exp = args.exps + (255 - largest);
  const int32_t* share = exp + 256;
  int64_t sum = 0;
  for (int64_t c = 0; c < args.depth; ++c) sum += share[at<is_signed>(x + c)];
  const SoftmaxInverse inverse = softmax_inverse(sum);
  // 15 and more; shifts of 32 and more leave nothing of a positive number.
  const int right = inverse.bits_over_unit + 31 - (to_words ? 16 : 8);
  const __m256i mantissa = _mm256_set1_epi32(inverse.mantissa);
  const __m256i half = _mm256_set1_epi32(right < 32 ? static_cast<int32_t>(1u << (right - 1)) : 0);
  const __m128i shift = _mm_cvtsi32_si128(right);
  const uint32_t most = to_words ? 65535 : 255;
  const uint32_t flip = to_words ? 0x8000 : is_signed ? 0x80 : 0;
  for (int64_t c = 0; c < args.depth; c += kStep) {
    const int64_t count = args.depth - c < kStep ? args.depth - c : kStep;
    alignas(32) int32_t lanes[kStep] = {};
    for (int64_t i = 0; i < count; ++i) lanes[i] = exp[at<is_signed>(x + c + i)];
    auto* vector = reinterpret_cast<__m256i*>(lanes);
    const __m256i value = products(_mm256_load_si256(vector), mantissa, half, shift);
    const __m256i limit = _mm256_set1_epi32(static_cast<int32_t>(most));
    _mm256_store_si256(vector, _mm256_min_epu32(value, limit));
    for (int64_t i = 0; i < count; ++i) {
      const uint32_t result = static_cast<uint32_t>(lanes[i]) ^ flip;
      if constexpr (to_words)
        static_cast<uint16_t*>(args.out)[row * args.depth + c + i] = static_cast<uint16_t>(result);
      else
        static_cast<uint8_t*>(args.out)[row * args.depth + c + i] = static_cast<uint8_t>(result);
    }
  }
}

template <bool is_signed, bool to_words>
void softmax(const SoftmaxArgs& args) {
  if (args.depth == 0) return;
  for (int64_t row = args.begin; row < args.end; ++row) softmax_row<is_signed, to_words>(args, row);
}

using Args = SoftmaxArgs;

}  // namespace

void softmax_s8__avx2(const Args& args) noexcept { softmax<true, false>(args); }
void softmax_u8__avx2(const Args& args) noexcept { softmax<false, false>(args); }
void softmax_s8_s16__avx2(const Args& args) noexcept { softmax<true, true>(args); }
void softmax_u8_s16__avx2(const Args& args) noexcept { softmax<false, true>(args); }

}  // namespace pinfer
