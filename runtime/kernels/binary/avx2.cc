// SPDX-License-Identifier: Apache-2.0
// AVX2 variants: sums, differences and products of quantized bytes, 16 at a time. They take the
// multipliers that converters write (operands raised by 20 bits, no shift to the left), for which
// nothing leaves 30 bits; others are left to the judge.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/binary/binary.h"

namespace pinfer {

void binary_add_quant_s8__scalar(const BinaryArgs& args) noexcept;
void binary_add_quant_u8__scalar(const BinaryArgs& args) noexcept;
void binary_sub_quant_s8__scalar(const BinaryArgs& args) noexcept;
void binary_sub_quant_u8__scalar(const BinaryArgs& args) noexcept;
void binary_mul_quant_s8__scalar(const BinaryArgs& args) noexcept;
void binary_mul_quant_u8__scalar(const BinaryArgs& args) noexcept;

namespace {

constexpr int kStep = 16;
using Args = BinaryArgs;

struct S8 {
  static __m256i widen(__m128i x) { return _mm256_cvtepi8_epi16(x); }
  static __m128i all(uint8_t byte) { return _mm_set1_epi8(static_cast<char>(byte)); }
  static __m128i narrow(__m128i low, __m128i high) { return _mm_packs_epi16(low, high); }
  static __m128i clamp(__m128i x, __m128i low, __m128i high) {
    return _mm_min_epi8(_mm_max_epi8(x, low), high);
  }
};

struct U8 {
  static __m256i widen(__m128i x) { return _mm256_cvtepu8_epi16(x); }
  static __m128i all(uint8_t byte) { return _mm_set1_epi8(static_cast<char>(byte)); }
  static __m128i narrow(__m128i low, __m128i high) { return _mm_packus_epi16(low, high); }
  static __m128i clamp(__m128i x, __m128i low, __m128i high) {
    return _mm_min_epu8(_mm_max_epu8(x, low), high);
  }
};

// Multipliers without a shift to the left. `fix` has all bits set where there is a right shift:
// then negative numbers lose 1 before they are rounded, so that halves go away from zero.
struct Scale {
  __m256i mantissa, half, fix;
  __m128i right;
  explicit Scale(Multiplier m)
      : mantissa(_mm256_set1_epi32(m.mantissa)),
        half(_mm256_set1_epi32(m.shift < 0 ? static_cast<int32_t>(1u << (-m.shift - 1)) : 0)),
        fix(_mm256_set1_epi32(m.shift < 0 ? -1 : 0)),
        right(_mm_cvtsi32_si128(-m.shift)) {}

  // High half of 2 * x * mantissa, rounded: the even lanes, then the odd ones.
  __m256i doubling_high(__m256i x) const {
    const __m256i nudge = _mm256_set1_epi64x(int64_t{1} << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, mantissa), nudge);
    const __m256i odd =
        _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), mantissa), nudge);
    return _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
  }
  __m256i times(__m256i x) const {
    x = doubling_high(x);
    x = _mm256_add_epi32(x, _mm256_and_si256(_mm256_srai_epi32(x, 31), fix));
    return _mm256_sra_epi32(_mm256_add_epi32(x, half), right);
  }
};

template <bool subtract>
struct Sum {
  Scale a_scale, b_scale, out_scale;
  explicit Sum(const BinaryParams& p)
      : a_scale(p.a_scale), b_scale(p.b_scale), out_scale(p.out_scale) {}
  __m256i eight(__m128i a, __m128i b) const {
    const __m256i x = a_scale.times(_mm256_slli_epi32(_mm256_cvtepi16_epi32(a), 20));
    const __m256i y = b_scale.times(_mm256_slli_epi32(_mm256_cvtepi16_epi32(b), 20));
    return out_scale.times(subtract ? _mm256_sub_epi32(x, y) : _mm256_add_epi32(x, y));
  }
  static bool does(const BinaryParams& p) {
    return p.left_shift == 20 && p.a_scale.shift <= 0 && p.b_scale.shift <= 0 &&
           p.out_scale.shift <= 0;
  }
};

