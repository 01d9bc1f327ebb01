// SPDX-License-Identifier: Apache-2.0
// The transpose_conv family: each input pixel adds its filter to the output, strided.
//
// In ConvShape, strides and padding are those of the convolution that this one transposes: output
// row y takes tap f of input row (y + pad_top - f) / stride_h where that divides. Sums and results
// are as in conv.h. Weights are [out_channels][filter_height][filter_width][in_channels]; dilations
// and groups are 1. Nothing aliases.
#pragma once

#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/mac.h"

namespace pinfer {

struct TransposeConvArgs {
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
};

struct TransposeConvKernel {
  std::string_view name;
  IsaBits needs = isa::scalar;
  MacTypes types = MacTypes::s8;
  bool (*suits)(const ConvShape& shape) = nullptr;  // null: every shape
  void (*run)(const TransposeConvArgs& args, const MacBlock& block) noexcept = nullptr;
  MacPacking<TransposeConvArgs> packing = {};
};

// All variants of this build, best first.
std::span<const TransposeConvKernel* const> transpose_conv_kernels();
// The first one that `have` covers and that suits the shape; there is always the scalar one.
const TransposeConvKernel& select_transpose_conv(IsaBits have, MacTypes types,
                                                 const ConvShape& shape);

}  // namespace pinfer
