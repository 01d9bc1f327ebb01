// SPDX-License-Identifier: Apache-2.0
// The conv family without dot products of bytes: 4 pixels x 16 channels, pairs of taps widened to
// 16 bits (VPMADDWD), which is exact where VPMADDUBSW would saturate.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/conv/tiles.h"

namespace pinfer {
namespace {

constexpr ConvTiling kTiling = {.rows = 4,
                                .channels = 16,
                                .narrowest = 8,
                                .k_step = 4,
                                .k_group = 2,
                                .weight_limit = 128,
                                .pair_limit = 0};

#define PINFER_INLINE static inline __attribute__((always_inline))

// Sums of `kRows` pixels x 8 * kParts channels.
template <int kRows, int kParts>
struct Sums {
  __m256i of[kRows][kParts];
};

struct Params {
  const int8_t* weights;
  const int32_t *bias, *mantissa, *shift, *offsets;
  __m256i zero;
  __m128i low, high;
};
PINFER_INLINE Params params_of(const ConvStrip& strip) {
  const ConvTile* tile = strip.tile;
  const int8_t* bytes = reinterpret_cast<const int8_t*>(tile);
  Params p;
  p.weights = bytes + tile->weights;
  p.bias = reinterpret_cast<const int32_t*>(bytes + kConvTileParams);
  p.mantissa = p.bias + tile->width;
  p.shift = p.mantissa + tile->width;
  p.offsets = reinterpret_cast<const int32_t*>(bytes + tile->offsets);
  p.zero = _mm256_set1_epi16((short)strip.output_zero);
  p.low = _mm_set1_epi8((char)strip.clamp.low);
  p.high = _mm_set1_epi8((char)strip.clamp.high);
  return p;
}

// Taps 2 * kPair and the next of each pixel; x holds eight taps, in both halves.
template <int kPair, int kRows, int kParts>
PINFER_INLINE const int8_t* pair(Sums<kRows, kParts>& sums, const __m256i (&x)[kRows],
                                 const int8_t* weights) {
  __m256i w[kParts];
  for (int i = 0; i < kParts; ++i)
    w[i] = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i*)(weights + 16 * i)));
  for (int r = 0; r < kRows; ++r) {
    const __m256i both = _mm256_shuffle_epi32(x[r], kPair * 0x55);
    for (int i = 0; i < kParts; ++i)
      sums.of[r][i] = _mm256_add_epi32(sums.of[r][i], _mm256_madd_epi16(both, w[i]));
  }
  weights += 16 * kParts;
  // Keeps the compiler from loading the next weights ahead, which would spill sums.
  asm volatile("" : "+r"(weights));
  return weights;
}

// Eight taps of each pixel.
template <int kRows, int kParts>
PINFER_INLINE const int8_t* eight(Sums<kRows, kParts>& sums, const int8_t* const* at,
                                  int64_t offset, const int8_t* w) {
  __m256i x[kRows];
  for (int r = 0; r < kRows; ++r) {
    int64_t taps;
    memcpy(&taps, at[r] + offset, sizeof(taps));
    x[r] = _mm256_cvtepi8_epi16(_mm_set1_epi64x(taps));
  }
  w = pair<0>(sums, x, w);
  w = pair<1>(sums, x, w);
  w = pair<2>(sums, x, w);
  return pair<3>(sums, x, w);
}

template <int kRows, int kParts>
PINFER_INLINE void multiply_all(const ConvTile* tile, const Params& p, const int8_t* const* pixels,
                                Sums<kRows, kParts>& sums) {
  const int8_t* at[kRows];
  for (int r = 0; r < kRows; ++r) at[r] = pixels[r];
  for (int i = 0; i < kParts; ++i)
    for (int r = 0; r < kRows; ++r)
      sums.of[r][i] = _mm256_loadu_si256((const __m256i*)(p.bias + 8 * i));
  const int32_t* offsets = p.offsets;
  const int8_t* w = p.weights;
  for (int32_t n = tile->blocks; n > 0; --n) {
    const int64_t offset = *offsets++;
    w = eight(sums, at, offset, w);
    w = eight(sums, at, offset + 8, w);
  }
  for (int32_t n = tile->halves; n > 0; --n) w = eight(sums, at, *offsets++, w);
  for (int32_t n = tile->quarters; n > 0; --n) {
    const int64_t offset = *offsets++;
    __m256i x[kRows];
    for (int r = 0; r < kRows; ++r) {
      int32_t taps;
      memcpy(&taps, at[r] + offset, sizeof(taps));
      x[r] = _mm256_cvtepi8_epi16(_mm_set1_epi32(taps));
    }
    w = pair<0>(sums, x, w);
    w = pair<1>(sums, x, w);
  }
}

