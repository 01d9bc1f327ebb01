// SPDX-License-Identifier: Apache-2.0
// NEON variants: sums, differences and products of quantized bytes, 16 at a time.
//
// add_quant has a fast path for what converters write: both operands are raised by 20 bits, the one
// with the larger scale (`half`) has a multiplier of exactly 1/2, the other (`general`) one of at
// most 1/2, and the sum is shifted right by 17 or more. Then
// - half' << 19 is a widening multiply that adds onto the other operand's 32 bits, and
// - a right shift by 16 + k takes the high halves of two registers before it rounds by k.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/binary/binary.h"

namespace pinfer {
namespace {

constexpr int kStep = 16;  // bytes of one vector

#if defined(__aarch64__)
int32x4_t widen_high_13(int16x8_t x) { return vshll_high_n_s16(x, 13); }
int32x4_t add_product_high(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_high_s16(sum, a, b);
}
int32x4_t product_high(int16x8_t a, int16x8_t b) { return vmull_high_s16(a, b); }
int16x8_t high_halves(int32x4_t a, int32x4_t b) {
  return vuzp2q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
}
int16x8_t narrow(int32x4_t a, int32x4_t b) { return vqmovn_high_s32(vqmovn_s32(a), b); }
#else
int32x4_t widen_high_13(int16x8_t x) { return vshll_n_s16(vget_high_s16(x), 13); }
int32x4_t add_product_high(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_s16(sum, vget_high_s16(a), vget_high_s16(b));
}
int32x4_t product_high(int16x8_t a, int16x8_t b) {
  return vmull_s16(vget_high_s16(a), vget_high_s16(b));
}
int16x8_t high_halves(int32x4_t a, int32x4_t b) {
  return vuzpq_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b)).val[1];
}
int16x8_t narrow(int32x4_t a, int32x4_t b) { return vcombine_s16(vqmovn_s32(a), vqmovn_s32(b)); }
#endif

struct Pair {
  int16x8_t low, high;
};

// What differs between int8 and uint8.
struct S8 {
  using Vector = int8x16_t;
  static int8x16_t load(const uint8_t* from) { return vreinterpretq_s8_u8(vld1q_u8(from)); }
  static int8x16_t all(int32_t value) { return vdupq_n_s8(static_cast<int8_t>(value)); }
  static Pair less(int8x16_t a, int8x16_t zero) {
#if defined(__aarch64__)
    return {vsubl_s8(vget_low_s8(a), vget_low_s8(zero)), vsubl_high_s8(a, zero)};
#else
    return {vsubl_s8(vget_low_s8(a), vget_low_s8(zero)),
            vsubl_s8(vget_high_s8(a), vget_high_s8(zero))};
#endif
  }
  static int8x16_t narrow(Pair x) {
#if defined(__aarch64__)
    return vqmovn_high_s16(vqmovn_s16(x.low), x.high);
#else
    return vcombine_s8(vqmovn_s16(x.low), vqmovn_s16(x.high));
#endif
  }
  static int8x16_t clamp(int8x16_t x, int8x16_t low, int8x16_t high) {
    return vminq_s8(vmaxq_s8(x, low), high);
  }
  static void store(uint8_t* to, int8x16_t x) { vst1q_u8(to, vreinterpretq_u8_s8(x)); }
  static bool whole(const ClampRange& range) { return range.low <= -128 && range.high >= 127; }
};

struct U8 {
  using Vector = uint8x16_t;
  static uint8x16_t load(const uint8_t* from) { return vld1q_u8(from); }
  static uint8x16_t all(int32_t value) { return vdupq_n_u8(static_cast<uint8_t>(value)); }
  static Pair less(uint8x16_t a, uint8x16_t zero) {
#if defined(__aarch64__)
    return {vreinterpretq_s16_u16(vsubl_u8(vget_low_u8(a), vget_low_u8(zero))),
            vreinterpretq_s16_u16(vsubl_high_u8(a, zero))};
#else
    return {vreinterpretq_s16_u16(vsubl_u8(vget_low_u8(a), vget_low_u8(zero))),
            vreinterpretq_s16_u16(vsubl_u8(vget_high_u8(a), vget_high_u8(zero)))};
#endif
  }
  static uint8x16_t narrow(Pair x) {
#if defined(__aarch64__)
    return vqmovun_high_s16(vqmovun_s16(x.low), x.high);
#else
    return vcombine_u8(vqmovun_s16(x.low), vqmovun_s16(x.high));
#endif
  }
  static uint8x16_t clamp(uint8x16_t x, uint8x16_t low, uint8x16_t high) {
    return vminq_u8(vmaxq_u8(x, low), high);
  }
  static void store(uint8_t* to, uint8x16_t x) { vst1q_u8(to, x); }
  static bool whole(const ClampRange& range) { return range.low <= 0 && range.high >= 255; }
};

