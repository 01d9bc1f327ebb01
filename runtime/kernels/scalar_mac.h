// SPDX-License-Identifier: Apache-2.0
// What the scalar variants of the multiply-accumulate families share: exact dot products, the
// bounds of a window and the last step from a sum to a result. Included by scalar.cc files only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/arithmetic.h"

namespace pinfer::scalar {

// Exact sum of (x[i] - x_zero) * (w[i] - w_zero); 16-bit operands have zero point 0. The inner sum
// is 32 bits wide, so that compilers find the multiply-add of 16-bit pairs; the chunk is the
// longest one that cannot overflow it: 255 * 255 * 32768, 32768 * 255 * 256 and 32768 * 32768 are
// below 2^31.
template <class X, class W>
inline std::int64_t dot(const X* x, const W* w, std::int64_t count, std::int32_t x_zero,
                        std::int32_t w_zero) noexcept {
  constexpr std::int64_t kChunk = sizeof(W) == 2 ? 1 : sizeof(X) == 1 ? 32768 : 256;
  std::int64_t total = 0;
  for (std::int64_t begin = 0; begin < count; begin += kChunk) {
    const std::int64_t end = std::min(count, begin + kChunk);
    std::int32_t sum = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      const auto a = static_cast<std::int16_t>(x[i] - x_zero);
      const auto b = static_cast<std::int16_t>(w[i] - w_zero);
      sum += static_cast<std::int32_t>(a) * b;
    }
    total += sum;
  }
  return total;
}

// Float sums run in eight lanes that are added in a fixed order at the end, on every machine.
inline float dot(const float* x, const float* w, std::int64_t count) noexcept {
  float lane[8] = {};
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int k = 0; k < 8; ++k) lane[k] += x[i + k] * w[i + k];
  for (int k = 0; i + k < count; ++k) lane[k] += x[i + k] * w[i + k];
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

// The taps [begin, end) of a filter that fall inside [0, size) when tap t lies at
// origin + t * dilation.
struct Taps {
  std::int32_t begin = 0, end = 0;
};
inline Taps taps_inside(std::int64_t origin, std::int32_t dilation, std::int32_t size,
                        std::int32_t filter) noexcept {
  const std::int64_t first = origin >= 0 ? 0 : (-origin + dilation - 1) / dilation;
  const std::int64_t last = origin >= size ? 0 : (size - origin + dilation - 1) / dilation;
  const std::int64_t end = std::min<std::int64_t>(last, filter);
  return {static_cast<std::int32_t>(std::min(first, end)), static_cast<std::int32_t>(end)};
}

// A sum that the reference keeps in 32 bits: wraps as two's complement.
inline std::int32_t wrap32(std::int64_t sum) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
}
inline std::int64_t wrapping_add(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// scaled + zero, clamped.
inline std::int32_t place(std::int32_t scaled, std::int32_t zero, ClampRange clamp) noexcept {
  const std::int64_t value = static_cast<std::int64_t>(scaled) + zero;
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(std::max<std::int64_t>(value, clamp.low), clamp.high));
}

inline float clamp(float value, FloatRange range) noexcept {
  return std::min(std::max(value, range.low), range.high);
}

}  // namespace pinfer::scalar
