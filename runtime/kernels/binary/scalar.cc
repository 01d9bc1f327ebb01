// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/kernels/binary/binary.h"
#include "runtime/kernels/fixed_point.h"

namespace pinfer {
namespace {

// `function` holds copies of what it needs, not references: then plain loops become vectors.
template <class T, class Function>
void map(const BinaryArgs& args, const Function function) noexcept {
  const T* a = static_cast<const T*>(args.a);
  const T* b = static_cast<const T*>(args.b);
  T* out = static_cast<T*>(args.out);
  for_each_row(args.broadcast, args.begin, args.end, [&](const BroadcastRow& row) {
    const T* row_a = a + row.at[0];
    const T* row_b = b + row.at[1];
    T* row_out = out + row.out;
    const std::int64_t count = row.count, step_a = row.step[0], step_b = row.step[1];
    if (step_a == 1 && step_b == 1)
      for (std::int64_t i = 0; i < count; ++i) row_out[i] = function(row_a[i], row_b[i]);
    else
      for (std::int64_t i = 0; i < count; ++i)
        row_out[i] = function(row_a[i * step_a], row_b[i * step_b]);
  });
}

// Plain arithmetic. Integers are computed modulo 2^64 and cut, which is two's complement wrap.
template <class T>
T sum_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a + b;
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
template <class T>
T difference_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a - b;
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
template <class T>
T product_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a * b;
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
// Rule V13: x / 0 is 0 for integers; the lowest number / -1 wraps.
template <class T>
T quotient_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(a / b);
  else if (b == 0)
    return 0;
  else if (b == -1)
    return difference_of<T>(0, a);
  else
    return static_cast<T>(a / b);
}

template <class T>
T activated(T value, T low, T high) {
  return std::min(std::max(value, low), high);
}

template <class T, class Function>
void map_plain(const BinaryArgs& args, const Function& function) noexcept {
  const BinaryParams p = args.params;
  T low{}, high{};
  if constexpr (std::is_floating_point_v<T>) {
    low = p.float_clamp.low;
    high = p.float_clamp.high;
  } else {
    low = static_cast<T>(p.low);
    high = static_cast<T>(p.high);
  }
  map<T>(args, [=](T a, T b) { return activated<T>(function(a, b), low, high); });
}

// The operand on the common inner scale of add and sub.
std::int32_t inner(std::int32_t value, std::int32_t zero, Multiplier scale, int left_shift) {
  const auto raised =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(value - zero) << left_shift);
  return multiply(raised, scale);
}

template <class T, class Combine>
void map_inner(const BinaryArgs& args, const Combine& combine) noexcept {
  const BinaryParams p = args.params;
  map<T>(args, [&](T a, T b) {
    const std::int32_t x = inner(a, p.a_zero, p.a_scale, p.left_shift);
    const std::int32_t y = inner(b, p.b_zero, p.b_scale, p.left_shift);
    return static_cast<T>(clamped_sum(multiply(combine(x, y), p.out_scale), p.out_zero, p.clamp));
  });
}

template <class T>
void add_quant(const BinaryArgs& args) noexcept {
  map_inner<T>(args, [](std::int32_t x, std::int32_t y) { return wrapping_add(x, y); });
}

template <class T>
void sub_quant(const BinaryArgs& args) noexcept {
  map_inner<T>(args, difference_of<std::int32_t>);
}

template <class T>
void squared_difference_quant(const BinaryArgs& args) noexcept {
  map_inner<T>(args, [](std::int32_t x, std::int32_t y) {
    const std::int32_t d = difference_of(x, y);
    return product_of(d, d);
  });
}

template <class T>
void mul_quant(const BinaryArgs& args) noexcept {
  const BinaryParams p = args.params;
  map<T>(args, [&](T a, T b) {
    const std::int32_t product = (a - p.a_zero) * (b - p.b_zero);
    return static_cast<T>(clamped_sum(multiply(product, p.out_scale), p.out_zero, p.clamp));
  });
}

std::int32_t quotient_quant(std::int32_t a, std::int32_t b, const BinaryParams& p) {
  if (b == 0) {  // rule V13: the end of the range that the limit points to
    if (a == 0) return std::clamp(p.out_zero, p.clamp.low, p.clamp.high);
    return a > 0 ? p.clamp.high : p.clamp.low;
  }
  if (b < 0) {
    a = -a;
    b = -b;
  }
  const Reciprocal inverse = reciprocal(b, 31);
  const int headroom =
      a == 0 ? 31 : std::countl_zero(static_cast<std::uint32_t>(a < 0 ? ~a : a)) - 1;
  const auto raised = static_cast<std::int32_t>(static_cast<std::uint32_t>(a) << headroom);
  const std::int32_t quotient = doubling_high_mul(raised, inverse.mantissa);
  const int shift = p.out_scale.shift - inverse.bits_over_unit - headroom;
  const std::int32_t scaled =
      scale_by_power(doubling_high_mul(quotient, p.out_scale.mantissa), shift);
  return clamped_sum(scaled, p.out_zero, p.clamp);
}

