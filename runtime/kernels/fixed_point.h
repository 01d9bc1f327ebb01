// SPDX-License-Identifier: Apache-2.0
// Fixed-point functions of the reference arithmetic, on top of arithmetic.h.
//
// "Qn" is a 32-bit number with a sign bit, n integer bits and 31 - n fractional bits; Q0 spans
// [-1, 1). Products of Qa and Qb are Q(a+b), rounded to nearest (doubling_high_mul).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "runtime/kernels/arithmetic.h"

namespace pinfer {

inline constexpr std::int32_t kQ0One = std::numeric_limits<std::int32_t>::max();

// value + offset kept within `range`; cannot overflow.
constexpr std::int32_t clamped_sum(std::int32_t value, std::int32_t offset,
                                   ClampRange range) noexcept {
  const std::int64_t sum = static_cast<std::int64_t>(value) + offset;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(sum, range.low, range.high));
}

// value * 2^exponent: saturating to the left, rounding to nearest to the right.
constexpr std::int32_t scale_by_power(std::int32_t value, int exponent) noexcept {
  if (exponent <= -32) return 0;
  if (exponent <= 0) return rounding_shift_right(value, -exponent);
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
  const std::int64_t shifted =
      static_cast<std::int64_t>(value) * (std::int64_t{1} << std::min(exponent, 31));
  return static_cast<std::int32_t>(std::clamp(shifted, kMin, kMax));
}

// a + b with wrap-around, as the reference's registers do.
constexpr std::int32_t wrapping_add(std::int32_t a, std::int32_t b) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

// (a + b) / 2, halves away from zero.
constexpr std::int32_t rounding_half_sum(std::int32_t a, std::int32_t b) noexcept {
  const std::int64_t sum = static_cast<std::int64_t>(a) + b;
  return static_cast<std::int32_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
}

// exp(x) in Q0 for x in [-1/4, 0) in Q0: a Taylor series around -1/8.
constexpr std::int32_t exp_near_zero(std::int32_t x) noexcept {
  constexpr std::int32_t kExpOfMinusEighth = 1895147668;
  constexpr std::int32_t kThird = 715827883;
  const std::int32_t t = wrapping_add(x, 1 << 28);
  const std::int32_t t2 = doubling_high_mul(t, t);
  const std::int32_t t3 = doubling_high_mul(t2, t);
  const std::int32_t t4 = doubling_high_mul(t2, t2);
  const std::int32_t t4_over_4 = rounding_shift_right(t4, 2);
  const std::int32_t tail = rounding_shift_right(
      wrapping_add(doubling_high_mul(wrapping_add(t4_over_4, t3), kThird), t2), 1);
  return wrapping_add(kExpOfMinusEighth,
                      doubling_high_mul(kExpOfMinusEighth, wrapping_add(t, tail)));
}

// exp(x) in Q0 for x <= 0 in Q(integer_bits), integer_bits 0..5.
constexpr std::int32_t exp_of_negative(std::int32_t x, int integer_bits) noexcept {
  struct Factor {
    int exponent;             // of the bit
    std::int32_t multiplier;  // exp(-2^exponent) in Q0
  };
  constexpr Factor kFactors[] = {{-2, 1672461947}, {-1, 1302514674}, {0, 790015084}, {1, 290630308},
                                 {2, 39332535},    {3, 720401},      {4, 242}};
  if (x == 0) return kQ0One;
  const int fractional_bits = 31 - integer_bits;
  const std::int32_t quarter = 1 << (fractional_bits - 2);
  const std::int32_t near = (x & (quarter - 1)) - quarter;  // in [-1/4, 0)
  std::int32_t result = exp_near_zero(scale_by_power(near, integer_bits));
  const auto rest = static_cast<std::uint32_t>(near) - static_cast<std::uint32_t>(x);
  for (const Factor& factor : kFactors) {
    if (integer_bits <= factor.exponent) break;
    if ((rest >> (fractional_bits + factor.exponent) & 1u) != 0)
      result = doubling_high_mul(result, factor.multiplier);
  }
  return result;
}

// 1 / (1 + x) in Q0 for x in [0, 1] in Q0: three Newton steps on half the denominator.
constexpr std::int32_t one_over_one_plus(std::int32_t x) noexcept {
  constexpr std::int32_t k48Over17 = 1515870810, kMinus32Over17 = -1010580540;  // Q2
  const std::int32_t half = rounding_half_sum(x, kQ0One);
  std::int32_t y = wrapping_add(k48Over17, doubling_high_mul(half, kMinus32Over17));
  for (int i = 0; i < 3; ++i) {
    const std::int32_t product = doubling_high_mul(half, y);
    const std::int32_t missing = wrapping_add(1 << 29, -product);
    y = wrapping_add(y, scale_by_power(doubling_high_mul(y, missing), 2));
  }
  return scale_by_power(y, 1);
}

struct Reciprocal {
  std::int32_t mantissa = 0;  // Q0, in [1/2, 1]
  int bits_over_unit = 0;     // 1/x = mantissa * 2^-bits_over_unit
};

// 1/x for x > 0 in Q(integer_bits).
constexpr Reciprocal reciprocal(std::int32_t x, int integer_bits) noexcept {
  const int zeros = std::countl_zero(static_cast<std::uint32_t>(x));
  const auto fraction =
      static_cast<std::int32_t>((static_cast<std::uint32_t>(x) << zeros) - (1u << 31));
  return {one_over_one_plus(fraction), integer_bits - zeros};
}

// 1/sqrt(x) for x >= 0 as a multiplier; 0 counts as 1. Five Newton steps in Q3, from 1.
constexpr Multiplier inverse_sqrt(std::int32_t x) noexcept {
  if (x <= 1) return {kQ0One, 0};
  constexpr std::int32_t kOne = 1 << 28, kThreeHalves = (1 << 28) + (1 << 27);  // Q3
  constexpr std::int32_t kHalfRootOfTwo = 1518500250;                           // Q0
  int right = 11;
  for (; x >= (1 << 29); ++right) x /= 4;
  const int pairs = (std::countl_zero(static_cast<std::uint32_t>(x)) - 1) / 2 - 1;
  right -= pairs;
  x <<= 2 * pairs;
  const std::int32_t half = rounding_shift_right(x >> 1, 1);
  std::int32_t y = kOne;
  for (int i = 0; i < 5; ++i) {
    const std::int32_t cube = scale_by_power(doubling_high_mul(doubling_high_mul(y, y), y), 6);
    y = scale_by_power(
        wrapping_add(doubling_high_mul(kThreeHalves, y), -doubling_high_mul(half, cube)), 3);
  }
  y = doubling_high_mul(y, kHalfRootOfTwo);
  if (right < 0) {
    y <<= -right;
    right = 0;
  }
  return {y, -right};
}

}  // namespace pinfer
