// SPDX-License-Identifier: Apache-2.0
// The fully_connected family: rows of activations times the transposed weight matrix.
//
//   sum = bias[o] + over depth: (x - input_zero) * (w - filter_zero)
//   integer: out = clamp(output_zero + round(sum * scales[o])), in double, halves away from zero
//            (the reference of this operator does not use a fixed-point multiplier)
//   f32:     out = clamp(sum)
//   hybrid:  out = clamp(bias[o] + sum_without_bias * (filter_scales[o] * input_scales[row]))
//
// Activations are [rows][depth], weights [channels][depth], results [rows][channels]. Nothing
// aliases. The rows of a block are matrix rows; its channels begin at a multiple of 16.
#pragma once

#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/mac.h"

namespace pinfer {

struct FullyConnectedShape {
  std::int64_t rows = 1;
  std::int32_t depth = 1, channels = 1;
};

struct FullyConnectedArgs {
  FullyConnectedShape shape;
  const void* input = nullptr;
  const void* filter = nullptr;
  const void* bias = nullptr;  // null: none
  void* output = nullptr;
  std::int32_t input_zero = 0, filter_zero = 0, output_zero = 0;
  const double* scales = nullptr;             // integers: one per channel
  ClampRange clamp;                           // integers
  FloatRange range;                           // f32, hybrid
  const float* filter_scales = nullptr;       // hybrid: one per channel
  const float* input_scales = nullptr;        // hybrid: one per row
  const std::int32_t* input_zeros = nullptr;  // hybrid: one per row, instead of input_zero
  const std::byte* packed = nullptr;          // variants with a packing
  std::byte* scratch = nullptr;               // variants with a packing
};

struct FullyConnectedKernel {
  std::string_view name;
  IsaBits needs = isa::scalar;
  MacTypes types = MacTypes::s8;
  bool (*suits)(const FullyConnectedShape& shape) = nullptr;  // null: every shape
  void (*run)(const FullyConnectedArgs& args, const MacBlock& block) noexcept = nullptr;
  MacPacking<FullyConnectedArgs> packing = {};
};

// All variants of this build, best first.
std::span<const FullyConnectedKernel* const> fully_connected_kernels();
// The first one that `have` covers and that suits the shape; there is always the scalar one.
// Variants with a packing only where `constant`: filter and bias are known at load.
const FullyConnectedKernel& select_fully_connected(IsaBits have, MacTypes types,
                                                   const FullyConnectedShape& shape, bool constant);

}  // namespace pinfer
