// SPDX-License-Identifier: Apache-2.0
// The conv family in float32 with NEON.
#include <arm_neon.h>

#include "runtime/kernels/conv/tiles_f32.h"
#include "runtime/kernels/floats_neon.h"

namespace pinfer {
namespace {

#if defined(__aarch64__)
constexpr int kRows = 4;
#else
constexpr int kRows = 2;  // 16 registers
#endif

void run(const ConvArgs& args, const MacBlock& block) noexcept {
  float_block<FourFloats, kRows>(args, block);
}

}  // namespace

extern const ConvKernel conv_f32_4x16__neon;
const ConvKernel conv_f32_4x16__neon{
    "conv_f32_4x16__neon",
    isa::neon,
    MacTypes::f32,
    conv_f32_suits,
    run,
    {conv_f32_packed_bytes, conv_f32_pack, nullptr, nullptr, nullptr, {4, kConvFloatTile}}};

}  // namespace pinfer
