// SPDX-License-Identifier: Apache-2.0
// l2norm: rows divided by their length, sqrt of the sum of squares.
//
// - f32: the length is at least 1e-6.
// - 8 bits: (q - zero) * inverse_sqrt(sum), output scale 1/128 around 0 (int8) or 128 (uint8).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

struct L2NormArgs {
  const void* in = nullptr;
  void* out = nullptr;     // may be `in`
  std::int64_t depth = 0;  // elements of a row; 8 bits: at most 32768
  std::int32_t zero = 0;
  std::int64_t begin = 0, end = 0;  // rows to compute
};

struct L2NormKernel {
  std::string_view name;
  DType type;
  IsaBits isa = 0;
  void (*run)(const L2NormArgs& args) noexcept = nullptr;
};

std::span<const L2NormKernel> l2norm_kernels() noexcept;
// Null where there is no such type.
const L2NormKernel* select_l2norm(DType type, IsaBits isa) noexcept;

}  // namespace pinfer