// multiply() of arithmetic.h. Where something is shifted out, 1 is taken from negative values
// first, which rounds halves away from zero; all but one bit go first, so that the 1 that rounds
// cannot overflow.
PINFER_INLINE __m256i rescale(bool right_only, __m256i sum, const int32_t* mantissa,
                              const int32_t* shift) {
  const __m256i none = _mm256_setzero_si256(), all = _mm256_set1_epi32(-1);
  const __m256i m = _mm256_loadu_si256((const __m256i*)mantissa);
  const __m256i given = _mm256_loadu_si256((const __m256i*)shift);
  if (!right_only) sum = _mm256_sllv_epi32(sum, _mm256_max_epi32(given, none));
  const __m256i half = _mm256_set1_epi64x(1ll << 30);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(sum, m), half);
  const __m256i odd = _mm256_add_epi64(
      _mm256_mul_epi32(_mm256_srli_epi64(sum, 32), _mm256_srli_epi64(m, 32)), half);
  const __m256i high =
      _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_add_epi64(odd, odd), 0xaa);
  const __m256i lower = _mm256_add_epi32(high, _mm256_srai_epi32(high, 31));
  const __m256i count = _mm256_sub_epi32(all, given);  // right shift - 1
  const __m256i twice = _mm256_srav_epi32(lower, count);
  const __m256i rounded = _mm256_srai_epi32(_mm256_sub_epi32(twice, all), 1);
  if (right_only) return rounded;
  return _mm256_blendv_epi8(rounded, high, _mm256_cmpgt_epi32(none, count));
}

// The first `count` bytes, 1 to 16.
PINFER_INLINE void store_bytes(int8_t* to, __m128i bytes, int32_t count) {
  if (count == 16) return _mm_storeu_si128((__m128i*)to, bytes);
  if (count == 8) return _mm_storel_epi64((__m128i*)to, bytes);
  int8_t all[16];
  _mm_storeu_si128((__m128i*)all, bytes);
  memcpy(to, all, (size_t)count);
}

template <bool kRight, int kRows, int kParts>
PINFER_INLINE void store(const ConvStrip& strip, const Params& p, const Sums<kRows, kParts>& sums,
                         int8_t* to) {
  for (int r = 0; r < kRows; ++r) {
    __m256i part[2];
    for (int i = 0; i < 2; ++i)
      part[i] = i < kParts ? rescale(kRight, sums.of[r][i], p.mantissa + 8 * i, p.shift + 8 * i)
                           : part[0];
    const __m256i words = _mm256_adds_epi16(_mm256_packs_epi32(part[0], part[1]), p.zero);
    // Each half of the words holds four channels of both parts.
    const __m256i order = _mm256_permute4x64_epi64(words, 0xd8);
    const __m128i bytes =
        _mm_packs_epi16(_mm256_castsi256_si128(order), _mm256_extracti128_si256(order, 1));
    store_bytes(to, _mm_min_epi8(_mm_max_epi8(bytes, p.low), p.high), strip.channels);
    to += strip.output_stride;
  }
}

template <bool kRight, int kRows, int kParts>
PINFER_INLINE void run_rows(const ConvStrip& strip, const Params& p, int32_t first) {
  Sums<kRows, kParts> sums;
  multiply_all(strip.tile, p, strip.pixels + first, sums);
  store<kRight>(strip, p, sums, strip.output + first * strip.output_stride);
}

template <bool kRight, int kParts>
void run_tile(const ConvStrip& strip) {
  const Params p = params_of(strip);
  int32_t first = 0;
  for (; first + 4 <= strip.count; first += 4) run_rows<kRight, 4, kParts>(strip, p, first);
  for (; first < strip.count; ++first) run_rows<kRight, 1, kParts>(strip, p, first);
}

void run_strip(const ConvStrip& strip) noexcept {
  const bool wide = strip.tile->width == 16;
  if (strip.tile->finish != ConvFinish::any)
    wide ? run_tile<true, 2>(strip) : run_tile<true, 1>(strip);
  else
    wide ? run_tile<false, 2>(strip) : run_tile<false, 1>(strip);
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

extern const ConvKernel conv_s8_4x16__avx2;
const ConvKernel conv_s8_4x16__avx2{
    "conv_s8_4x16__avx2",
    isa::avx2,
    MacTypes::s8,
    suits,
    run,
    {packed_bytes, pack, scratch_bytes, arrange_units, arrange, {4, 16, 192 << 10}, 40 << 10}};

}  // namespace pinfer