template <class T>
void div_quant(const BinaryArgs& args) noexcept {
  const BinaryParams p = args.params;
  map<T>(args,
         [&](T a, T b) { return static_cast<T>(quotient_quant(a - p.a_zero, b - p.b_zero, p)); });
}

template <class T>
void prelu_quant(const BinaryArgs& args) noexcept {
  const BinaryParams p = args.params;
  map<T>(args, [&](T a, T alpha) {
    const std::int32_t x = a - p.a_zero;
    const std::int32_t scaled =
        x >= 0 ? multiply(x, p.a_scale) : multiply(x * (alpha - p.b_zero), p.out_scale);
    return static_cast<T>(clamped_sum(scaled, p.out_zero, p.clamp));
  });
}

// One of the shifts is 0; the other operand is brought to the scale of the output.
template <bool subtract>
void add_or_sub_pot(const BinaryArgs& args) noexcept {
  const BinaryParams p = args.params;
  map<std::int16_t>(args, [&](std::int16_t a, std::int16_t b) {
    const std::int32_t x = rounding_shift_right(a, p.a_right);
    const std::int32_t y = rounding_shift_right(b, p.b_right);
    return static_cast<std::int16_t>(
        std::clamp(subtract ? x - y : x + y, p.clamp.low, p.clamp.high));
  });
}

template <class T>
void maximum(const BinaryArgs& args) noexcept {
  map<T>(args, [](T a, T b) { return a > b ? a : b; });
}
template <class T>
void minimum(const BinaryArgs& args) noexcept {
  map<T>(args, [](T a, T b) { return a < b ? a : b; });
}
template <class T>
void squared_difference(const BinaryArgs& args) noexcept {
  map<T>(args, [](T a, T b) {
    const T d = difference_of(a, b);
    return product_of(d, d);
  });
}
template <class T>
void add(const BinaryArgs& args) noexcept {
  map_plain<T>(args, sum_of<T>);
}
template <class T>
void sub(const BinaryArgs& args) noexcept {
  map_plain<T>(args, difference_of<T>);
}
template <class T>
void mul(const BinaryArgs& args) noexcept {
  map_plain<T>(args, product_of<T>);
}
template <class T>
void div(const BinaryArgs& args) noexcept {
  map_plain<T>(args, quotient_of<T>);
}
void prelu(const BinaryArgs& args) noexcept {
  map<float>(args, [](float a, float alpha) { return a >= 0.0f ? a : a * alpha; });
}

// Rounds down. x / 0 is 0 for integers, as in quotient_of.
template <class T>
void floor_div(const BinaryArgs& args) noexcept {
  map<T>(args, [](T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(std::floor(static_cast<double>(a) / static_cast<double>(b)));
    } else {
      if (b == 0 || b == -1) return quotient_of(a, b);
      const auto quotient = static_cast<T>(a / b);
      return static_cast<T>(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient);
    }
  });
}

// The remainder with the sign of the divisor; x mod 0 is 0 for integers.
template <class T>
void floor_mod(const BinaryArgs& args) noexcept {
  map<T>(args, [](T a, T b) {
    T rest{};
    if constexpr (std::is_floating_point_v<T>)
      rest = std::fmod(a, b);
    else if (b != 0 && b != -1)
      rest = static_cast<T>(a % b);
    return static_cast<T>(rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest);
  });
}

// Integers wrap around; with a negative exponent only 1 and -1 have a power other than 0.
std::int32_t power_of(std::int32_t base, std::int32_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  std::int32_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = product_of(result, base);
    base = product_of(base, base);
  }
  return result;
}
template <class T>
void power(const BinaryArgs& args) noexcept {
  if constexpr (std::is_floating_point_v<T>)
    map<T>(args, [](T a, T b) { return std::pow(a, b); });
  else
    map<T>(args, power_of);
}
void atan2(const BinaryArgs& args) noexcept {
  map<float>(args, [](float y, float x) { return std::atan2(y, x); });
}

using s8 = std::int8_t;
using u8 = std::uint8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using u32 = std::uint32_t;
using s64 = std::int64_t;
using Args = BinaryArgs;

}  // namespace