// Any Multiplier. `fix` has all bits set where there is a right shift: then negative numbers lose 1
// before they are rounded, so that halves go away from zero.
struct Scale {
  int32x4_t mantissa, left, right, fix;
  explicit Scale(Multiplier m)
      : mantissa(vdupq_n_s32(m.mantissa)),
        left(vdupq_n_s32(m.shift > 0 ? m.shift : 0)),
        right(vdupq_n_s32(m.shift > 0 ? 0 : m.shift)),
        fix(vdupq_n_s32(m.shift < 0 ? -1 : 0)) {}
  int32x4_t times(int32x4_t x) const {
    x = vqrdmulhq_s32(vshlq_s32(x, left), mantissa);
    return vrshlq_s32(vsraq_n_s32(x, vandq_s32(x, fix), 31), right);
  }
};

// What a path keeps in registers, and how it makes 8 numbers (still without the zero point of the
// output) of 8 centred pairs. `rectified`: nothing below the zero point is seen, so that it does
// not matter how negative sums are rounded.
template <bool shift_general, bool rectified>
struct FastAdd {
  int32x4_t general_mantissa, general_right, out_mantissa;
  int16x8_t out_right, unit;
  FastAdd(const BinaryParams& p, Multiplier general)
      : general_mantissa(vdupq_n_s32(general.mantissa)),
        general_right(vdupq_n_s32(general.shift)),
        out_mantissa(vdupq_n_s32(p.out_scale.mantissa)),
        out_right(vdupq_n_s16(static_cast<int16_t>(p.out_scale.shift + 16))),
        unit(vdupq_n_s16(1 << 12)) {}

  int32x4_t inner(int32x4_t raised) const {
    const int32x4_t x = vqrdmulhq_s32(raised, general_mantissa);
    if constexpr (!shift_general) return x;
    return vrshlq_s32(vsraq_n_s32(x, x, 31), general_right);
  }
  int32x4_t outer(int32x4_t sum) const {
    const int32x4_t x = vqrdmulhq_s32(sum, out_mantissa);
    return rectified ? x : vsraq_n_s32(x, x, 31);
  }
  int16x8_t combine(int16x8_t half, int16x8_t general) const {
    half = vshlq_n_s16(half, 7);
    general = vshlq_n_s16(general, 7);
    int32x4_t low = inner(vshll_n_s16(vget_low_s16(general), 13));
    int32x4_t high = inner(widen_high_13(general));
    low = outer(vmlal_s16(low, vget_low_s16(half), vget_low_s16(unit)));
    high = outer(add_product_high(high, half, unit));
    return vrshlq_s16(high_halves(low, high), out_right);
  }
};

// Sums and differences with any multipliers.
template <bool subtract>
struct AnySum {
  int32x4_t left_shift;
  Scale a_scale, b_scale, out_scale;
  explicit AnySum(const BinaryParams& p)
      : left_shift(vdupq_n_s32(p.left_shift)),
        a_scale(p.a_scale),
        b_scale(p.b_scale),
        out_scale(p.out_scale) {}
  int32x4_t four(int16x4_t a, int16x4_t b) const {
    const int32x4_t x = a_scale.times(vshlq_s32(vmovl_s16(a), left_shift));
    const int32x4_t y = b_scale.times(vshlq_s32(vmovl_s16(b), left_shift));
    return out_scale.times(subtract ? vsubq_s32(x, y) : vaddq_s32(x, y));
  }
  int16x8_t combine(int16x8_t a, int16x8_t b) const {
    return narrow(four(vget_low_s16(a), vget_low_s16(b)), four(vget_high_s16(a), vget_high_s16(b)));
  }
};

// Products; `plain` when the multiplier only shifts to the right.
template <bool plain>
struct Product {
  Scale out_scale;
  explicit Product(const BinaryParams& p) : out_scale(p.out_scale) {}
  int32x4_t scaled(int32x4_t x) const {
    if constexpr (!plain) return out_scale.times(x);
    x = vqrdmulhq_s32(x, out_scale.mantissa);
    return vrshlq_s32(vsraq_n_s32(x, x, 31), out_scale.right);
  }
  int16x8_t combine(int16x8_t a, int16x8_t b) const {
    return narrow(scaled(vmull_s16(vget_low_s16(a), vget_low_s16(b))), scaled(product_high(a, b)));
  }
};

template <class Type, bool clamped, class Path>
struct Bytes {
  using Vector = typename Type::Vector;
  const Path path;
  const Vector a_zero, b_zero, low, high;
  const int16x8_t out_zero;
  Bytes(const BinaryParams& p, const Path& path_of, int32_t a_zero_point, int32_t b_zero_point)
      : path(path_of),
        a_zero(Type::all(a_zero_point)),
        b_zero(Type::all(b_zero_point)),
        low(Type::all(p.clamp.low)),
        high(Type::all(p.clamp.high)),
        out_zero(vdupq_n_s16(static_cast<int16_t>(p.out_zero))) {}

  Vector sixteen(Vector a, Vector b) const {
    const Pair x = Type::less(a, a_zero), y = Type::less(b, b_zero);
    const Vector result = Type::narrow({vqaddq_s16(path.combine(x.low, y.low), out_zero),
                                        vqaddq_s16(path.combine(x.high, y.high), out_zero)});
    return clamped ? Type::clamp(result, low, high) : result;
  }

