// SPDX-License-Identifier: Apache-2.0
// The conv family: dense and grouped two-dimensional convolution.
//
//   sum = bias[o] + over taps inside the input: (x - input_zero) * (w - filter_zero)
//   integer: out = clamp(output_zero + sum * multipliers[o])
//   f32:     out = clamp(sum)
//   hybrid:  out = clamp(sum_without_bias * filter_scales[o] * input_scales[batch] + bias[o])
//
// Weights are [out_channels][filter_height][filter_width][in_channels / groups]. Nothing aliases.
// The rows of a block are output pixels: ((batch * out_height) + y) * out_width + x.
#pragma once

#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/mac.h"

namespace pinfer {

struct ConvArgs {
  ConvShape shape;
  const void* input = nullptr;
  const void* filter = nullptr;
  const void* bias = nullptr;  // null: none
  void* output = nullptr;
  std::int32_t input_zero = 0, filter_zero = 0, output_zero = 0;
  const Multiplier* multipliers = nullptr;    // integers: one per output channel
  ClampRange clamp;                           // integers
  FloatRange range;                           // f32, hybrid
  const float* filter_scales = nullptr;       // hybrid: one per output channel
  const float* input_scales = nullptr;        // hybrid: one per batch
  const std::int32_t* input_zeros = nullptr;  // hybrid: one per batch, instead of input_zero
  const std::byte* packed = nullptr;          // variants with a packing
  std::byte* scratch = nullptr;               // variants with a packing
  MacRing ring;                               // of the output; one batch
};

struct ConvKernel {
  std::string_view name;
  IsaBits needs = isa::scalar;
  MacTypes types = MacTypes::s8;
  bool (*suits)(const ConvShape& shape) = nullptr;  // null: every shape
  void (*run)(const ConvArgs& args, const MacBlock& block) noexcept = nullptr;
  MacPacking<ConvArgs> packing = {};
};

// All variants of this build, best first.
std::span<const ConvKernel* const> conv_kernels();
// The first one that `have` covers and that suits the shape; there is always the scalar one.
// Variants with a packing only where `constant`: filter and bias are known at load. In float32
// always: sums in another order would make other bits of the same net; the step packs in each run.
const ConvKernel& select_conv(IsaBits have, MacTypes types, const ConvShape& shape, bool constant);

}  // namespace pinfer