void binary_add_quant_s8__scalar(const Args& args) noexcept { add_quant<s8>(args); }
void binary_add_quant_u8__scalar(const Args& args) noexcept { add_quant<u8>(args); }
void binary_add_quant_s16__scalar(const Args& args) noexcept { add_quant<s16>(args); }
void binary_add_pot_s16__scalar(const Args& args) noexcept { add_or_sub_pot<false>(args); }
void binary_add_f32__scalar(const Args& args) noexcept { add<float>(args); }
void binary_add_s16__scalar(const Args& args) noexcept { add<s16>(args); }
void binary_add_s32__scalar(const Args& args) noexcept { add<s32>(args); }
void binary_add_s64__scalar(const Args& args) noexcept { add<s64>(args); }
void binary_sub_quant_s8__scalar(const Args& args) noexcept { sub_quant<s8>(args); }
void binary_sub_quant_u8__scalar(const Args& args) noexcept { sub_quant<u8>(args); }
void binary_sub_quant_s16__scalar(const Args& args) noexcept { sub_quant<s16>(args); }
void binary_sub_pot_s16__scalar(const Args& args) noexcept { add_or_sub_pot<true>(args); }
void binary_sub_f32__scalar(const Args& args) noexcept { sub<float>(args); }
void binary_sub_s32__scalar(const Args& args) noexcept { sub<s32>(args); }
void binary_sub_s64__scalar(const Args& args) noexcept { sub<s64>(args); }
void binary_mul_quant_s8__scalar(const Args& args) noexcept { mul_quant<s8>(args); }
void binary_mul_quant_u8__scalar(const Args& args) noexcept { mul_quant<u8>(args); }
void binary_mul_quant_s16__scalar(const Args& args) noexcept { mul_quant<s16>(args); }
void binary_mul_f32__scalar(const Args& args) noexcept { mul<float>(args); }
void binary_mul_s16__scalar(const Args& args) noexcept { mul<s16>(args); }
void binary_mul_s32__scalar(const Args& args) noexcept { mul<s32>(args); }
void binary_mul_u32__scalar(const Args& args) noexcept { mul<u32>(args); }
void binary_mul_s64__scalar(const Args& args) noexcept { mul<s64>(args); }
void binary_div_quant_s8__scalar(const Args& args) noexcept { div_quant<s8>(args); }
void binary_div_quant_u8__scalar(const Args& args) noexcept { div_quant<u8>(args); }
void binary_div_f32__scalar(const Args& args) noexcept { div<float>(args); }
void binary_div_s32__scalar(const Args& args) noexcept { div<s32>(args); }
void binary_maximum_f32__scalar(const Args& args) noexcept { maximum<float>(args); }
void binary_maximum_s8__scalar(const Args& args) noexcept { maximum<s8>(args); }
void binary_maximum_u8__scalar(const Args& args) noexcept { maximum<u8>(args); }
void binary_maximum_s16__scalar(const Args& args) noexcept { maximum<s16>(args); }
void binary_maximum_s32__scalar(const Args& args) noexcept { maximum<s32>(args); }
void binary_maximum_s64__scalar(const Args& args) noexcept { maximum<s64>(args); }
void binary_minimum_f32__scalar(const Args& args) noexcept { minimum<float>(args); }
void binary_minimum_s8__scalar(const Args& args) noexcept { minimum<s8>(args); }
void binary_minimum_u8__scalar(const Args& args) noexcept { minimum<u8>(args); }
void binary_minimum_s16__scalar(const Args& args) noexcept { minimum<s16>(args); }
void binary_minimum_s32__scalar(const Args& args) noexcept { minimum<s32>(args); }
void binary_minimum_s64__scalar(const Args& args) noexcept { minimum<s64>(args); }
void binary_squared_difference_quant_s8__scalar(const Args& args) noexcept {
  squared_difference_quant<s8>(args);
}
void binary_squared_difference_f32__scalar(const Args& args) noexcept {
  squared_difference<float>(args);
}
void binary_squared_difference_s32__scalar(const Args& args) noexcept {
  squared_difference<s32>(args);
}
void binary_prelu_quant_s8__scalar(const Args& args) noexcept { prelu_quant<s8>(args); }
void binary_prelu_quant_u8__scalar(const Args& args) noexcept { prelu_quant<u8>(args); }
void binary_prelu_f32__scalar(const Args& args) noexcept { prelu(args); }
void binary_floor_div_s8__scalar(const Args& args) noexcept { floor_div<s8>(args); }
void binary_floor_div_s16__scalar(const Args& args) noexcept { floor_div<s16>(args); }
void binary_floor_div_s32__scalar(const Args& args) noexcept { floor_div<s32>(args); }
void binary_floor_div_s64__scalar(const Args& args) noexcept { floor_div<s64>(args); }
void binary_floor_div_f32__scalar(const Args& args) noexcept { floor_div<float>(args); }
void binary_floor_mod_s8__scalar(const Args& args) noexcept { floor_mod<s8>(args); }
void binary_floor_mod_s16__scalar(const Args& args) noexcept { floor_mod<s16>(args); }
void binary_floor_mod_s32__scalar(const Args& args) noexcept { floor_mod<s32>(args); }
void binary_floor_mod_s64__scalar(const Args& args) noexcept { floor_mod<s64>(args); }
void binary_floor_mod_f32__scalar(const Args& args) noexcept { floor_mod<float>(args); }
void binary_power_s32__scalar(const Args& args) noexcept { power<s32>(args); }
void binary_power_f32__scalar(const Args& args) noexcept { power<float>(args); }
void binary_atan2_f32__scalar(const Args& args) noexcept { atan2(args); }

}  // namespace pinfer
