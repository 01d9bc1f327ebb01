// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "runtime/kernels/fixed_point.h"
#include "runtime/kernels/lut/lut.h"
#include "runtime/kernels/softmax/softmax.h"

namespace pinfer {
namespace {

using Args = SoftmaxArgs;

constexpr int kDifferenceBits = 5;  // differences are Q5
constexpr int kSumBits = 12;        // sums of exponentials are Q12

void softmax_float(const Args& args) noexcept {
  const auto* in = static_cast<const float*>(args.in);
  auto* out = static_cast<float*>(args.out);
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const float* x = in + row * args.depth;
    float* y = out + row * args.depth;
    float largest = std::numeric_limits<float>::lowest();
    for (std::int64_t c = 0; c < args.depth; ++c) largest = std::max(largest, x[c]);
    float sum = 0.0f;
    for (std::int64_t c = 0; c < args.depth; ++c) {
      y[c] = std::exp((x[c] - largest) * args.beta);
      sum += y[c];
    }
    for (std::int64_t c = 0; c < args.depth; ++c) y[c] /= sum;
  }
}

void log_softmax_float(const Args& args) noexcept {
  const auto* in = static_cast<const float*>(args.in);
  auto* out = static_cast<float*>(args.out);
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const float* x = in + row * args.depth;
    float* y = out + row * args.depth;
    float largest = std::numeric_limits<float>::lowest();
    for (std::int64_t c = 0; c < args.depth; ++c) largest = std::max(largest, x[c]);
    float sum = 0.0f;
    for (std::int64_t c = 0; c < args.depth; ++c) sum += std::exp(x[c] - largest);
    const float log_sum = std::log(sum);
    for (std::int64_t c = 0; c < args.depth; ++c) y[c] = x[c] - largest - log_sum;
  }
}

template <class In>
std::int32_t largest_of(const In* x, std::int64_t depth) {
  In largest = std::numeric_limits<In>::lowest();
  for (std::int64_t c = 0; c < depth; ++c) largest = std::max(largest, x[c]);
  return largest;
}

// exp(difference) in Q0.
std::int32_t exp_of(std::int32_t difference, const Args& args) {
  return exp_of_negative(multiply(difference, args.scale), kDifferenceBits);
}

template <class In>
std::int64_t sum_of_exps(const In* x, std::int32_t largest, const Args& args) {
  std::int64_t sum = 0;
  for (std::int64_t c = 0; c < args.depth; ++c) {
    const std::int32_t difference = x[c] - largest;
    if (difference >= args.diff_min)
      sum += rounding_shift_right(exp_of(difference, args), kSumBits);
  }
  return sum;
}

// 1 / sum. Rows of more than 4096 equal values leave Q12: they are halved until they fit.
Reciprocal reciprocal_of_sum(std::int64_t sum) {
  int halvings = 0;
  for (; sum > std::numeric_limits<std::int32_t>::max(); ++halvings) sum >>= 1;
  Reciprocal inverse = reciprocal(static_cast<std::int32_t>(sum), kSumBits);
  inverse.bits_over_unit += halvings;
  return inverse;
}

template <class In, class Out>
void softmax_integer(const Args& args) noexcept {
  constexpr std::int32_t kLow = std::numeric_limits<Out>::min();
  constexpr ClampRange kRange = {kLow, std::numeric_limits<Out>::max()};
  const auto* in = static_cast<const In*>(args.in);
  auto* out = static_cast<Out*>(args.out);
  if (args.depth == 0) return;
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const In* x = in + row * args.depth;
    Out* y = out + row * args.depth;
    const std::int32_t largest = largest_of(x, args.depth);
    const Reciprocal inverse = reciprocal_of_sum(sum_of_exps(x, largest, args));
    const int exponent = inverse.bits_over_unit + 31 - static_cast<int>(sizeof(Out) * 8);
    for (std::int64_t c = 0; c < args.depth; ++c) {
      const std::int32_t difference = x[c] - largest;
      std::int32_t value = kLow;
      if (difference >= args.diff_min) {
        const std::int32_t product = doubling_high_mul(inverse.mantissa, exp_of(difference, args));
        value = clamped_sum(scale_by_power(product, -exponent), kLow, kRange);
      }
      y[c] = static_cast<Out>(value);
    }
  }
}

