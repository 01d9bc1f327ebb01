// SPDX-License-Identifier: Apache-2.0
// The lstm_integer family: one time step of one batch row of the int8 LSTM with 16-bit gates.
//
//   gate = curve(sat16(W_h * h + sat16(W_x * x) + peephole . c))   each product scaled to Q3.12
//          (with layer norm: curve(norm . normalized(...) + bias)); logistic, tanh for the cell
//          gate
//   c    = clip(forget . c + input . cell)              without input gate: input = 1 - forget
//   h = y = output . tanh(c) scaled, or its projection
//
// Zero points are folded into the bias vectors by set-up. Weights are int8, [cells][inputs],
// [cells][outputs], [outputs][cells]; states are h int8 and c int16.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/kernels/arithmetic.h"

namespace pinfer {

// rows of int8 weights, a start value for each sum, and the scale of the sums.
struct LstmMatrix {
  const std::int8_t* weights = nullptr;  // null: absent
  const std::int32_t* bias = nullptr;
  Multiplier multiplier;
};

struct LstmIntegerGate {
  LstmMatrix input, recurrent;
  const std::int16_t* peephole = nullptr;  // [cells]; null: none
  Multiplier peephole_multiplier;
  const std::int16_t* layer_norm = nullptr;  // [cells]; null: none
  const std::int32_t* layer_norm_bias = nullptr;
  Multiplier layer_norm_multiplier;
  std::int32_t variance_guard = 1;  // stands for a variance of 0
};

struct LstmIntegerArgs {
  std::int32_t inputs = 1, cells = 1, outputs = 1;
  // Input, forget, cell, output; no input gate: forget stands for both.
  std::array<LstmIntegerGate, 4> gates;
  std::int32_t cell_integer_bits = 0;  // c is Q(cell_integer_bits), 0..6
  std::int16_t cell_clip = 0;          // 0: none
  Multiplier hidden_multiplier;        // of output . tanh(c)
  std::int32_t hidden_zero = 0;
  LstmMatrix projection;
  std::int32_t state_zero = 0;          // zero point of h, with a projection
  std::int8_t projection_clip = 0;      // 0: none
  const std::int8_t* x = nullptr;       // [inputs]
  std::int8_t* h = nullptr;             // [outputs], state
  std::int16_t* c = nullptr;            // [cells], state
  std::int8_t* y = nullptr;             // [outputs]
  std::int16_t* gate_values = nullptr;  // scratch: 4 * cells
  std::int8_t* hidden = nullptr;        // scratch: cells
};

struct LstmIntegerKernel {
  std::string_view name;
  IsaBits needs = isa::scalar;
  void (*run)(const LstmIntegerArgs& args) noexcept = nullptr;
};

// All variants of this build, best first.
std::span<const LstmIntegerKernel* const> lstm_integer_kernels();
const LstmIntegerKernel& select_lstm_integer(IsaBits have);

}  // namespace pinfer
