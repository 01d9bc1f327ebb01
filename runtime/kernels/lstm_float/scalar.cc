// SPDX-License-Identifier: Apache-2.0
// The lstm_float family in plain loops: the judge of the other variants.
#include <cmath>

#include "runtime/kernels/dynamic_range.h"
#include "runtime/kernels/lstm_float/lstm_float.h"
#include "runtime/kernels/scalar_mac.h"

namespace pinfer {
namespace {

// A vector to multiply matrices with; `quantized` is null where the weights are float.
struct Operand {
  const float* values = nullptr;
  const std::int8_t* quantized = nullptr;
  DynamicQuant quant;
  std::int64_t size = 0;
};

template <bool hybrid>
Operand operand(const float* values, std::int32_t size, std::int8_t* scratch, bool asymmetric) {
  Operand result{values, nullptr, {}, size};
  if constexpr (hybrid) {
    result.quantized = scratch;
    result.quant = asymmetric ? quantize_asymmetric(values, size, scratch)
                              : quantize_symmetric(values, size, scratch);
  }
  return result;
}

// sums[r] += weights[r] . vector
template <bool hybrid>
void add_product(const LstmWeights& weights, const Operand& vector, std::int32_t rows,
                 float* sums) {
  for (std::int64_t r = 0; r < rows; ++r) {
    if constexpr (hybrid) {
      const auto* row = static_cast<const std::int8_t*>(weights.values) + r * vector.size;
      const std::int64_t sum =
          scalar::dot(vector.quantized, row, vector.size, vector.quant.zero, 0);
      sums[r] += static_cast<float>(scalar::wrap32(sum)) * (weights.scale * vector.quant.scale);
    } else {
      const auto* row = static_cast<const float*>(weights.values) + r * vector.size;
      sums[r] += scalar::dot(vector.values, row, vector.size);
    }
  }
}

// (v - mean) / deviation * norm + bias
void normalize(const LstmFloatGate& gate, std::int32_t count, float* values) {
  float sum = 0.0f;
  for (std::int32_t i = 0; i < count; ++i) sum += values[i];
  const float mean = sum / static_cast<float>(count);
  float squares = 0.0f;
  for (std::int32_t i = 0; i < count; ++i) squares += (values[i] - mean) * (values[i] - mean);
  const float inverse = 1.0f / std::sqrt(squares / static_cast<float>(count) + 1e-8f);
  for (std::int32_t i = 0; i < count; ++i)
    values[i] = (values[i] - mean) * inverse * gate.layer_norm[i] + gate.bias[i];
}

float activate(Activation activation, float value) {
  if (activation == Activation::tanh) return std::tanh(value);
  return scalar::clamp(value, float_clamp(activation));
}

float sigmoid(float value) { return 1.0f / (1.0f + std::exp(-value)); }

float clip(float value, float limit) {
  return limit > 0.0f ? std::min(std::max(value, -limit), limit) : value;
}

// The sum of one gate before its activation.
template <bool hybrid>
void gate_sums(const LstmFloatArgs& args, const LstmFloatGate& gate, const Operand& x,
               const Operand& h, float* values) {
  for (std::int32_t i = 0; i < args.cells; ++i)
    values[i] = gate.layer_norm != nullptr ? 0.0f : gate.bias[i];
  add_product<hybrid>(gate.input, x, args.cells, values);
  add_product<hybrid>(gate.recurrent, h, args.cells, values);
  if (gate.peephole.values != nullptr) {
    for (std::int32_t i = 0; i < args.cells; ++i) {
      float weight = 0.0f;
      if constexpr (hybrid)
        weight = gate.peephole.scale *
                 static_cast<float>(static_cast<const std::int8_t*>(gate.peephole.values)[i]);
      else
        weight = static_cast<const float*>(gate.peephole.values)[i];
      values[i] += weight * args.c[i];
    }
  }
  if (gate.layer_norm != nullptr) normalize(gate, args.cells, values);
}

// h = output . activation(c), projected where there is a projection.
template <bool hybrid>
void update_output(const LstmFloatArgs& args, const float* output_gate, float* hidden,
                   std::int8_t* scratch) {
  for (std::int32_t i = 0; i < args.cells; ++i)
    hidden[i] = output_gate[i] * activate(args.activation, args.c[i]);
  if (args.projection.values == nullptr) {
    std::copy_n(hidden, args.outputs, args.h);
    return;
  }
  const Operand vector = operand<hybrid>(hidden, args.cells, scratch, args.asymmetric);
  for (std::int32_t i = 0; i < args.outputs; ++i)
    args.h[i] = args.projection_bias != nullptr ? args.projection_bias[i] : 0.0f;
  add_product<hybrid>(args.projection, vector, args.outputs, args.h);
  for (std::int32_t i = 0; i < args.outputs; ++i) args.h[i] = clip(args.h[i], args.projection_clip);
}

template <bool hybrid>
void lstm_step(const LstmFloatArgs& args) noexcept {
  float* const input = args.gate_values;
  float* const forget = input + args.cells;
  float* const cell = forget + args.cells;
  float* const output = cell + args.cells;
  std::int8_t* const quantized_h = hybrid ? args.quantized + args.inputs : nullptr;
  std::int8_t* const quantized_hidden = hybrid ? quantized_h + args.outputs : nullptr;
  const Operand x = operand<hybrid>(args.x, args.inputs, args.quantized, args.asymmetric);
  const Operand h = operand<hybrid>(args.h, args.outputs, quantized_h, args.asymmetric);
  const bool has_input_gate = args.gates[kInputGate].input.values != nullptr;
  if (has_input_gate) gate_sums<hybrid>(args, args.gates[kInputGate], x, h, input);
  gate_sums<hybrid>(args, args.gates[kForgetGate], x, h, forget);
  gate_sums<hybrid>(args, args.gates[kCellGate], x, h, cell);
  for (std::int32_t i = 0; i < args.cells; ++i) {
    const float kept = sigmoid(forget[i]);
    const float added = has_input_gate ? sigmoid(input[i]) : 1.0f - kept;
    const float value = kept * args.c[i] + activate(args.activation, cell[i]) * added;
    args.c[i] = clip(value, args.cell_clip);
  }
  gate_sums<hybrid>(args, args.gates[kOutputGate], x, h, output);
  for (std::int32_t i = 0; i < args.cells; ++i) output[i] = sigmoid(output[i]);
  update_output<hybrid>(args, output, cell, quantized_hidden);
  std::copy_n(args.h, args.outputs, args.y);
}

}  // namespace

extern const LstmFloatKernel lstm_f32__scalar, lstm_hybrid__scalar;

const LstmFloatKernel lstm_f32__scalar{"lstm_f32__scalar", isa::scalar, false, lstm_step<false>};
const LstmFloatKernel lstm_hybrid__scalar{"lstm_hybrid__scalar", isa::scalar, true,
                                          lstm_step<true>};

}  // namespace pinfer
