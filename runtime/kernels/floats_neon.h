// SPDX-License-Identifier: Apache-2.0
// FourFloats: a vector of NEON for the float templates. Included by the neon*.cc files only, after
// <arm_neon.h>; local to each of them.
#pragma once

namespace pinfer {
namespace {

struct FourFloats {
  using Type = float32x4_t;
  static constexpr int kWidth = 4;
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

}  // namespace
}  // namespace pinfer
