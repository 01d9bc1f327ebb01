// SPDX-License-Identifier: Apache-2.0
// Integer arithmetic that reports overflow, for numbers that come from files.
#pragma once

#include <concepts>
#include <optional>

namespace pinfer {

// a * b, or nothing when the product does not fit T.
template <std::integral T>
[[nodiscard]] constexpr std::optional<T> checked_mul(T a, T b) noexcept {
  T result{};
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

// a + b, or nothing when the sum does not fit T.
template <std::integral T>
[[nodiscard]] constexpr std::optional<T> checked_add(T a, T b) noexcept {
  T result{};
  if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

// `value` rounded up to a multiple of `step` (a power of two); the caller has bounded `value`.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T round_up(T value, T step) noexcept {
  return (value + step - 1) & ~(step - 1);
}

}  // namespace pinfer
