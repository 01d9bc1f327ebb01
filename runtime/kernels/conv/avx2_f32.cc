// SPDX-License-Identifier: Apache-2.0
// The conv family in float32 with AVX2 and FMA.
#include <immintrin.h>

#include "runtime/kernels/conv/tiles_f32.h"
#include "runtime/kernels/floats_avx2.h"

namespace pinfer {
namespace {

constexpr int kRows = 6;

void run(const ConvArgs& args, const MacBlock& block) noexcept {
  float_block<EightFloats, kRows>(args, block);
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
