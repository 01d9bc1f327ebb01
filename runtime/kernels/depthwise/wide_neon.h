// SPDX-License-Identifier: Apache-2.0
// WideWeights: 3 x 3 weights beyond int8, in vectors of NEON. Included by the neon*.cc files only,
// after <arm_neon.h>; all of it is local to each of them.
#pragma once

#include "runtime/kernels/depthwise/finish_neon.h"

namespace pinfer {
namespace {

// See slide.h. Everything as int16, products in 32 bits.
class WideWeights {
 public:
  template <int kIn>
  struct Column {
    int16x8_t row[kIn];
  };

  explicit WideWeights(const PackedGroup& group) noexcept {
    const auto* from = reinterpret_cast<const int16_t*>(&group + 1);
    for (int i = 0; i < 9; ++i) tap_[i] = vld1q_s16(from + 8 * i);
  }
  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> load(const int8_t* const (&row)[kIn],
                                                 ptrdiff_t at) noexcept {
    Column<kIn> c;
    for (int i = 0; i < kIn; ++i) c.row[i] = vmovl_s8(vld1_s8(row[i] + at));
    return c;
  }
  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> fill(int32_t zero) noexcept {
    Column<kIn> c;
    for (int i = 0; i < kIn; ++i) c.row[i] = vdupq_n_s16(static_cast<int16_t>(zero));
    return c;
  }
  template <int kFirst, class C>
  [[gnu::always_inline]] Sums sum(Sums total, const C& a, const C& b, const C& c) const noexcept {
    total = add(total, a.row[kFirst], tap_[0]);
    total = add(total, b.row[kFirst], tap_[1]);
    total = add(total, c.row[kFirst], tap_[2]);
    total = add(total, a.row[kFirst + 1], tap_[3]);
    total = add(total, b.row[kFirst + 1], tap_[4]);
    total = add(total, c.row[kFirst + 1], tap_[5]);
    total = add(total, a.row[kFirst + 2], tap_[6]);
    total = add(total, b.row[kFirst + 2], tap_[7]);
    return add(total, c.row[kFirst + 2], tap_[8]);
  }

 private:
  [[gnu::always_inline]] static Sums add(Sums to, int16x8_t x, int16x8_t w) noexcept {
    const int32x4_t low = vmlal_s16(to.low, vget_low_s16(x), vget_low_s16(w));
#if defined(__aarch64__)
    return {low, vmlal_high_s16(to.high, x, w)};
#else
    return {low, vmlal_s16(to.high, vget_high_s16(x), vget_high_s16(w))};
#endif
  }

  int16x8_t tap_[9];
};

}  // namespace
}  // namespace pinfer
