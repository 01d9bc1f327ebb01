// SPDX-License-Identifier: Apache-2.0
// The conv family in float32 with NEON.
#include <arm_neon.h>

#include "runtime/kernels/conv/tiles_f32.h"

namespace pinfer {
namespace {

struct FourFloats {
  using Type = float32x4_t;
  static constexpr int kWidth = 4;
#if defined(__aarch64__)
  static constexpr int kRows = 4;
#else
  static constexpr int kRows = 2;  // 16 registers
#endif
  static Type load(const float* from) noexcept { return vld1q_f32(from); }
  static void store(float* to, Type v) noexcept { vst1q_f32(to, v); }
  static Type broadcast(float v) noexcept { return vdupq_n_f32(v); }
  static Type multiply_add(Type sum, Type x, Type w) noexcept {
#if defined(__aarch64__)
    return vfmaq_f32(sum, x, w);
#else
    return vmlaq_f32(sum, x, w);
#endif
  }
  static Type clamp(Type v, float low, float high) noexcept {
    return vminq_f32(vmaxq_f32(v, vdupq_n_f32(low)), vdupq_n_f32(high));
  }
};

void run(const ConvArgs& args, const MacBlock& block) noexcept {
  float_block<FourFloats>(args, block);
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