std::int32_t saturated(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

// log(x) in Q5 for x >= 1 in Q12: x = 2^n * r with r near 1, taken from two splittings that are
// half an octave apart, then a Pade approximation of log(r).
std::int32_t log_of_sum(std::int32_t x) {
  constexpr std::int32_t kLog2 = 1488522236, kRootRootHalf = 1805811301, kRootHalf = 1518500250;
  constexpr std::int32_t kAlphaN = 117049297, kAlphaD = 127690142, kAlphaI = 1057819769,
                         kAlphaF = 638450708;
  constexpr int kInnerBits = kDifferenceBits + 1;
  constexpr std::int32_t kQuarter = 536870912 >> kInnerBits;  // 1/4 in Q6
  const int zeros_a = std::countl_zero(static_cast<std::uint32_t>(x));
  const std::int32_t r_a =
      scale_by_power(doubling_high_mul(scale_by_power(x, zeros_a - 1), kRootHalf), 1);
  const std::int32_t n_a = saturated(
      static_cast<std::int64_t>(scale_by_power(kSumBits - zeros_a, 31 - kInnerBits)) + kQuarter);
  const std::int32_t halved = doubling_high_mul(x, kRootHalf);
  const int zeros_b = std::countl_zero(static_cast<std::uint32_t>(halved)) - 1;
  const std::int32_t r_b = scale_by_power(x, zeros_b);
  const std::int32_t n_b = saturated(
      static_cast<std::int64_t>(scale_by_power(kSumBits - zeros_b, 31 - kInnerBits)) - kQuarter);
  const std::int32_t r = std::min(r_a, r_b), n = std::max(n_a, n_b);

  const std::int32_t p = rounding_half_sum(r, kRootRootHalf);
  const std::int32_t d = wrapping_add(r, -kRootRootHalf);
  const std::int32_t q = wrapping_add(d, d);
  const std::int32_t q2 = doubling_high_mul(q, q);
  const std::int32_t numerator =
      wrapping_add(doubling_high_mul(q, r), doubling_high_mul(doubling_high_mul(q, q2), kAlphaN));
  const std::int32_t inner = wrapping_add(wrapping_add(kAlphaI, q), doubling_high_mul(kAlphaD, q2));
  const std::int32_t denominator_minus_one =
      wrapping_add(doubling_high_mul(p, inner), doubling_high_mul(kAlphaF, q));
  const std::int32_t inverse = one_over_one_plus(denominator_minus_one);
  const std::int32_t scaled = rounding_shift_right(numerator, kInnerBits);
  return scale_by_power(
      wrapping_add(doubling_high_mul(n, kLog2), doubling_high_mul(scaled, inverse)), 1);
}

template <class T>
void log_softmax_integer(const Args& args) noexcept {
  constexpr std::int32_t kLow = std::numeric_limits<T>::min(),
                         kHigh = std::numeric_limits<T>::max();
  constexpr int kOutputBits = 4;
  const auto* in = static_cast<const T*>(args.in);
  auto* out = static_cast<T*>(args.out);
  if (args.depth == 0) return;
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const T* x = in + row * args.depth;
    T* y = out + row * args.depth;
    const std::int32_t largest = largest_of(x, args.depth);
    const std::int32_t log_sum = log_of_sum(saturated(sum_of_exps(x, largest, args)));
    const std::int32_t lowest = wrapping_add(log_sum, std::numeric_limits<std::int32_t>::min());
    const std::int32_t floor = std::max(args.diff_min - 1, multiply(lowest, args.inverse_scale));
    for (std::int64_t c = 0; c < args.depth; ++c) {
      const std::int32_t difference = x[c] - largest;
      std::int32_t value = kLow;
      if (difference > floor) {
        const std::int32_t log = wrapping_add(multiply(difference, args.scale), -log_sum);
        value = clamped_sum(rounding_shift_right(log, 31 - kDifferenceBits - kOutputBits), kHigh,
                            {kLow, kHigh});
      }
      y[c] = static_cast<T>(value);
    }
  }
}

// exp(difference) by table: [-10, 0] is mapped to the range of int16.
std::int16_t table_exp(std::int32_t difference, const Args& args) {
  // Saturates where the reference would wrap: such differences are far below -10.
  const int left = std::max(args.scale.shift, 0), right = std::max(-args.scale.shift, 0);
  const std::int32_t raised =
      saturated(static_cast<std::int64_t>(difference) * (std::int64_t{1} << left));
  const std::int32_t scaled =
      rounding_shift_right(doubling_high_mul(raised, args.scale.mantissa), right);
  return interpolate_s16(static_cast<std::int16_t>(clamped_sum(scaled, 32767, {-32768, 32767})),
                         args.exp_table);
}

void softmax_int16(const Args& args) noexcept {
  const auto* in = static_cast<const std::int16_t*>(args.in);
  auto* out = static_cast<std::int16_t*>(args.out);
  if (args.depth == 0) return;
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const std::int16_t* x = in + row * args.depth;
    std::int16_t* y = out + row * args.depth;  // holds the exponentials in between
    const std::int32_t largest = largest_of(x, args.depth);
    std::int32_t sum = 0;  // Q16.15; set-up keeps depth below 2^16
    for (std::int64_t c = 0; c < args.depth; ++c) {
      y[c] = table_exp(x[c] - largest, args);
      sum += y[c];
    }
    const int zeros = std::countl_zero(static_cast<std::uint32_t>(sum));
    const auto mantissa = static_cast<std::int32_t>(
        ((static_cast<std::int64_t>(sum) << (zeros - 1)) + (1 << 13)) >> 14);
    const std::int32_t centred = std::clamp(mantissa - (1 << 15) - (1 << 16), -32768, 32767);
    const std::int64_t inverse =
        interpolate_s16(static_cast<std::int16_t>(centred), args.inverse_table);
    const int right = 31 - zeros;
    for (std::int64_t c = 0; c < args.depth; ++c) {
      const std::int64_t product = (y[c] * inverse + (std::int64_t{1} << (right - 1))) >> right;
      y[c] = static_cast<std::int16_t>(std::clamp<std::int64_t>(product, 0, 32767));
    }
  }
}

}  // namespace

void softmax_f32__scalar(const Args& args) noexcept { softmax_float(args); }
void softmax_s8__scalar(const Args& args) noexcept {
  softmax_integer<std::int8_t, std::int8_t>(args);
}
void softmax_s8_s16__scalar(const Args& args) noexcept {
  softmax_integer<std::int8_t, std::int16_t>(args);
}
void softmax_u8__scalar(const Args& args) noexcept {
  softmax_integer<std::uint8_t, std::uint8_t>(args);
}
void softmax_u8_s16__scalar(const Args& args) noexcept {
  softmax_integer<std::uint8_t, std::int16_t>(args);
}
void softmax_s16__scalar(const Args& args) noexcept { softmax_int16(args); }
void log_softmax_f32__scalar(const Args& args) noexcept { log_softmax_float(args); }
void log_softmax_s8__scalar(const Args& args) noexcept { log_softmax_integer<std::int8_t>(args); }
void log_softmax_u8__scalar(const Args& args) noexcept { log_softmax_integer<std::uint8_t>(args); }

}  // namespace pinfer
