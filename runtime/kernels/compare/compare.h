// SPDX-License-Identifier: Apache-2.0
// compare: out[i] = a[i] op b[i] with broadcasting; the outputs are bools, one byte of 0 or 1.
//
// Quantized operands are compared on a common scale: multiply((q - zero) << 8, scale).
// Bools have `equal`, `not_equal`, `logical_and` and `logical_or`; any byte but 0 counts as true.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/broadcast.h"

namespace pinfer {

enum class CompareOp : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
};

struct CompareArgs {
  const void* a = nullptr;
  const void* b = nullptr;
  std::uint8_t* out = nullptr;  // does not overlap a or b
  CompareOp op = CompareOp::equal;
  Broadcast broadcast;
  std::int32_t a_zero = 0, b_zero = 0;  // quantized operands
  Multiplier a_scale, b_scale;
  std::int64_t begin = 0, end = 0;  // flat outputs to compute
};

struct CompareKernel {
  std::string_view name;
  DType type;
  bool quantized;
  IsaBits isa = 0;
  void (*run)(const CompareArgs& args) noexcept = nullptr;
};

std::span<const CompareKernel> compare_kernels() noexcept;
// Null where the type cannot be compared so.
const CompareKernel* select_compare(DType type, bool quantized, IsaBits isa) noexcept;

}  // namespace pinfer
