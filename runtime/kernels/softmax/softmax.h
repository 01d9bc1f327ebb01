// SPDX-License-Identifier: Apache-2.0
// softmax: softmax and log-softmax over the innermost dimension.
//
// - f32: exp((x - max) * beta) / sum; log form: x - max - log(sum).
// - 8 bits: the difference to the largest, scaled to Q5, exp in fixed point, sum in Q12. Outputs
//   have the scale 1/256 (int16: 1/65536) and the lowest value as zero point; the log form has
//   the scale 1/16 and the highest value as zero point. Differences below diff_min count as 0.
// - int16: exp and 1/(1+x) by interpolated tables of 513 samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"
#include "runtime/kernels/arithmetic.h"

namespace pinfer {

// 8 bits: the table of a scale, for variants. Entry 255 + d is exp(d) in Q0 for the difference d in
// [-255, 0], 0 below diff_min; entry 511 + d is its part of the sum, in Q12.
inline constexpr std::size_t kSoftmaxExps = 512;

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
  const std::int32_t* exps = nullptr;           // 8 bits; only variants look at it
  std::int64_t begin = 0, end = 0;              // rows to compute
};

// Fills kSoftmaxExps entries for the scale and diff_min of `args`.
void fill_softmax_exps(const SoftmaxArgs& args, std::int32_t* table) noexcept;

// 1 / sum for a sum of shares, at least 1: mantissa (Q0) * 2^-bits_over_unit.
struct SoftmaxInverse {
  std::int32_t mantissa = 0;
  int bits_over_unit = 0;
};
SoftmaxInverse softmax_inverse(std::int64_t sum) noexcept;

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
