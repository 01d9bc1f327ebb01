// SPDX-License-Identifier: Apache-2.0
// From 32-bit sums of a group of sixteen to int8, in vectors of AVX2. Included by the avx*.cc files
// only, after <immintrin.h>; all of it is local to each of them.
#pragma once

#include "runtime/kernels/depthwise/pack_avx.h"

namespace pinfer {
namespace {

using PackedGroup = DepthwiseGroup16;

// The sums of sixteen channels, in the order of the group.
struct Sums {
  __m256i low, high;
};

[[gnu::always_inline]] inline __m256i load256(const void* from) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

// value * multiplier, rounded twice: as `multiply` of arithmetic.h.
inline int32_t scaled_any(int32_t value, Multiplier multiplier) noexcept {
  const int left = multiplier.shift > 0 ? multiplier.shift : 0;
  const int right = multiplier.shift > 0 ? 0 : -multiplier.shift;
  const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(value) << left);
  const int64_t product = static_cast<int64_t>(shifted) * multiplier.mantissa;
  const int64_t high = (product + (int64_t{1} << 30)) >> 31;
  if (right == 0) return static_cast<int32_t>(high);
  const int64_t half = (int64_t{1} << (right - 1)) - (high < 0 ? 1 : 0);
  return static_cast<int32_t>((high + half) >> right);
}

// Of kFinishAny, for eight channels: shifts of the sums to the left, which are one place higher
// than those of the multipliers; and 2^31 where negative sums lose that much: where there is a
// second rounding, the shift to the right.
struct AnyShifts {
  __m256i left, even_sign, odd_sign;

  explicit AnyShifts(const int8_t* shift) noexcept {
    const __m256i by =
        _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(shift)));
    const __m256i sign = _mm256_slli_epi32(_mm256_srai_epi32(by, 31), 31);
    left = _mm256_max_epi32(_mm256_add_epi32(by, _mm256_set1_epi32(1)), _mm256_setzero_si256());
    even_sign = _mm256_srli_epi64(_mm256_slli_epi64(sign, 32), 32);
    odd_sign = _mm256_srli_epi64(sign, 32);
  }
};
struct NoShifts {
  explicit NoShifts(const int8_t*) noexcept {}
};
template <int kFinish>
struct ShiftsOf {
  using Type = NoShifts;
};
template <>
struct ShiftsOf<kFinishAny> {
  using Type = AnyShifts;
};

template <int kFinish>
struct Finish {
  using Shifts = typename ShiftsOf<kFinish>::Type;

  Sums bias;
  const PackedGroup& group;
  Shifts low, high;
  __m256i zero;
  __m128i least, most;

  Finish(const PackedGroup& packed, const DepthwiseArgs& args) noexcept
      : bias{load256(packed.bias), load256(packed.bias + 8)},
        group(packed),
        low(packed.shift),
        high(packed.shift + 8),
        zero(_mm256_set1_epi32(args.output_zero)),
        least(_mm_set1_epi8(static_cast<char>(args.clamp.low))),
        most(_mm_set1_epi8(static_cast<char>(args.clamp.high))) {}

  // Results with their zero point, as int16 in the order of channels.
  [[gnu::always_inline]] __m256i scale(Sums v) const noexcept {
    if constexpr (kFinish == kFinishAny) {
      if (group.fits == 0) return scale_one_by_one(v);
      v.low = _mm256_sllv_epi32(v.low, low.left);
      v.high = _mm256_sllv_epi32(v.high, high.left);
    }
    return _mm256_packs_epi32(scale(v.low, group.scale[0], low),
                              scale(v.high, group.scale[1], high));
  }

  // Results of one pixel, or of two in rows of output below each other.
  [[gnu::always_inline]] void store(int8_t* out, __m256i one) const noexcept {
    const __m128i bytes =
        _mm_packs_epi16(_mm256_castsi256_si128(one), _mm256_extracti128_si256(one, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), clamped(bytes));
  }
  [[gnu::always_inline]] void store(int8_t* out, ptrdiff_t row, __m256i first,
                                    __m256i second) const noexcept {
    store(out, first);
    store(out + row, second);
  }

 private:
  [[gnu::always_inline]] __m128i clamped(__m128i bytes) const noexcept {
    return _mm_min_epi8(_mm_max_epi8(bytes, least), most);
  }
  [[gnu::noinline]] __m256i scale_one_by_one(Sums v) const noexcept {
    alignas(32) int32_t all[16];
    _mm256_store_si256(reinterpret_cast<__m256i*>(all), v.low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(all + 8), v.high);
    for (int i = 0; i < 16; ++i) {
      const int32_t value =
          scaled_any(all[i], {group.scale[i / 8].mantissa[i % 8], group.shift[i]});
      all[i] = value < -32000 ? -32000 : value > 32000 ? 32000 : value;
    }
    return _mm256_packs_epi32(_mm256_add_epi32(load256(all), zero),
                              _mm256_add_epi32(load256(all + 8), zero));
  }
  // See DepthwiseScale64. Halves go away from zero: negative sums lose one of the product's last
  // place, which is 2^31, the sign of the sum where it lies in 64 bits. kFinishRelu does not care.
  [[gnu::always_inline]] static __m256i scale(__m256i v, const DepthwiseScale64& by,
                                              const Shifts& shifts) noexcept {
    const __m256i odd = _mm256_srli_epi64(v, 32);
    __m256i even_product = _mm256_mul_epi32(v, load256(by.mantissa));
    __m256i odd_product = _mm256_mul_epi32(odd, load256(by.mantissa + 1));
    if constexpr (kFinish == kFinishAny) {
      even_product = _mm256_sub_epi64(even_product, _mm256_and_si256(v, shifts.even_sign));
      odd_product = _mm256_sub_epi64(odd_product, _mm256_and_si256(odd, shifts.odd_sign));
    } else if constexpr (kFinish == kFinishRight) {
      const __m256i sign = _mm256_set1_epi64x(int64_t{1} << 31);
      even_product = _mm256_sub_epi64(even_product, _mm256_and_si256(v, sign));
      odd_product = _mm256_sub_epi64(odd_product, _mm256_and_si256(odd, sign));
    }
    even_product = _mm256_add_epi64(even_product, load256(by.nudge[0]));
    odd_product = _mm256_add_epi64(odd_product, load256(by.nudge[1]));
    const __m256i shifted =
        _mm256_blend_epi32(_mm256_srlv_epi64(even_product, load256(by.shift[0])),
                           _mm256_srlv_epi64(odd_product, load256(by.shift[1])), 0xaa);
    return _mm256_add_epi32(shifted, load256(by.place));
  }
};

}  // namespace
}  // namespace pinfer
