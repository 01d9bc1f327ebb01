// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution for AVX2: int8 in pairs of taps as int16, and float32.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/depthwise/finish_avx.h"
#include "runtime/kernels/depthwise/pairs_avx.h"
#include "runtime/kernels/depthwise/slide.h"
#include "runtime/kernels/depthwise/taps_avx.h"
#include "runtime/kernels/depthwise/taps_f32.h"

namespace pinfer {
namespace {

struct MultiplyAdd {
  [[gnu::always_inline]] static __m256i add(__m256i sum, __m256i x, __m256i w) noexcept {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
  }
};

void strip_3x3(const DepthwiseStrip& s) noexcept { slide_any<PairWeights<MultiplyAdd>>(s); }
void run_3x3(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  depthwise_walk<16>(args, block, depthwise_group_bytes_avx(args.shape), strip_3x3);
}

void strip_any(const DepthwiseStrip& s) noexcept { taps_strip<MultiplyAdd>(s); }
void run_any(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  depthwise_walk<16>(args, block, depthwise_group_bytes_avx(args.shape), strip_any);
}

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

void run_f32(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  float_block<EightFloats>(args, block);
}

}  // namespace

extern const DepthwiseKernel depthwise_s8_3x3__avx2, depthwise_s8__avx2, depthwise_f32__avx2;

const DepthwiseKernel depthwise_f32__avx2{"depthwise_f32__avx2", isa::avx2, MacTypes::f32,
                                          float_suits, run_f32};

const DepthwiseKernel depthwise_s8_3x3__avx2{"depthwise_s8_3x3__avx2",
                                             isa::avx2,
                                             MacTypes::s8,
                                             slides,
                                             run_3x3,
                                             {depthwise_packed_bytes_avx,
                                              depthwise_pack_avx,
                                              depthwise_scratch_bytes<16>,
                                              depthwise_arrange_units<16>,
                                              depthwise_arrange<16>,
                                              {1, kCacheLine}}};
const DepthwiseKernel depthwise_s8__avx2{"depthwise_s8__avx2",
                                         isa::avx2,
                                         MacTypes::s8,
                                         taps_suit,
                                         run_any,
                                         {depthwise_packed_bytes_avx,
                                          depthwise_pack_runs_avx,
                                          depthwise_scratch_bytes<16>,
                                          depthwise_arrange_units<16>,
                                          depthwise_arrange<16>,
                                          {1, kCacheLine}}};

}  // namespace pinfer
