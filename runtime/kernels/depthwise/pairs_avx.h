// SPDX-License-Identifier: Apache-2.0
// PairWeights: 3 x 3 weights in pairs of rows, for slide.h. A 32-bit lane holds two rows of one
// channel as int16; multiply_add() of the ISA takes both. Included by the avx*.cc files only, after
// <immintrin.h>; all of it is local to each of them.
#pragma once

#include "runtime/kernels/depthwise/finish_avx.h"

namespace pinfer {
namespace {

[[gnu::always_inline]] inline __m256i words(const int8_t* from) noexcept {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

// Pairs of 16 channels, in the order of the group.
[[gnu::always_inline]] inline Sums paired(__m256i first, __m256i second) noexcept {
  return {_mm256_unpacklo_epi16(first, second), _mm256_unpackhi_epi16(first, second)};
}

// MultiplyAdd::add(sum, x, w): sum + both products of each lane.
template <class MultiplyAdd>
class PairWeights {
 public:
  // Rows 0 and 1, 2 and 3, 4 and whatever.
  template <int kIn>
  struct Column {
    Sums pairs[(kIn + 1) / 2];
  };

  explicit PairWeights(const PackedGroup& group) noexcept
      : from_(reinterpret_cast<const int16_t*>(&group + 1)) {}

  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> load(const int8_t* const (&row)[kIn],
                                                 ptrdiff_t at) noexcept {
    Column<kIn> c;
    c.pairs[0] = paired(words(row[0] + at), words(row[1] + at));
    const __m256i third = words(row[2] + at);
    c.pairs[1] = paired(third, kIn == 3 ? third : words(row[kIn == 3 ? 2 : 3] + at));
    if constexpr (kIn == 5) {
      const __m256i last = words(row[4] + at);
      c.pairs[2] = paired(last, last);
    }
    return c;
  }
  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> fill(int32_t zero) noexcept {
    const __m256i v = _mm256_set1_epi16(static_cast<int16_t>(zero));
    Column<kIn> c;
    for (Sums& pair : c.pairs) pair = {v, v};
    return c;
  }
  // The second row of output has pairs of its own at stride 2, weights of its own at stride 1.
  template <int kFirst, class C>
  [[gnu::always_inline]] Sums sum(Sums total, const C& a, const C& b, const C& c) const noexcept {
    constexpr int kPair = kFirst == 2 ? 1 : 0;
    const int16_t* w = from_ + (kFirst == 1 ? 6 * 32 : 0);
    total = add(add(total, a.pairs[kPair], w), a.pairs[kPair + 1], w + 32);
    total = add(add(total, b.pairs[kPair], w + 64), b.pairs[kPair + 1], w + 96);
    return add(add(total, c.pairs[kPair], w + 128), c.pairs[kPair + 1], w + 160);
  }

 private:
  [[gnu::always_inline]] static Sums add(Sums to, const Sums& x, const int16_t* w) noexcept {
    return {MultiplyAdd::add(to.low, x.low, load256(w)),
            MultiplyAdd::add(to.high, x.high, load256(w + 16))};
  }

  const int16_t* from_;
};

}  // namespace
}  // namespace pinfer
