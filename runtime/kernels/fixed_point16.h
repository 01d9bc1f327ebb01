// SPDX-License-Identifier: Apache-2.0
// 16-bit fixed-point curves of the reference arithmetic: the logistic function and tanh of the
// integer LSTM.
//
// "Qn" is a 16-bit number with a sign bit, n integer bits and 15 - n fractional bits; Q0 spans
// [-1, 1). Constants are those of fixed_point.h, shortened to 16 bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "runtime/kernels/arithmetic.h"

namespace pinfer {

inline constexpr std::int16_t kQ0One16 = std::numeric_limits<std::int16_t>::max();

constexpr std::int16_t wrap16(std::int32_t value) noexcept {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(value));
}

constexpr std::int16_t saturate16(std::int32_t value) noexcept {
  return static_cast<std::int16_t>(std::clamp(value, -32768, 32767));
}

// High half of 2*a*b, rounded to nearest; saturates for a = b = -32768.
constexpr std::int16_t doubling_high_mul16(std::int16_t a, std::int16_t b) noexcept {
  const std::int32_t product = static_cast<std::int32_t>(a) * b;
  const std::int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
  return saturate16((product + nudge) / (1 << 15));
}

// value * 2^exponent: saturating to the left, rounding to nearest to the right; exponent -15..15.
constexpr std::int16_t scale_by_power16(std::int16_t value, int exponent) noexcept {
  if (exponent > 0) return saturate16(static_cast<std::int32_t>(value) * (1 << exponent));
  return static_cast<std::int16_t>(rounding_shift_right(value, -exponent));
}

// A Q0 or Q2 constant of 32 bits, shortened.
constexpr std::int16_t shorten16(std::int32_t value) noexcept {
  return static_cast<std::int16_t>(rounding_shift_right(value, 16));
}

// exp(x) in Q0 for x in [-1/4, 0) in Q0: a Taylor series around -1/8.
constexpr std::int16_t exp_near_zero16(std::int16_t x) noexcept {
  constexpr std::int16_t kExpOfMinusEighth = shorten16(1895147668), kThird = shorten16(715827883);
  const std::int16_t t = wrap16(x + (1 << 12));
  const std::int16_t t2 = doubling_high_mul16(t, t);
  const std::int16_t t3 = doubling_high_mul16(t2, t);
  const std::int16_t t4 = doubling_high_mul16(t2, t2);
  const std::int16_t sum = wrap16(scale_by_power16(t4, -2) + t3);
  const std::int16_t tail = scale_by_power16(wrap16(doubling_high_mul16(sum, kThird) + t2), -1);
  return saturate16(kExpOfMinusEighth + doubling_high_mul16(kExpOfMinusEighth, wrap16(t + tail)));
}

// exp(x) in Q0 for x <= 0 in Q(integer_bits), integer_bits 0..7.
constexpr std::int16_t exp_of_negative16(std::int16_t x, int integer_bits) noexcept {
  // exp(-2^exponent) in Q0 for exponent -2, -1, ...
  constexpr std::int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308,
                                       39332535,   720401,     242};
  if (x == 0) return kQ0One16;
  const int fractional_bits = 15 - integer_bits;
  if (integer_bits > 5 && x < -(1 << (20 - integer_bits))) return 0;  // below -32
  const auto quarter = static_cast<std::int16_t>(1 << (fractional_bits - 2));
  const std::int16_t near = wrap16((x & (quarter - 1)) - quarter);  // in [-1/4, 0)
  std::int16_t result = exp_near_zero16(scale_by_power16(near, integer_bits));
  const std::int16_t rest = wrap16(near - x);
  for (int exponent = -2; exponent < integer_bits && exponent <= 4; ++exponent)
    if ((rest >> (fractional_bits + exponent) & 1) != 0)
      result = doubling_high_mul16(result, shorten16(kFactors[exponent + 2]));
  return result;
}

// 2 / (1 + x) in Q2 for x in [0, 1] in Q0: three Newton steps on half the denominator.
constexpr std::int16_t two_over_one_plus16(std::int16_t x) noexcept {
  constexpr std::int16_t k48Over17 = shorten16(1515870810), kMinus32Over17 = shorten16(-1010580540);
  const std::int32_t sum = static_cast<std::int32_t>(x) + kQ0One16;
  const auto half = static_cast<std::int16_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
  std::int16_t y = wrap16(k48Over17 + doubling_high_mul16(half, kMinus32Over17));
  for (int i = 0; i < 3; ++i) {
    const std::int16_t missing = wrap16((1 << 13) - doubling_high_mul16(half, y));
    y = wrap16(y + scale_by_power16(doubling_high_mul16(y, missing), 2));
  }
  return y;
}

// 1 / (1 + exp(-x)) in Q0, x in Q3.
constexpr std::int16_t logistic16(std::int16_t x) noexcept {
  if (x == 0) return 1 << 14;
  // -|x| never overflows, unlike |x|.
  const std::int16_t minus = x > 0 ? wrap16(-x) : x;
  const std::int16_t positive =
      scale_by_power16(two_over_one_plus16(exp_of_negative16(minus, 3)), 1);
  return x > 0 ? positive : wrap16(kQ0One16 - positive);
}

// tanh(x) in Q0, x in Q(integer_bits), integer_bits 0..6.
constexpr std::int16_t tanh16(std::int16_t x, int integer_bits) noexcept {
  if (x == 0) return 0;
  const std::int16_t minus = x > 0 ? wrap16(-x) : x;
  // The same bits in Q(integer_bits + 1) are twice the value.
  const std::int16_t y = two_over_one_plus16(exp_of_negative16(minus, integer_bits + 1));
  const std::int16_t result = scale_by_power16(wrap16(y - (1 << 13)), 2);
  return x < 0 ? wrap16(-result) : result;
}

}  // namespace pinfer
