// SPDX-License-Identifier: Apache-2.0
// softmax: softmax and log-softmax over the innermost dimension.
//
// - f32: exp((x - max) * beta) / sum; log form: x - max - log(sum).
// - 8 bits: the difference to the largest, scaled to Q5, exp in fixed point, sum in Q12. Outputs
//   have the scale 1/256 (int16: 1/65536) and the lowest value as zero point; the log form has
//   the scale 1/16 and the highest value as zero point. Differences below diff_min count as 0.
// - int16: exp and 1/(1+x) by interpolated tables of 513 samples.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"
#include "runtime/kernels/arithmetic.h"

namespace pinfer {

struct SoftmaxArgs {
  const void* in = nullptr;
  void* out = nullptr;  // may be `in` where both types are of one size
  std::int64_t depth = 0;
  float beta = 1.0f;                            // f32
  Multiplier scale;                             // integers: difference to Q5 (int16: to the table)
  std::int32_t diff_min = 0;                    // 8 bits; at most 0
  Multiplier inverse_scale;                     // log form: Q5 back to differences
  const std::int16_t* exp_table = nullptr;      // int16
  const std::int16_t* inverse_table = nullptr;  // int16
  std::int64_t begin = 0, end = 0;              // rows to compute
};

struct SoftmaxKernel {
  std::string_view name;
  bool log;
  DType from, to;
  IsaBits isa = 0;
  void (*run)(const SoftmaxArgs& args) noexcept = nullptr;
};

std::span<const SoftmaxKernel> softmax_kernels() noexcept;
// Null where there is no such pair of types.
const SoftmaxKernel* select_softmax(bool log, DType from, DType to, IsaBits isa) noexcept;

}  // namespace pinfer