  // Operands that repeat are the same vector all along.
  void run(const uint8_t* a, const uint8_t* b, const BinaryRow& row) const {
    auto* out = static_cast<uint8_t*>(row.out);
    int64_t left = row.count;
    if (row.repeat_a || row.repeat_b) {
      const Vector all_a = Type::all(*a), all_b = Type::all(*b);
      for (; left >= kStep; left -= kStep, out += kStep) {
        Type::store(out, sixteen(row.repeat_a ? all_a : Type::load(a),
                                 row.repeat_b ? all_b : Type::load(b)));
        a += row.repeat_a ? 0 : kStep;
        b += row.repeat_b ? 0 : kStep;
      }
    } else {
      for (; left >= kStep; left -= kStep, a += kStep, b += kStep, out += kStep)
        Type::store(out, sixteen(Type::load(a), Type::load(b)));
    }
    if (left > 0) tail(a, b, out, static_cast<size_t>(left), row);
  }

  void tail(const uint8_t* a, const uint8_t* b, uint8_t* out, size_t count,
            const BinaryRow& row) const {
    uint8_t at_a[kStep] = {}, at_b[kStep] = {}, result[kStep];
    if (row.repeat_a)
      memset(at_a, *a, kStep);
    else
      memcpy(at_a, a, count);
    if (row.repeat_b)
      memset(at_b, *b, kStep);
    else
      memcpy(at_b, b, count);
    Type::store(result, sixteen(Type::load(at_a), Type::load(at_b)));
    memcpy(out, result, count);
  }
};

// Both operands in this order, with or without a clamp.
template <class Type, class Path>
void run_path(const BinaryParams& p, const BinaryRow& row, const Path& path) noexcept {
  const auto* a = static_cast<const uint8_t*>(row.a);
  const auto* b = static_cast<const uint8_t*>(row.b);
  if (Type::whole(p.clamp))
    Bytes<Type, false, Path>(p, path, p.a_zero, p.b_zero).run(a, b, row);
  else
    Bytes<Type, true, Path>(p, path, p.a_zero, p.b_zero).run(a, b, row);
}

bool is_half(const Multiplier& m) { return m.mantissa == 1 << 30 && m.shift == 0; }

// add(a, b) where b is the general operand; false when this path does not do.
template <class Type>
bool fast_add(const BinaryParams& p, const BinaryRow& row) noexcept {
  if (p.left_shift != 20 || !is_half(p.a_scale) || p.b_scale.shift > 0 || p.out_scale.shift > -17)
    return false;
  const bool rectified = p.clamp.low == p.out_zero;
  if (p.b_scale.shift == 0 && rectified)
    run_path<Type>(p, row, FastAdd<false, true>(p, p.b_scale));
  else if (p.b_scale.shift == 0)
    run_path<Type>(p, row, FastAdd<false, false>(p, p.b_scale));
  else if (rectified)
    run_path<Type>(p, row, FastAdd<true, true>(p, p.b_scale));
  else
    run_path<Type>(p, row, FastAdd<true, false>(p, p.b_scale));
  return true;
}

template <class Type>
void add_row(const BinaryParams& p, const BinaryRow& row) noexcept {
  if (fast_add<Type>(p, row)) return;
  BinaryParams swapped = p;
  swapped.a_zero = p.b_zero;
  swapped.b_zero = p.a_zero;
  swapped.a_scale = p.b_scale;
  swapped.b_scale = p.a_scale;
  BinaryRow other = row;
  other.a = row.b;
  other.b = row.a;
  other.repeat_a = row.repeat_b;
  other.repeat_b = row.repeat_a;
  if (fast_add<Type>(swapped, other)) return;
  run_path<Type>(p, row, AnySum<false>(p));
}

template <class Type>
void sub_row(const BinaryParams& p, const BinaryRow& row) noexcept {
  run_path<Type>(p, row, AnySum<true>(p));
}

template <class Type>
void mul_row(const BinaryParams& p, const BinaryRow& row) noexcept {
  if (p.out_scale.shift < 0)
    run_path<Type>(p, row, Product<true>(p));
  else
    run_path<Type>(p, row, Product<false>(p));
}

using Args = BinaryArgs;

}  // namespace

void binary_add_quant_s8__neon(const Args& args) noexcept {
  for_each_binary_row(args, 1, add_row<S8>);
}
void binary_add_quant_u8__neon(const Args& args) noexcept {
  for_each_binary_row(args, 1, add_row<U8>);
}
void binary_sub_quant_s8__neon(const Args& args) noexcept {
  for_each_binary_row(args, 1, sub_row<S8>);
}
void binary_sub_quant_u8__neon(const Args& args) noexcept {
  for_each_binary_row(args, 1, sub_row<U8>);
}
void binary_mul_quant_s8__neon(const Args& args) noexcept {
  for_each_binary_row(args, 1, mul_row<S8>);
}
void binary_mul_quant_u8__neon(const Args& args) noexcept {
  for_each_binary_row(args, 1, mul_row<U8>);
}

}  // namespace pinfer
