// SPDX-License-Identifier: Apache-2.0
// Whether Arm NN is here at all: tests skip with the backend's own words else. And how far results
// are from those of the reference.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/runtime/backends/backend_case.h"

namespace pinfer::test {

struct Distance {
  std::size_t elements = 0, differ = 0;
  int steps = 0;        // the largest difference of 8-bit elements
  double relative = 0;  // of floats, to the largest value
  bool comparable = true;
};

inline Distance operator+(Distance a, const Distance& b) {
  return {a.elements + b.elements, a.differ + b.differ, std::max(a.steps, b.steps),
          std::max(a.relative, b.relative), a.comparable && b.comparable};
}

template <class T>
Distance distance_of(const T* want, const T* got, std::size_t count) {
  Distance result{.elements = count};
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double a = static_cast<double>(want[i]), b = static_cast<double>(got[i]);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    ++result.differ;
    if constexpr (std::is_integral_v<T>)
      result.steps = std::max(result.steps, static_cast<int>(std::fabs(a - b)));
    error = std::max(error, std::fabs(a - b));
  }
  for (std::size_t i = 0; i < count; ++i)
    largest = std::max(largest, std::fabs(static_cast<double>(want[i])));
  if (!std::is_integral_v<T>) result.relative = error == 0 ? 0 : error / largest;
  return result;
}

// Both of `type`, `bytes` long.
inline Distance distance_of(DType type, const std::byte* want, const std::byte* got,
                            std::size_t bytes) {
  if (type == DType::f32)
    return distance_of(reinterpret_cast<const float*>(want), reinterpret_cast<const float*>(got),
                       bytes / sizeof(float));
  if (type == DType::i8)
    return distance_of(reinterpret_cast<const std::int8_t*>(want),
                       reinterpret_cast<const std::int8_t*>(got), bytes);
  if (type == DType::u8)
    return distance_of(reinterpret_cast<const std::uint8_t*>(want),
                       reinterpret_cast<const std::uint8_t*>(got), bytes);
  return {.comparable = false};
}

}  // namespace pinfer::test

#define PINFER_NEEDS_ARMNN()                                                         \
  if (const std::string why = ::pinfer::test::why_no_backend("armnn"); !why.empty()) \
  GTEST_SKIP() << why
