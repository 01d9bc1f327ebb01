// SPDX-License-Identifier: Apache-2.0
// Every variant of the lstm_float family against the equations in double.
#include "runtime/kernels/lstm_float/lstm_float.h"

#include <gtest/gtest.h>

#include <deque>

#include "tests/runtime/kernels/mac_cases.h"

namespace pinfer::test {
namespace {

// Which optional parts an LSTM has.
struct Options {
  bool input_gate = true, peephole = false, layer_norm = false, projection = false;
};

// Weights of one gate in double, with the storage that the kernel sees.
struct Gate {
  std::vector<float> input, recurrent, peephole, norm, bias;
};

std::vector<float> small_values(Random& random, std::int64_t count) {
  auto values = random_values<float>(random, count);
  for (float& value : values) value *= 0.5f;
  return values;
}

struct Cell {
  Options options;
  std::int32_t inputs = 5, cells = 7, outputs = 7;
  std::array<Gate, 4> gates;
  std::vector<float> projection, projection_bias, x, h, c;
};

Cell random_cell(Random& random, const Options& options) {
  Cell cell;
  cell.options = options;
  if (options.projection) cell.outputs = 3;
  for (Gate& gate : cell.gates) {
    gate.input = small_values(random, cell.cells * cell.inputs);
    gate.recurrent = small_values(random, cell.cells * cell.outputs);
    gate.peephole = small_values(random, cell.cells);
    gate.norm = small_values(random, cell.cells);
    gate.bias = small_values(random, cell.cells);
  }
  cell.projection = small_values(random, cell.outputs * cell.cells);
  cell.projection_bias = small_values(random, cell.outputs);
  cell.x = small_values(random, cell.inputs);
  cell.h = small_values(random, cell.outputs);
  cell.c = small_values(random, cell.cells);
  return cell;
}

double dot(const std::vector<float>& matrix, std::size_t row, const std::vector<double>& vector) {
  double sum = 0;
  for (std::size_t i = 0; i < vector.size(); ++i)
    sum += static_cast<double>(matrix[row * vector.size() + i]) * vector[i];
  return sum;
}

std::vector<double> gate_sums(const Cell& cell, std::size_t index, const std::vector<double>& x,
                              const std::vector<double>& h, const std::vector<double>& c) {
  const Gate& gate = cell.gates[index];
  std::vector<double> sums(c.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = dot(gate.input, i, x) + dot(gate.recurrent, i, h);
    if (cell.options.peephole && index != kCellGate)
      sums[i] += static_cast<double>(gate.peephole[i]) * c[i];
    if (!cell.options.layer_norm) sums[i] += static_cast<double>(gate.bias[i]);
  }
  if (!cell.options.layer_norm) return sums;
  double mean = 0, variance = 0;
  for (const double sum : sums) mean += sum / static_cast<double>(sums.size());
  for (const double sum : sums)
    variance += (sum - mean) * (sum - mean) / static_cast<double>(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i)
    sums[i] = (sums[i] - mean) / std::sqrt(variance + 1e-8) * static_cast<double>(gate.norm[i]) +
              static_cast<double>(gate.bias[i]);
  return sums;
}

double sigmoid(double value) { return 1.0 / (1.0 + std::exp(-value)); }

// One step in double; clips of 0.4 for c and 0.3 for a projected h.
void naive_step(const Cell& cell, std::vector<double>& h, std::vector<double>& c) {
  const std::vector<double> x(cell.x.begin(), cell.x.end());
  const auto input = gate_sums(cell, kInputGate, x, h, c),
             forget = gate_sums(cell, kForgetGate, x, h, c);
  const auto fresh = gate_sums(cell, kCellGate, x, h, c);
  for (std::size_t i = 0; i < c.size(); ++i) {
    const double kept = sigmoid(forget[i]);
    const double added = cell.options.input_gate ? sigmoid(input[i]) : 1 - kept;
    c[i] = std::clamp(kept * c[i] + added * std::tanh(fresh[i]), -0.4, 0.4);
  }
  const auto output = gate_sums(cell, kOutputGate, x, h, c);
  std::vector<double> hidden(c.size());
  for (std::size_t i = 0; i < c.size(); ++i) hidden[i] = sigmoid(output[i]) * std::tanh(c[i]);
  if (!cell.options.projection) {
    h = hidden;
    return;
  }
  for (std::size_t i = 0; i < h.size(); ++i)
    h[i] = std::clamp(
        dot(cell.projection, i, hidden) + static_cast<double>(cell.projection_bias[i]), -0.3, 0.3);
}

// Weights brought to int8 with one scale, and the float values that these stand for.
std::vector<std::int8_t> to_s8(std::vector<float>& values, float scale) {
  std::vector<std::int8_t> quantized;
  for (float& value : values) {
    quantized.push_back(
        static_cast<std::int8_t>(std::clamp(std::round(value / scale), -127.0f, 127.0f)));
    value = scale * static_cast<float>(quantized.back());
  }
  return quantized;
}

struct Bound {
  LstmFloatArgs args;
  std::deque<std::vector<std::int8_t>> storage;
  std::vector<float> scratch, y;
  std::vector<std::int8_t> quantized;
};

LstmWeights weights(Bound& bound, bool hybrid, std::vector<float>& values, float scale) {
  if (!hybrid) return {values.data(), 1.0f};
  bound.storage.push_back(to_s8(values, scale));
  return {bound.storage.back().data(), scale};
}

void bind(Bound& bound, Cell& cell, bool hybrid) {
  LstmFloatArgs& args = bound.args;
  args.inputs = cell.inputs;
  args.cells = cell.cells;
  args.outputs = cell.outputs;
  for (std::size_t i = 0; i < 4; ++i) {
    Gate& gate = cell.gates[i];
    if (i != kInputGate || cell.options.input_gate) {
      args.gates[i].input = weights(bound, hybrid, gate.input, 0.01f);
      args.gates[i].recurrent = weights(bound, hybrid, gate.recurrent, 0.02f);
      if (cell.options.peephole && i != kCellGate)
        args.gates[i].peephole = weights(bound, hybrid, gate.peephole, 0.015f);
    }
    if (cell.options.layer_norm) args.gates[i].layer_norm = gate.norm.data();
    args.gates[i].bias = gate.bias.data();
  }
  if (cell.options.projection) {
    args.projection = weights(bound, hybrid, cell.projection, 0.02f);
    args.projection_bias = cell.projection_bias.data();
  }
  args.cell_clip = 0.4f;
  args.projection_clip = 0.3f;
  args.asymmetric = true;
  bound.scratch.resize(static_cast<std::size_t>(4 * cell.cells));
  bound.quantized.resize(static_cast<std::size_t>(cell.inputs + cell.outputs + cell.cells));
  bound.y.resize(static_cast<std::size_t>(cell.outputs));
  args.gate_values = bound.scratch.data();
  args.quantized = bound.quantized.data();
  args.x = cell.x.data();
  args.h = cell.h.data();
  args.c = cell.c.data();
  args.y = bound.y.data();
}

void check(const LstmFloatKernel& kernel, const Options& options, unsigned seed) {
  Random random(seed);
  Cell cell = random_cell(random, options);
  Bound bound;
  bind(bound, cell, kernel.hybrid);
  std::vector<double> h(cell.h.begin(), cell.h.end()), c(cell.c.begin(), cell.c.end());
  // Run-time quantization of the vectors costs up to half a step of about 2/255 a product.
  const double tolerance = kernel.hybrid ? 0.06 : 1e-5;
  for (int step = 0; step < 3; ++step) {
    naive_step(cell, h, c);
    kernel.run(bound.args);
    for (std::size_t i = 0; i < c.size(); ++i) ASSERT_NEAR(cell.c[i], c[i], tolerance) << i;
    for (std::size_t i = 0; i < h.size(); ++i) ASSERT_NEAR(cell.h[i], h[i], tolerance) << i;
    ASSERT_EQ(bound.y, cell.h);
    // Each step is judged alone: rounding must not pile up.
    c.assign(cell.c.begin(), cell.c.end());
    h.assign(cell.h.begin(), cell.h.end());
  }
}

TEST(LstmFloat, EveryVariantFollowsTheEquationsWithEveryOption) {
  for (const LstmFloatKernel* kernel : lstm_float_kernels()) {
    if (!covers(detect_isa(), kernel->needs)) continue;
    for (unsigned bits = 0; bits < 16; ++bits) {
      SCOPED_TRACE(testing::Message() << kernel->name << " options " << bits);
      check(*kernel, {(bits & 1) == 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0}, bits);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace pinfer::test
