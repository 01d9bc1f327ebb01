// SPDX-License-Identifier: Apache-2.0
// unary: out[i] = f(in[i]) on numbers that are not quantized; both of one type (but complex_abs).
//
// Rounding is to even; sign(NaN) is NaN; -x and |x| of the lowest integer wrap to itself.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

enum class UnaryOp : std::uint8_t {
  abs,
  neg,
  sign,
  square,
  sqrt,
  rsqrt,
  exp,
  log,
  sin,
  cos,
  floor,
  ceil,
  round,
  logistic,
  tanh,
  hard_swish,
  elu,
  gelu,
  gelu_tanh,   // the approximation by tanh
  leaky_relu,  // x >= 0 ? x : alpha * x
  clamp,       // to [low, high]; NaN stays
  logical_not,
  complex_abs,  // pairs of floats (c64) to floats
};

struct UnaryArgs {
  const void* in = nullptr;
  void* out = nullptr;  // may be `in`, but not of complex_abs
  float alpha = 0.0f, low = 0.0f, high = 0.0f;
  std::int64_t begin = 0, end = 0;
};

struct UnaryKernel {
  std::string_view name;
  UnaryOp op;
  DType type;
  IsaBits isa = 0;
  void (*run)(const UnaryArgs& args) noexcept = nullptr;
};

std::span<const UnaryKernel> unary_kernels() noexcept;
// Null where the operation does not exist for the type.
const UnaryKernel* select_unary(UnaryOp op, DType type, IsaBits isa) noexcept;

}  // namespace pinfer
