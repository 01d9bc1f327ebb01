// SPDX-License-Identifier: Apache-2.0
// The lstm_float family: one time step of one batch row of an LSTM, states in float32.
//
//   gate  = activate(W_x * x + W_h * h + peephole . c + bias)       sigmoid; `activation` for cell
//           (with layer norm: activate(norm . normalized(W_x * x + W_h * h + ...) + bias))
//   c     = clip(forget . c + input . cell)                  without input gate: input = 1 - forget
//   h = y = output . activation(c), or clip(P * (output . activation(c)) + projection bias)
//
// Weights are float32 or int8 with one scale a matrix; then x, h and the hidden vector are
// quantized at run time. Weights are [cells][inputs], [cells][outputs], [outputs][cells].
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/op_params.h"

namespace pinfer {

// float32 or int8 (then the values are scale * integer); null: absent.
struct LstmWeights {
  const void* values = nullptr;
  float scale = 1.0f;
};

struct LstmFloatGate {
  LstmWeights input, recurrent, peephole;
  const float* layer_norm = nullptr;
  const float* bias = nullptr;
};

enum LstmGateIndex : std::uint8_t { kInputGate, kForgetGate, kCellGate, kOutputGate };

struct LstmFloatArgs {
  std::int32_t inputs = 1, cells = 1, outputs = 1;
  std::array<LstmFloatGate, 4> gates;  // by LstmGateIndex; no input gate: forget stands for both
  LstmWeights projection;
  const float* projection_bias = nullptr;
  Activation activation = Activation::tanh;
  float cell_clip = 0.0f, projection_clip = 0.0f;  // 0: none
  bool asymmetric = false;                         // run-time quantization with a zero point
  const float* x = nullptr;                        // [inputs]
  float* h = nullptr;                              // [outputs], state
  float* c = nullptr;                              // [cells], state
  float* y = nullptr;                              // [outputs]
  float* gate_values = nullptr;                    // scratch: 4 * cells
  std::int8_t* quantized = nullptr;  // scratch for int8 weights: inputs + outputs + cells
};

struct LstmFloatKernel {
  std::string_view name;
  IsaBits needs = isa::scalar;
  bool hybrid = false;  // int8 weights
  void (*run)(const LstmFloatArgs& args) noexcept = nullptr;
};

// All variants of this build, best first.
std::span<const LstmFloatKernel* const> lstm_float_kernels();
const LstmFloatKernel& select_lstm_float(IsaBits have, bool hybrid);

}  // namespace pinfer
