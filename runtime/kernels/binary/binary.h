// SPDX-License-Identifier: Apache-2.0
// binary: out[i] = f(a[i], b[i]) with broadcasting, all three of one type.
//
// Quantized forms (`..._quant`), with a' = a - a_zero, b' = b - b_zero, m(...) = multiply():
// - add, sub: out = m(m(a' << left_shift, a_scale) +- m(b' << left_shift, b_scale), out_scale) + z
// - mul: out = m(a' * b', out_scale) + z
// - squared_difference: out = m(d * d, out_scale) + z with d the inner difference of sub
// - div: out = m(a' / b' in fixed point, out_scale) + z; b' = 0 gives the end of the range
// - prelu: out = a' >= 0 ? m(a', a_scale) + z : m(a' * b', out_scale) + z
// add_pot and sub_pot are the old int16 scheme: one operand is shifted right by a power of two.
// Integers wrap around where the plain forms overflow. x / 0 is defined: see scalar.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/broadcast.h"

namespace pinfer {

enum class BinaryOp : std::uint8_t {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  squared_difference,
  prelu,
  floor_div,
  floor_mod,
  power,
  atan2,
  add_quant,
  sub_quant,
  mul_quant,
  div_quant,
  squared_difference_quant,
  prelu_quant,
  add_pot,
  sub_pot,
};

struct BinaryParams {
  // Quantized forms.
  std::int32_t a_zero = 0, b_zero = 0, out_zero = 0;
  std::int32_t left_shift = 0;
  Multiplier a_scale, b_scale, out_scale;
  std::int32_t a_right = 0, b_right = 0;  // add_pot, sub_pot: shifts to the right, 0..15
  ClampRange clamp;
  // Plain forms.
  FloatRange float_clamp;
  std::int64_t low = 0, high = 0;
};

struct BinaryArgs {
  const void* a = nullptr;
  const void* b = nullptr;
  void* out = nullptr;  // may be a or b where that operand is as large as the output
  Broadcast broadcast;
  BinaryParams params;
  std::int64_t begin = 0, end = 0;  // flat outputs to compute
};

// A stretch of neighbouring outputs; a and b point to its first operands.
struct BinaryRow {
  const void* a = nullptr;
  const void* b = nullptr;
  void* out = nullptr;
  std::int64_t count = 0;
  bool repeat_a = false, repeat_b = false;  // one element for the whole stretch
};
using BinaryRowFunction = void (*)(const BinaryParams& params, const BinaryRow& row) noexcept;
// Calls `function` for stretches that cover the outputs [begin, end), in order. Built for the
// baseline, for the variants of newer instruction sets.
void for_each_binary_row(const BinaryArgs& args, std::int64_t element_bytes,
                         BinaryRowFunction function) noexcept;

struct BinaryKernel {
  std::string_view name;
  BinaryOp op;
  DType type;
  IsaBits isa = 0;
  void (*run)(const BinaryArgs& args) noexcept = nullptr;
};

// All of this build, best first.
std::span<const BinaryKernel> binary_kernels() noexcept;
// Null where the operation does not exist for the type.
const BinaryKernel* select_binary(BinaryOp op, DType type, IsaBits isa) noexcept;

}  // namespace pinfer
