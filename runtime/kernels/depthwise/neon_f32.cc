// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution in float32 with NEON.
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/depthwise/taps_f32.h"
#include "runtime/kernels/floats_neon.h"

namespace pinfer {
namespace {

void run(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  float_block<FourFloats>(args, block);
}

}  // namespace

extern const DepthwiseKernel depthwise_f32__neon;
const DepthwiseKernel depthwise_f32__neon{"depthwise_f32__neon", isa::neon, MacTypes::f32,
                                          float_suits, run};

}  // namespace pinfer
