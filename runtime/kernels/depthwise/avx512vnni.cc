// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution in int8 for AVX-512 VNNI: pairs of taps as int16.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/depthwise/finish_avx.h"
#include "runtime/kernels/depthwise/pairs_avx.h"
#include "runtime/kernels/depthwise/slide.h"
#include "runtime/kernels/depthwise/taps_avx.h"

namespace pinfer {
namespace {

struct MultiplyAdd {
  [[gnu::always_inline]] static __m256i add(__m256i sum, __m256i x, __m256i w) noexcept {
    return _mm256_dpwssd_epi32(sum, x, w);
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

}  // namespace

extern const DepthwiseKernel depthwise_s8_3x3__avx512vnni, depthwise_s8__avx512vnni;

const DepthwiseKernel depthwise_s8_3x3__avx512vnni{
    "depthwise_s8_3x3__avx512vnni",
    isa::avx2 | isa::avx512vnni,
    MacTypes::s8,
    slides,
    run_3x3,
    depthwise_packing<16>(depthwise_packed_bytes_avx, depthwise_pack_avx)};
const DepthwiseKernel depthwise_s8__avx512vnni{
    "depthwise_s8__avx512vnni",
    isa::avx2 | isa::avx512vnni,
    MacTypes::s8,
    taps_suit,
    run_any,
    depthwise_packing<16>(depthwise_packed_bytes_avx, depthwise_pack_runs_avx)};

}  // namespace pinfer
