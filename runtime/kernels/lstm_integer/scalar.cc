// SPDX-License-Identifier: Apache-2.0
// The lstm_integer family in plain loops: the judge of the other variants.
#include "runtime/kernels/fixed_point.h"
#include "runtime/kernels/fixed_point16.h"
#include "runtime/kernels/lstm_integer/lstm_integer.h"
#include "runtime/kernels/scalar_mac.h"

namespace pinfer {
namespace {

constexpr ClampRange kInt16{-32768, 32767};
constexpr ClampRange kInt8{-128, 127};

// Row r of matrix * vector, scaled.
std::int32_t scaled_row(const LstmMatrix& matrix, const std::int8_t* vector, std::int64_t size,
                        std::int64_t r) {
  const std::int64_t sum =
      matrix.bias[r] + scalar::dot(vector, matrix.weights + r * size, size, 0, 0);
  return multiply(scalar::wrap32(sum), matrix.multiplier);
}

// Mean and variance of 16-bit values in the reference's fixed point, then
// (v - mean) / deviation * norm + bias.
void normalize(const LstmIntegerGate& gate, std::int32_t count, std::int16_t* values) {
  std::int64_t sum = 0, squares = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    sum += values[i];
    squares += static_cast<std::int32_t>(values[i]) * values[i];
  }
  const auto mean = static_cast<std::int32_t>(sum * 1024 / count);
  const std::int64_t part = (1 << 20) / count;
  const std::int64_t spread = squares * part - static_cast<std::int64_t>(mean) * mean;
  const auto variance = static_cast<std::int32_t>(spread / (1 << 20));
  const Multiplier inverse = inverse_sqrt(variance < 1 ? gate.variance_guard : variance);
  Multiplier scale = gate.layer_norm_multiplier;
  scale.shift += 12;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int64_t normal = multiply(1024 * values[i] - mean, inverse);
    const std::int64_t weighted = normal * gate.layer_norm[i] + gate.layer_norm_bias[i];
    const std::int64_t rounded = (weighted > 0 ? weighted + 512 : weighted - 512) / 1024;
    values[i] = saturate16(multiply(scalar::wrap32(rounded), scale));
  }
}

// The gate in Q3.12, before its curve.
void gate_sums(const LstmIntegerArgs& args, const LstmIntegerGate& gate, std::int16_t* values) {
  for (std::int32_t i = 0; i < args.cells; ++i) {
    const std::int32_t input =
        scalar::place(scaled_row(gate.input, args.x, args.inputs, i), 0, kInt16);
    std::int32_t sum =
        scalar::place(scaled_row(gate.recurrent, args.h, args.outputs, i), input, kInt16);
    if (gate.peephole != nullptr) {
      const std::int32_t product = static_cast<std::int32_t>(gate.peephole[i]) * args.c[i];
      sum = scalar::place(multiply(product, gate.peephole_multiplier), sum, kInt16);
    }
    values[i] = static_cast<std::int16_t>(sum);
  }
  if (gate.layer_norm != nullptr) normalize(gate, args.cells, values);
}

// a * b / 2^shift, rounded.
std::int16_t scaled_product(std::int16_t a, std::int16_t b, int shift) {
  return wrap16(rounding_shift_right(static_cast<std::int32_t>(a) * b, shift));
}

std::int16_t clip(std::int16_t value, std::int16_t limit) {
  if (limit <= 0) return value;
  return std::clamp(value, static_cast<std::int16_t>(-limit), limit);
}

// h from the output gate and the cell state.
void update_output(const LstmIntegerArgs& args, const std::int16_t* output_gate) {
  const bool projects = args.projection.weights != nullptr;
  // The projection's bias was computed for the negated zero point.
  const std::int32_t zero = projects ? -args.hidden_zero : args.hidden_zero;
  std::int8_t* hidden = projects ? args.hidden : args.h;
  for (std::int32_t i = 0; i < args.cells; ++i) {
    const std::int32_t product =
        static_cast<std::int32_t>(output_gate[i]) * tanh16(args.c[i], args.cell_integer_bits);
    hidden[i] = static_cast<std::int8_t>(
        scalar::place(multiply(product, args.hidden_multiplier), zero, kInt8));
  }
  if (!projects) return;
  for (std::int32_t i = 0; i < args.outputs; ++i) {
    const std::int32_t value =
        scalar::place(scaled_row(args.projection, hidden, args.cells, i), args.state_zero, kInt8);
    args.h[i] =
        static_cast<std::int8_t>(clip(static_cast<std::int16_t>(value), args.projection_clip));
  }
}

void lstm_step(const LstmIntegerArgs& args) noexcept {
  std::int16_t* const input = args.gate_values;
  std::int16_t* const forget = input + args.cells;
  std::int16_t* const cell = forget + args.cells;
  std::int16_t* const output = cell + args.cells;
  const bool has_input_gate = args.gates[0].input.weights != nullptr;
  if (has_input_gate) gate_sums(args, args.gates[0], input);
  gate_sums(args, args.gates[1], forget);
  gate_sums(args, args.gates[2], cell);
  // c is Q(b): its 15 - b fractional bits are fewer than the 30 of a product of two gates.
  const int shift = 15 + args.cell_integer_bits;
  for (std::int32_t i = 0; i < args.cells; ++i) {
    const std::int16_t kept = logistic16(forget[i]);
    const std::int16_t added = has_input_gate ? logistic16(input[i]) : wrap16(kQ0One16 - kept);
    const std::int16_t old = scaled_product(kept, args.c[i], 15);
    const std::int16_t fresh = scaled_product(added, tanh16(cell[i], 3), shift);
    args.c[i] = clip(saturate16(old + fresh), args.cell_clip);
  }
  gate_sums(args, args.gates[3], output);
  for (std::int32_t i = 0; i < args.cells; ++i) output[i] = logistic16(output[i]);
  update_output(args, output);
  std::copy_n(args.h, args.outputs, args.y);
}

}  // namespace

extern const LstmIntegerKernel lstm_s8__scalar;
const LstmIntegerKernel lstm_s8__scalar{"lstm_s8__scalar", isa::scalar, lstm_step};

}  // namespace pinfer
