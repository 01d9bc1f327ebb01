// SPDX-License-Identifier: Apache-2.0
// The batch_matmul family: one matrix product of a batch, both operands with contiguous depth.
//
//   sum = over depth: (l - left_zero) * (r - right_zero)
//   s8, s16, s16_s8: out = clamp(output_zero + sum * multiplier)
//   s8_s32, f32:     out = sum
//   hybrid:          out = sum * (left_scales[row] * right_scales[column])
//
// Left is [rows][depth], right is [columns][depth] (transposed by set-up where need be), the result
// [rows][columns]. Nothing aliases.
#pragma once

#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/mac.h"

namespace pinfer {

enum class MatMulTypes : std::uint8_t {
  f32,     // float32 x float32 -> float32
  s8,      // int8 x int8 -> int8
  s8_s32,  // int8 x int8 -> int32, not scaled; sums wrap
  s16,     // int16 x int16 -> int16, 64-bit sums
  s16_s8,  // int16 x int8 -> int16, 64-bit sums
  hybrid,  // float32, quantized at run time to int8, x int8 -> float32
};

struct MatMulShape {
  std::int64_t rows = 1;
  std::int32_t columns = 1, depth = 1;
};

struct MatMulArgs {
  MatMulShape shape;
  const void* left = nullptr;
  const void* right = nullptr;
  void* output = nullptr;
  std::int32_t left_zero = 0, right_zero = 0, output_zero = 0;
  Multiplier multiplier;
  ClampRange clamp;
  const float* left_scales = nullptr;        // hybrid: one per row
  const std::int32_t* left_zeros = nullptr;  // hybrid: one per row, instead of left_zero
  const float* right_scales = nullptr;       // hybrid: one per column
};

struct MatMulKernel {
  std::string_view name;
  IsaBits needs = isa::scalar;
  MatMulTypes types = MatMulTypes::s8;
  bool (*suits)(const MatMulShape& shape) = nullptr;  // null: every shape
  void (*run)(const MatMulArgs& args, const MacBlock& block) noexcept = nullptr;
};

// All variants of this build, best first.
std::span<const MatMulKernel* const> batch_matmul_kernels();
// The first one that `have` covers and that suits the shape; there is always the scalar one.
const MatMulKernel& select_batch_matmul(IsaBits have, MatMulTypes types, const MatMulShape& shape);

}  // namespace pinfer