struct Product {
  Scale out_scale;
  explicit Product(const BinaryParams& p) : out_scale(p.out_scale) {}
  __m256i eight(__m128i a, __m128i b) const {
    return out_scale.times(_mm256_mullo_epi32(_mm256_cvtepi16_epi32(a), _mm256_cvtepi16_epi32(b)));
  }
  static bool does(const BinaryParams& p) { return p.out_scale.shift <= 0; }
};

template <class Type, class Path>
struct Bytes {
  const Path path;
  const __m256i a_zero, b_zero, out_zero;
  const __m128i low, high;
  explicit Bytes(const BinaryParams& p)
      : path(p),
        a_zero(_mm256_set1_epi16(static_cast<int16_t>(p.a_zero))),
        b_zero(_mm256_set1_epi16(static_cast<int16_t>(p.b_zero))),
        out_zero(_mm256_set1_epi16(static_cast<int16_t>(p.out_zero))),
        low(Type::all(static_cast<uint8_t>(p.clamp.low))),
        high(Type::all(static_cast<uint8_t>(p.clamp.high))) {}

  __m128i sixteen(__m128i a, __m128i b) const {
    const __m256i x = _mm256_sub_epi16(Type::widen(a), a_zero);
    const __m256i y = _mm256_sub_epi16(Type::widen(b), b_zero);
    const __m256i first = path.eight(_mm256_castsi256_si128(x), _mm256_castsi256_si128(y));
    const __m256i second =
        path.eight(_mm256_extracti128_si256(x, 1), _mm256_extracti128_si256(y, 1));
    const __m256i mixed = _mm256_adds_epi16(_mm256_packs_epi32(first, second), out_zero);
    const __m256i words = _mm256_permute4x64_epi64(mixed, 0xd8);
    return Type::clamp(
        Type::narrow(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)), low, high);
  }

  void run(const BinaryRow& row) const {
    const auto* a = static_cast<const uint8_t*>(row.a);
    const auto* b = static_cast<const uint8_t*>(row.b);
    auto* out = static_cast<uint8_t*>(row.out);
    const __m128i all_a = Type::all(*a), all_b = Type::all(*b);
    int64_t i = 0;
    for (; i + kStep <= row.count; i += kStep) {
      const __m128i x = row.repeat_a ? all_a : load(a + i);
      store(out + i, sixteen(x, row.repeat_b ? all_b : load(b + i)));
    }
    if (i == row.count) return;
    const auto rest = static_cast<size_t>(row.count - i);
    uint8_t at_a[kStep] = {}, at_b[kStep] = {}, result[kStep];
    memcpy(at_a, row.repeat_a ? a : a + i, row.repeat_a ? 1 : rest);
    memcpy(at_b, row.repeat_b ? b : b + i, row.repeat_b ? 1 : rest);
    store(result, sixteen(row.repeat_a ? all_a : load(at_a), row.repeat_b ? all_b : load(at_b)));
    memcpy(out + i, result, rest);
  }
  static __m128i load(const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  static void store(uint8_t* to, __m128i x) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), x); }
};

template <class Type, class Path>
void run_row(const BinaryParams& params, const BinaryRow& row) noexcept {
  Bytes<Type, Path>(params).run(row);
}

template <class Type, class Path>
void run(const Args& args, void (*judge)(const Args&) noexcept) {
  if (!Path::does(args.params)) return judge(args);
  for_each_binary_row(args, 1, run_row<Type, Path>);
}

}  // namespace

void binary_add_quant_s8__avx2(const Args& args) noexcept {
  run<S8, Sum<false>>(args, binary_add_quant_s8__scalar);
}
void binary_add_quant_u8__avx2(const Args& args) noexcept {
  run<U8, Sum<false>>(args, binary_add_quant_u8__scalar);
}
void binary_sub_quant_s8__avx2(const Args& args) noexcept {
  run<S8, Sum<true>>(args, binary_sub_quant_s8__scalar);
}
void binary_sub_quant_u8__avx2(const Args& args) noexcept {
  run<U8, Sum<true>>(args, binary_sub_quant_u8__scalar);
}
void binary_mul_quant_s8__avx2(const Args& args) noexcept {
  run<S8, Product>(args, binary_mul_quant_s8__scalar);
}
void binary_mul_quant_u8__avx2(const Args& args) noexcept {
  run<U8, Product>(args, binary_mul_quant_u8__scalar);
}

}  // namespace pinfer
