// SPDX-License-Identifier: Apache-2.0
// EightFloats: a vector of AVX2 and FMA for the float templates. Included by the avx*.cc files
// only, after <immintrin.h>; local to each of them.
#pragma once

namespace pinfer {
namespace {

struct EightFloats {
  using Type = __m256;
  static constexpr int kWidth = 8;
  static Type load(const float* from) noexcept { return _mm256_loadu_ps(from); }
  static void store(float* to, Type v) noexcept { _mm256_storeu_ps(to, v); }
  static Type broadcast(float v) noexcept { return _mm256_set1_ps(v); }
  static Type multiply_add(Type sum, Type x, Type w) noexcept { return _mm256_fmadd_ps(x, w, sum); }
  static Type clamp(Type v, float low, float high) noexcept {
    return _mm256_min_ps(_mm256_max_ps(v, _mm256_set1_ps(low)), _mm256_set1_ps(high));
  }
};

}  // namespace
}  // namespace pinfer
