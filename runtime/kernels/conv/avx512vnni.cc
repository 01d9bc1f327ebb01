// SPDX-License-Identifier: Apache-2.0
// The conv family with dot products (VPDPBUSD): 6 pixels x 64 channels, 12 pixels where the tile is
// half as wide or less.
//
// The instruction multiplies unsigned by signed bytes: activations get 128 added (their top bit
// flipped) as they are broadcast, and the packing takes their zero point as 128 higher.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/conv/tiles.h"

namespace pinfer {
namespace {

constexpr ConvTiling kTiling = {.rows = 6,
                                .channels = 64,
                                .narrowest = 16,
                                .k_step = 4,
                                .k_group = 4,
                                .weight_limit = 128,
                                .pair_limit = 0};

#define PINFER_INLINE static inline __attribute__((always_inline))

// Sums of `kRows` pixels x 16 * kQuads channels.
template <int kRows, int kQuads>
struct Sums {
  __m512i of[kRows][kQuads];
};

// How 16 channels are brought back to bytes, in 64-bit lanes: [0] even channels, [1] odd ones.
struct Scale {
  __m512i mantissa[2], round[2], shift[2];
};

struct Params {
  const int8_t* weights;
  const int32_t *bias, *offsets;
  bool fast;  // see fast_scale
  Scale scale[4];
  __m512i low, high;
  __mmask64 written;  // of the bytes of a pixel
  int32_t zero;
};

// (sum * mantissa) with both roundings of multiply() in one step: the one of the product adds 2^30,
// the one of the shift 2^(30 + right), less 2^31 for negative values (halves go away from zero),
// and the output's zero point comes along. 64 bits hold that for right shifts of 1 to 24.
PINFER_INLINE bool fast_scale(const int32_t* mantissa, const int32_t* shift, int32_t zero,
                              Scale& scale) {
  const __m512i one = _mm512_set1_epi32(1), m = _mm512_loadu_si512(mantissa);
  __m512i right = _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_loadu_si512(shift));
  right = _mm512_mask_mov_epi32(one, _mm512_test_epi32_mask(m, m), right);  // 0: any shift does
  const __mmask16 slow =
      _mm512_cmpgt_epi32_mask(right, _mm512_set1_epi32(24)) | _mm512_cmplt_epi32_mask(right, one);
  const __m512i both[2] = {right, _mm512_srli_epi64(right, 32)};
  scale.mantissa[0] = m;
  scale.mantissa[1] = _mm512_srli_epi64(m, 32);
  const __m512i first = _mm512_set1_epi64(1ll << 30);
  for (int i = 0; i < 2; ++i) {
    const __m512i count = _mm512_and_si512(both[i], _mm512_set1_epi64(0xff));
    scale.shift[i] = _mm512_add_epi64(count, _mm512_set1_epi64(31));
    scale.round[i] = _mm512_add_epi64(_mm512_add_epi64(first, _mm512_sllv_epi64(first, count)),
                                      _mm512_sllv_epi64(_mm512_set1_epi64(zero), scale.shift[i]));
  }
  return slow == 0;
}

PINFER_INLINE void params_of(const ConvStrip& strip, Params& p) {
  const ConvTile* tile = strip.tile;
  const int8_t* bytes = reinterpret_cast<const int8_t*>(tile);
  p.weights = bytes + tile->weights;
  p.bias = reinterpret_cast<const int32_t*>(bytes + kConvTileParams);
  p.offsets = reinterpret_cast<const int32_t*>(bytes + tile->offsets);
  const int32_t *mantissa = p.bias + tile->width, *shift = mantissa + tile->width;
  p.fast = true;
  for (int32_t c = 0; c < tile->width; c += 16)
    p.fast &= fast_scale(mantissa + c, shift + c, strip.output_zero, p.scale[c / 16]);
  p.low = _mm512_set1_epi8((char)strip.clamp.low);
  p.high = _mm512_set1_epi8((char)strip.clamp.high);
  p.written = ~0ull >> (64 - strip.channels);
  p.zero = strip.output_zero;
}

// 4 taps of each pixel.
template <int kRows, int kQuads>
PINFER_INLINE const int8_t* quad(Sums<kRows, kQuads>& sums, const int8_t* const* at, int64_t offset,
                                 const int8_t* weights) {
  __m512i w[kQuads];
  for (int q = 0; q < kQuads; ++q) w[q] = _mm512_loadu_si512(weights + 64 * q);
  for (int r = 0; r < kRows; ++r) {
    int32_t four;
    memcpy(&four, at[r] + offset, sizeof(four));
    const __m512i x = _mm512_xor_si512(_mm512_set1_epi32(four), _mm512_set1_epi8((char)0x80));
    for (int q = 0; q < kQuads; ++q) sums.of[r][q] = _mm512_dpbusd_epi32(sums.of[r][q], x, w[q]);
  }
  weights += 64 * kQuads;
  // Keeps the compiler from loading the next weights ahead, which would spill sums.
  asm volatile("" : "+r"(weights));
  return weights;
}

template <int kRows, int kQuads>
PINFER_INLINE void multiply_all(const ConvTile* tile, const Params& p, const int8_t* const* pixels,
                                Sums<kRows, kQuads>& sums) {
  const int8_t* at[kRows];
  for (int r = 0; r < kRows; ++r) at[r] = pixels[r];
  for (int q = 0; q < kQuads; ++q)
    for (int r = 0; r < kRows; ++r) sums.of[r][q] = _mm512_loadu_si512(p.bias + 16 * q);
  const int32_t* offsets = p.offsets;
  const int8_t* w = p.weights;
  for (int32_t n = tile->blocks; n > 0; --n) {
    const int64_t offset = *offsets++;
    w = quad(sums, at, offset, w);
    w = quad(sums, at, offset + 4, w);
    w = quad(sums, at, offset + 8, w);
    w = quad(sums, at, offset + 12, w);
  }
  for (int32_t n = tile->halves; n > 0; --n) {
    const int64_t offset = *offsets++;
    w = quad(sums, at, offset, w);
    w = quad(sums, at, offset + 4, w);
  }
  for (int32_t n = tile->quarters; n > 0; --n) w = quad(sums, at, *offsets++, w);
}

// zero + multiply(sum), where fast_scale() says so.
PINFER_INLINE __m512i rescale_fast(__m512i sum, const Scale& scale) {
  __m512i half[2] = {sum, _mm512_srli_epi64(sum, 32)};
  for (int i = 0; i < 2; ++i) {
    const __m512i product = _mm512_mul_epi32(half[i], scale.mantissa[i]);
    const __mmask8 negative = _mm512_cmplt_epi64_mask(product, _mm512_setzero_si512());
    const __m512i near = _mm512_add_epi64(product, scale.round[i]);
    half[i] = _mm512_srav_epi64(
        _mm512_mask_sub_epi64(near, negative, near, _mm512_set1_epi64(1ll << 31)), scale.shift[i]);
  }
  return _mm512_mask_shuffle_epi32(half[0], 0xaaaa, half[1], (_MM_PERM_ENUM)0xa0);
}

// The same for any shift: -31 to 30.
PINFER_INLINE __m512i rescale(__m512i sum, const int32_t* mantissa, const int32_t* shift,
                              int32_t zero) {
  const __m512i none = _mm512_setzero_si512(), given = _mm512_loadu_si512(shift);
  const __m512i left = _mm512_max_epi32(given, none);
  const __m512i right = _mm512_max_epi32(_mm512_sub_epi32(none, given), none);
  const __m512i shifted = _mm512_sllv_epi32(sum, left), m = _mm512_loadu_si512(mantissa);
  __m512i half[2];
  for (int i = 0; i < 2; ++i) {
    const unsigned move = i == 0 ? 0u : 32u;
    const __m512i product =
        _mm512_mul_epi32(_mm512_srli_epi64(shifted, move), _mm512_srli_epi64(m, move));
    const __m512i high =
        _mm512_srai_epi64(_mm512_add_epi64(product, _mm512_set1_epi64(1ll << 30)), 31);
    const __m512i count = _mm512_and_si512(_mm512_srli_epi64(right, move), _mm512_set1_epi64(0xff));
    const __mmask8 rounds = _mm512_test_epi64_mask(count, count);
    // 2^(count - 1), one less for negative values; 0 where nothing is shifted out.
    const __m512i nudge =
        _mm512_add_epi64(_mm512_srli_epi64(_mm512_sllv_epi64(_mm512_set1_epi64(1), count), 1),
                         _mm512_maskz_srai_epi64(rounds, high, 63));
    half[i] = _mm512_srav_epi64(_mm512_add_epi64(high, nudge), count);
    half[i] = _mm512_add_epi64(half[i], _mm512_set1_epi64(zero));
    half[i] = _mm512_max_epi64(half[i], _mm512_set1_epi64(-128));
    half[i] = _mm512_min_epi64(half[i], _mm512_set1_epi64(127));
  }
  return _mm512_mask_shuffle_epi32(half[0], 0xaaaa, half[1], (_MM_PERM_ENUM)0xa0);
}

// Four times 16 values as 64 bytes within the clamp.
PINFER_INLINE __m512i narrow(const Params& p, __m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i lanes = _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_min_epi8(_mm512_max_epi8(_mm512_permutexvar_epi32(order, lanes), p.low), p.high);
}

template <bool kFast, int kRows, int kQuads>
PINFER_INLINE void store(const ConvStrip& strip, const Params& p, Sums<kRows, kQuads>& sums,
                         int8_t* to) {
  const int32_t* mantissa = p.bias + strip.tile->width;
  // Channel by channel, so that their constants are loaded once. All loops over sums must be
  // unrolled to keep them in registers, more often than the compiler would by itself.
#pragma GCC unroll 24
  for (int i = 0; i < kRows * kQuads; ++i) {
    const int r = i % kRows, q = i / kRows;
    const int32_t* m = mantissa + 16 * q;
    sums.of[r][q] = kFast ? rescale_fast(sums.of[r][q], p.scale[q])
                          : rescale(sums.of[r][q], m, m + strip.tile->width, p.zero);
  }
  constexpr int kTogether = kQuads == 1 ? 4 : kQuads == 2 ? 2 : 1;  // pixels in 64 bytes
#pragma GCC unroll 12
  for (int r = 0; r < kRows; r += kTogether) {
    __m512i part[4];
    for (int i = 0; i < 4; ++i) {
      const int row = r + i / kQuads % kTogether;
      part[i] = sums.of[row < kRows ? row : r][i % kQuads];
    }
    const __m512i bytes = narrow(p, part[0], part[1], part[2], part[3]);
    _mm512_mask_storeu_epi8(to, p.written, bytes);
    to += strip.output_stride;
    if (kTogether == 2 && r + 1 < kRows) {
      _mm256_mask_storeu_epi8(to, (__mmask32)p.written, _mm512_extracti64x4_epi64(bytes, 1));
      to += strip.output_stride;
    }
    if (kTogether == 4) {
      const __mmask16 written = (__mmask16)p.written;
      if (r + 1 < kRows) _mm_mask_storeu_epi8(to, written, _mm512_extracti32x4_epi32(bytes, 1));
      if (r + 2 < kRows)
        _mm_mask_storeu_epi8(to + strip.output_stride, written,
                             _mm512_extracti32x4_epi32(bytes, 2));
      if (r + 3 < kRows)
        _mm_mask_storeu_epi8(to + 2 * strip.output_stride, written,
                             _mm512_extracti32x4_epi32(bytes, 3));
      to += 3 * strip.output_stride;
    }
  }
}

template <bool kFast, int kRows, int kQuads>
PINFER_INLINE void run_rows(const ConvStrip& strip, const Params& p, int32_t first) {
  Sums<kRows, kQuads> sums;
  multiply_all(strip.tile, p, strip.pixels + first, sums);
  store<kFast>(strip, p, sums, strip.output + first * strip.output_stride);
}

template <int kRows, int kQuads>
void run_tile(const ConvStrip& strip) {
  Params p;
  params_of(strip, p);
  int32_t first = 0;
  if (!p.fast) {
    for (; first < strip.count; ++first) run_rows<false, 1, kQuads>(strip, p, first);
    return;
  }
  constexpr int kSome = kRows / 2;
  for (; first + kRows <= strip.count; first += kRows)
    run_rows<true, kRows, kQuads>(strip, p, first);
  for (; first + kSome <= strip.count; first += kSome)
    run_rows<true, kSome, kQuads>(strip, p, first);
  for (; first < strip.count; ++first) run_rows<true, 1, kQuads>(strip, p, first);
}

void run_strip(const ConvStrip& strip) noexcept {
  switch (strip.tile->width) {
    case 16:
      return run_tile<12, 1>(strip);
    case 32:
      return run_tile<12, 2>(strip);
    case 48:
      return run_tile<6, 3>(strip);
    default:
      return run_tile<6, 4>(strip);
  }
}

bool suits(const ConvShape& shape) { return conv_tiles_suit(shape, kTiling); }
void run(const ConvArgs& args, const MacBlock& block) noexcept {
  run_conv_tiles(args, block, kTiling, run_strip);
}
size_t packed_bytes(const ConvArgs& args) noexcept { return conv_tiles_bytes(args, kTiling); }
void pack(const ConvArgs& args, std::byte* packed) noexcept {
  ConvArgs higher = args;
  higher.input_zero += 128;
  pack_conv_tiles(higher, kTiling, packed);
}
size_t scratch_bytes(const ConvArgs& args) noexcept { return conv_tiles_scratch(args, kTiling); }
int64_t arrange_units(const ConvArgs& args) noexcept { return conv_tiles_rows(args, kTiling); }
void arrange(const ConvArgs& args, int64_t begin, int64_t end) noexcept {
  arrange_conv_tiles(args, kTiling, begin, end);
}

}  // namespace

extern const ConvKernel conv_s8_6x64__avx512vnni;
const ConvKernel conv_s8_6x64__avx512vnni{
    "conv_s8_6x64__avx512vnni",
    isa::avx512vnni,
    MacTypes::s8,
    suits,
    run,
    {packed_bytes, pack, scratch_bytes, arrange_units, arrange, {6, 64, 384 << 10}, 40 << 10}};

}  // namespace pinfer
