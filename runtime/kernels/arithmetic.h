// SPDX-License-Identifier: Apache-2.0
// The reference fixed-point arithmetic of quantized .tflite nets, for set-up and scalar kernels.
//
// A real multiplier m is stored as a 32-bit mantissa q in [2^30, 2^31) and a shift s, m = q/2^31 *
// 2^s. Applying it rounds twice: first the doubling high product, then the right shift, both to
// nearest (halves away from zero in the shift; up in the product). Every variant must give these
// bits.
#pragma once

#include <cstdint>
#include <limits>

#include "runtime/graph/op_params.h"

namespace pinfer {

struct Multiplier {
  std::int32_t mantissa = 0;  // 0 for the multiplier 0
  std::int32_t shift = 0;     // power of two, positive to the left

  friend bool operator==(const Multiplier&, const Multiplier&) = default;
};

// The nearest Multiplier of `real` >= 0. Below 2^-31 it is 0. False (and untouched) when `real` is
// negative, not finite, or its shift is above 30.
[[nodiscard]] bool quantize_multiplier(double real, Multiplier& out) noexcept;

// High half of 2*a*b, rounded to nearest; saturates for a = b = INT32_MIN.
constexpr std::int32_t doubling_high_mul(std::int32_t a, std::int32_t b) noexcept {
  if (a == b && a == std::numeric_limits<std::int32_t>::min())
    return std::numeric_limits<std::int32_t>::max();
  const std::int64_t product = static_cast<std::int64_t>(a) * b;
  const std::int64_t nudge = product >= 0 ? (std::int64_t{1} << 30) : 1 - (std::int64_t{1} << 30);
  // Division truncates towards zero, as the reference does; a shift would not.
  return static_cast<std::int32_t>((product + nudge) / (std::int64_t{1} << 31));
}

// value / 2^exponent, rounded to nearest, halves away from zero; exponent 0..31.
constexpr std::int32_t rounding_shift_right(std::int32_t value, int exponent) noexcept {
  const std::int32_t mask = static_cast<std::int32_t>((std::int64_t{1} << exponent) - 1);
  const std::int32_t remainder = value & mask;
  const std::int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return (value >> exponent) + (remainder > threshold ? 1 : 0);
}

// value * multiplier, rounding twice. The left shift wraps as two's complement.
constexpr std::int32_t multiply(std::int32_t value, Multiplier multiplier) noexcept {
  const int left = multiplier.shift > 0 ? multiplier.shift : 0;
  const int right = multiplier.shift > 0 ? 0 : -multiplier.shift;
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << left);
  return rounding_shift_right(doubling_high_mul(shifted, multiplier.mantissa), right);
}

// 64-bit accumulators (int16 activations): the mantissa is cut to 16 bits, one rounding.
std::int32_t multiply_wide(std::int64_t value, Multiplier multiplier) noexcept;

struct ClampRange {
  std::int32_t low = 0, high = 0;
};

// The range of `activation` in quantized values of an integer type [type_low, type_high].
ClampRange quantized_clamp(Activation activation, float scale, std::int32_t zero_point,
                           std::int32_t type_low, std::int32_t type_high) noexcept;

struct FloatRange {
  float low = 0.0f, high = 0.0f;
};
FloatRange float_clamp(Activation activation) noexcept;

// Output size of a window: SAME: ceil(in / stride); VALID: ceil((in - effective + 1) / stride),
// where effective = (filter - 1) * dilation + 1. At most 0 when the window does not fit.
std::int32_t window_output(Padding padding, std::int32_t in, std::int32_t filter,
                           std::int32_t stride, std::int32_t dilation) noexcept;
// Zeros in front for that output size (the smaller half of an odd total).
std::int32_t window_padding(std::int32_t in, std::int32_t out, std::int32_t filter,
                            std::int32_t stride, std::int32_t dilation) noexcept;

}  // namespace pinfer
