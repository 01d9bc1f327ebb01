// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution for AVX2: int8 in pairs of taps as int16, and float32.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/depthwise/finish_avx.h"
#include "runtime/kernels/depthwise/pairs_avx.h"
#include "runtime/kernels/depthwise/slide.h"
#include "runtime/kernels/depthwise/taps_avx.h"
#include "runtime/kernels/depthwise/taps_f32.h"
#include "runtime/kernels/floats_avx2.h"

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

void run_f32(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  float_block<EightFloats>(args, block);
}

}  // namespace

extern const DepthwiseKernel depthwise_s8_3x3__avx2, depthwise_s8__avx2, depthwise_f32__avx2;

const DepthwiseKernel depthwise_f32__avx2{"depthwise_f32__avx2", isa::avx2, MacTypes::f32,
                                          float_suits, run_f32};

const DepthwiseKernel depthwise_s8_3x3__avx2{
    "depthwise_s8_3x3__avx2",
    isa::avx2,
    MacTypes::s8,
    slides,
    run_3x3,
    depthwise_packing<16>(depthwise_packed_bytes_avx, depthwise_pack_avx)};
const DepthwiseKernel depthwise_s8__avx2{
    "depthwise_s8__avx2",
    isa::avx2,
    MacTypes::s8,
    taps_suit,
    run_any,
    depthwise_packing<16>(depthwise_packed_bytes_avx, depthwise_pack_runs_avx)};

}  // namespace pinfer
