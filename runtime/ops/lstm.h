// SPDX-License-Identifier: Apache-2.0
// What the parts of UNIDIRECTIONAL_SEQUENCE_LSTM share: operand places, sizes, the walk over time.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/ops/operator.h"

namespace pinfer {

// Operand places; gates are in the order input, forget, cell, output.
namespace lstm {
inline constexpr int kInput = 0;
inline constexpr std::array kInputWeights = {1, 2, 3, 4};
inline constexpr std::array kRecurrentWeights = {5, 6, 7, 8};
inline constexpr std::array kPeephole = {9, 10, -1, 11};  // the cell gate has none
inline constexpr std::array kBias = {12, 13, 14, 15};
inline constexpr int kProjectionWeights = 16;
inline constexpr int kProjectionBias = 17;
inline constexpr int kOutputState = 18;
inline constexpr int kCellState = 19;
inline constexpr std::array kLayerNorm = {20, 21, 22, 23};
inline constexpr int kGates = 4;
}  // namespace lstm

struct LstmSizes {
  std::int32_t batches = 1, steps = 1, inputs = 1, cells = 1, outputs = 1;
  bool time_major = false;
  bool input_gate = true, peephole = false, layer_norm = false, projection = false;

  // Row of the input and the output that batch b has at time t.
  [[nodiscard]] std::int64_t row(std::int64_t b, std::int64_t t) const noexcept {
    return time_major ? t * batches + b : b * steps + t;
  }
  // Multiply-accumulates of one run.
  [[nodiscard]] std::int64_t macs() const noexcept {
    const std::int64_t gates = input_gate ? 4 : 3;
    const std::int64_t per_row = gates * cells * (static_cast<std::int64_t>(inputs) + outputs) +
                                 (projection ? static_cast<std::int64_t>(outputs) * cells : 0);
    return per_row * batches * steps;
  }
};

// Operand `i` of the node, or null when it is absent; places past the end (-1 too) are absent.
const TensorInfo* optional_input(const NodeContext& context, int i);

// For int8 activations: everything that set-up computes from scales, zero points and constants is
// possible (rules V9, V10).
Result<void> check_integer_lstm(const NodeContext& context, const LstmSizes& sizes);
Result<std::unique_ptr<Step>> make_integer_lstm(const NodeContext& context, const LstmSizes& sizes);
// For float32 activations; the weights are float32 or int8.
Result<std::unique_ptr<Step>> make_float_lstm(const NodeContext& context, const LstmSizes& sizes);

}  // namespace pinfer
