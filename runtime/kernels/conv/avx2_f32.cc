// SPDX-License-Identifier: Apache-2.0
// The conv family in float32 with AVX2 and FMA.
#include <immintrin.h>

#include "runtime/kernels/conv/tiles_f32.h"

namespace pinfer {
namespace {

struct EightFloats {
  using Type = __m256;
  static constexpr int kWidth = 8;
  static constexpr int kRows = 6;
  static Type load(const float* from) noexcept { return _mm256_loadu_ps(from); }
  static void store(float* to, Type v) noexcept { _mm256_storeu_ps(to, v); }
  static Type broadcast(float v) noexcept { return _mm256_set1_ps(v); }
  static Type multiply_add(Type sum, Type x, Type w) noexcept { return _mm256_fmadd_ps(x, w, sum); }
  static Type clamp(Type v, float low, float high) noexcept {
    return _mm256_min_ps(_mm256_max_ps(v, _mm256_set1_ps(low)), _mm256_set1_ps(high));
  }
};

void run(const ConvArgs& args, const MacBlock& block) noexcept {
  float_block<EightFloats>(args, block);
}

}  // namespace

extern const ConvKernel conv_f32_6x16__avx2;
const ConvKernel conv_f32_6x16__avx2{
    "conv_f32_6x16__avx2",
    isa::avx2,
    MacTypes::f32,
    conv_f32_suits,
    run,
    {conv_f32_packed_bytes, conv_f32_pack, nullptr, nullptr, nullptr, {6, kConvFloatTile}}};

}  // namespace pinfer
