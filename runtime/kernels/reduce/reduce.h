// SPDX-License-Identifier: Apache-2.0
// reduce: each output folds the inputs along the reduced dimensions, in row-major order.
//
// - mean of floats and wide integers: sum / count; of quantized integers: the sum of centred values
//   times `scale` (which contains 1 / count), plus out_zero. sum_quant has no 1 / count.
// - prod_quant: each factor is scaled on its way (64-bit product, 16-bit multiplier).
// - arg_max, arg_min: the first index of the largest, smallest element along the only reduced
//   dimension, as int32 or int64 (index_64).
// - Nothing to fold gives 0 (sum, any), 1 (prod, all), the ends of the range (max, min), NaN
// (mean).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/broadcast.h"

namespace pinfer {

enum class ReduceOp : std::uint8_t {
  mean,
  sum,
  prod,
  max,
  min,
  any,
  all,
  mean_quant,
  sum_quant,
  prod_quant,
  arg_max,
  arg_min,
};

// Dimensions to walk, outermost first; `steps` are elements of the input.
struct Walk {
  int rank = 0;
  std::array<std::int64_t, kMaxDims> dims{}, steps{};
  std::int64_t count = 1;  // product of dims
};

struct ReduceArgs {
  const void* in = nullptr;
  void* out = nullptr;  // does not overlap `in`
  Walk kept, reduced;
  std::int32_t in_zero = 0, out_zero = 0;
  Multiplier scale;
  bool index_64 = false;
  std::int64_t begin = 0, end = 0;  // flat outputs to compute
};

struct ReduceKernel {
  std::string_view name;
  ReduceOp op;
  DType type;  // of the input
  IsaBits isa = 0;
  void (*run)(const ReduceArgs& args) noexcept = nullptr;
};

std::span<const ReduceKernel> reduce_kernels() noexcept;
// Null where the operation does not exist for the type.
const ReduceKernel* select_reduce(ReduceOp op, DType type, IsaBits isa) noexcept;

// Splits `shape` into the dimensions kept and reduced; neighbours of one kind are fused.
void split_walks(std::span<const std::int32_t> shape, std::span<const bool> is_reduced, Walk& kept,
                 Walk& reduced) noexcept;

}  // namespace pinfer
