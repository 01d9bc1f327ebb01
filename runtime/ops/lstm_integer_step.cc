// SPDX-License-Identifier: Apache-2.0
// The step of the int8 LSTM: its multipliers and folded biases, as the reference derives them.
#include <cmath>
#include <cstring>

#include "runtime/core/checked.h"
#include "runtime/kernels/lstm_integer/lstm_integer.h"
#include "runtime/ops/lstm.h"

namespace pinfer {
namespace {

// What set-up computes for one matrix product.
struct MatrixPlan {
  TensorId weights = kNoTensor;
  std::vector<std::int32_t> bias;
  Multiplier multiplier;

  [[nodiscard]] LstmMatrix at(const RunContext& run) const noexcept {
    return {run.data<const std::int8_t>(weights), bias.data(), multiplier};
  }
};

struct GatePlan {
  MatrixPlan input, recurrent;
  TensorId peephole = kNoTensor, layer_norm = kNoTensor, bias = kNoTensor;
  Multiplier peephole_multiplier, layer_norm_multiplier;
  std::int32_t variance_guard = 1;
};

struct IntegerLstmStep {
  LstmSizes sizes;
  const LstmIntegerKernel* kernel = nullptr;
  LstmIntegerArgs args;  // without pointers
  std::array<GatePlan, lstm::kGates> gates;
  MatrixPlan projection;
  TensorId input = kNoTensor, output = kNoTensor, output_state = kNoTensor, cell_state = kNoTensor;
  std::size_t hidden_offset = 0;  // into the scratch memory

  [[nodiscard]] LstmIntegerArgs bind(const RunContext& run) const noexcept {
    LstmIntegerArgs now = args;
    for (std::size_t i = 0; i < gates.size(); ++i) {
      now.gates[i].input = gates[i].input.at(run);
      now.gates[i].recurrent = gates[i].recurrent.at(run);
      now.gates[i].peephole = run.data<const std::int16_t>(gates[i].peephole);
      now.gates[i].peephole_multiplier = gates[i].peephole_multiplier;
      now.gates[i].layer_norm = run.data<const std::int16_t>(gates[i].layer_norm);
      now.gates[i].layer_norm_bias = run.data<const std::int32_t>(gates[i].bias);
      now.gates[i].layer_norm_multiplier = gates[i].layer_norm_multiplier;
      now.gates[i].variance_guard = gates[i].variance_guard;
    }
    now.projection = projection.at(run);
    now.gate_values = reinterpret_cast<std::int16_t*>(run.scratch);
    now.hidden = reinterpret_cast<std::int8_t*>(run.scratch + hidden_offset);
    return now;
  }

  Status operator()(const RunContext& run) const noexcept {
    LstmIntegerArgs now = bind(run);
    for (std::int64_t b = 0; b < sizes.batches; ++b) {
      now.h = run.data<std::int8_t>(output_state) + b * sizes.outputs;
      now.c = run.data<std::int16_t>(cell_state) + b * sizes.cells;
      for (std::int64_t t = 0; t < sizes.steps; ++t) {
        now.x = run.data<const std::int8_t>(input) + sizes.row(b, t) * sizes.inputs;
        now.y = run.data<std::int8_t>(output) + sizes.row(b, t) * sizes.outputs;
        kernel->run(now);
      }
    }
    return Status::ok;
  }
};

// The operand's one scale; its zero point must be 0 unless `any_zero` (rule V10).
Result<float> scale_of(const NodeContext& context, int operand, bool any_zero = false) {
  const TensorInfo& info = context.input(operand);
  PINFER_CHECK(context.expect_per_tensor_quant(info));
  if (!any_zero && info.zero_point() != 0)
    return context.error("V10", "{} has zero point {}, it must be 0",
                         context.name_of(context.input_id(operand)), info.zero_point());
  return info.scale();
}

Result<Multiplier> multiplier_of(const NodeContext& context, float real, int limit = 30) {
  Multiplier multiplier;
  if (!quantize_multiplier(static_cast<double>(real), multiplier) || multiplier.shift > limit)
    return context.error("V10", "a multiplier of the gates is {}, which is out of range", real);
  return multiplier;
}

// bias + zero * (sum of each row of the weights); all of them known at load (rule V9).
Result<MatrixPlan> fold(const NodeContext& context, int weights, int bias, std::int32_t zero) {
  MatrixPlan plan;
  plan.weights = context.input_id(weights);
  const auto values = context.value(weights);
  const Shape& shape = context.input(weights).shape;
  const auto rows = static_cast<std::size_t>(shape[0]),
             columns = static_cast<std::size_t>(shape[1]);
  if (values.size() != rows * columns)
    return context.unsupported("weights that are not constant: {}", context.name_of(plan.weights));
  plan.bias.resize(rows);
  if (optional_input(context, bias) != nullptr) {
    const auto start = context.value(bias);
    if (start.size() != rows * sizeof(std::int32_t))
      return context.unsupported("a bias that is not constant: input {}", bias);
    std::memcpy(plan.bias.data(), start.data(), start.size());
  }
  for (std::size_t r = 0; r < rows; ++r) {
    std::int64_t sum = 0;
    for (std::size_t c = 0; c < columns; ++c)
      sum += static_cast<std::int8_t>(values[r * columns + c]);
    // Wraps as the reference's 32-bit sum.
    plan.bias[r] = static_cast<std::int32_t>(static_cast<std::uint32_t>(plan.bias[r] + sum * zero));
  }
  return plan;
}

// Scale of intermediate `i` of the node (rule V10).
Result<float> intermediate_scale(const NodeContext& context, std::size_t i) {
  const TensorId id = context.node().intermediates[i];
  const bool valid = id >= 0 && static_cast<std::size_t>(id) < context.graph().tensors.size();
  if (!valid) return context.error("V2", "intermediate {} is tensor {}", i, id);
  const Quant& quant = context.graph().tensor(id).quant;
  if (quant.scale.size() != 1 || quant.zero_point.size() != 1 || !std::isfinite(quant.scale[0]) ||
      quant.scale[0] <= 0.0f || std::abs(static_cast<std::int64_t>(quant.zero_point[0])) > 32768)
    return context.error("V10", "intermediate {} ({}) has no usable quantization", i,
                         context.name_of(id));
  return quant.scale[0];
}

// Cell states have a power of two as scale, so that c is Q(integer bits).
Result<int> cell_integer_bits(const NodeContext& context) {
  PINFER_TRY(const float scale, scale_of(context, lstm::kCellState));
  const float log = std::log(scale) * (1.0f / std::log(2.0f));
  const float rounded = std::round(log);
  if (!(std::abs(log - rounded) < 1e-3f) || rounded < -15.0f || rounded > -9.0f)
    return context.error("V10", "the cell state has scale {}, expected 2^-15 to 2^-9", scale);
  return 15 + static_cast<int>(rounded);
}

Result<GatePlan> plan_gate(const NodeContext& context, const LstmSizes& sizes, std::size_t gate,
                           int integer_bits) {
  GatePlan plan;
  const int input = lstm::kInputWeights[gate], recurrent = lstm::kRecurrentWeights[gate];
  float gate_scale = 1.0f / 4096.0f;  // Q3.12
  if (sizes.layer_norm) {
    PINFER_TRY(gate_scale, intermediate_scale(context, gate));
  }
  const TensorInfo& state = context.input(lstm::kOutputState);
  PINFER_TRY(const float x_scale, scale_of(context, lstm::kInput, true));
  PINFER_TRY(const float h_scale, scale_of(context, lstm::kOutputState, true));
  PINFER_TRY(const float input_scale, scale_of(context, input));
  PINFER_TRY(const float recurrent_scale, scale_of(context, recurrent));
  PINFER_TRY(plan.input, fold(context, input, sizes.layer_norm ? -1 : lstm::kBias[gate],
                              -context.input(lstm::kInput).zero_point()));
  PINFER_TRY(plan.recurrent, fold(context, recurrent, -1, -state.zero_point()));
  PINFER_TRY(plan.input.multiplier, multiplier_of(context, input_scale * x_scale / gate_scale));
  PINFER_TRY(plan.recurrent.multiplier,
             multiplier_of(context, recurrent_scale * h_scale / gate_scale));
  if (sizes.peephole && lstm::kPeephole[gate] >= 0) {
    plan.peephole = context.input_id(lstm::kPeephole[gate]);
    PINFER_TRY(const float scale, scale_of(context, lstm::kPeephole[gate]));
    const double real = std::ldexp(1.0, integer_bits - 15) * static_cast<double>(scale) /
                        static_cast<double>(gate_scale);
    PINFER_TRY(plan.peephole_multiplier, multiplier_of(context, static_cast<float>(real)));
  }
  if (sizes.layer_norm) {
    plan.layer_norm = context.input_id(lstm::kLayerNorm[gate]);
    plan.bias = context.input_id(lstm::kBias[gate]);
    PINFER_TRY(const float scale, scale_of(context, lstm::kLayerNorm[gate]));
    // The kernel adds 12 to the shift.
    PINFER_TRY(plan.layer_norm_multiplier, multiplier_of(context, scale, 18));
    plan.variance_guard = std::max(1, static_cast<std::int32_t>(std::min(10000 * scale, 2e9f)));
  }
  return plan;
}

Result<IntegerLstmStep> plan_step(const NodeContext& context, const LstmSizes& sizes) {
  const auto params = context.params<LstmParams>();
  const TensorInfo& state = context.input(lstm::kOutputState);
  if (context.node().intermediates.size() != 5)
    return context.error("V2", "it has {} intermediates, the int8 form has 5",
                         context.node().intermediates.size());
  if (sizes.peephole && sizes.cells != sizes.outputs)
    return context.unsupported("peephole weights together with a projection to {} of {}",
                               sizes.outputs, sizes.cells);
  IntegerLstmStep step;
  PINFER_TRY(const int integer_bits, cell_integer_bits(context));
  for (std::size_t gate = sizes.input_gate ? 0 : 1; gate < step.gates.size(); ++gate) {
    PINFER_TRY(step.gates[gate], plan_gate(context, sizes, gate, integer_bits));
  }
  PINFER_TRY(const float hidden_scale, intermediate_scale(context, 4));
  const Quant& hidden = context.graph().tensor(context.node().intermediates[4]).quant;
  step.args.hidden_zero = hidden.zero_point[0];
  const double hidden_real =
      std::ldexp(1.0, -15) / static_cast<double>(hidden_scale) * std::ldexp(1.0, -15);
  PINFER_TRY(step.args.hidden_multiplier, multiplier_of(context, static_cast<float>(hidden_real)));
  PINFER_CHECK(context.expect_per_tensor_quant(context.output(0)));
  const auto quantized_clip = [](float clip, float scale, float limit) {
    return clip > 0.0f ? std::min(clip / scale, limit) : 0.0f;
  };
  step.args.cell_clip = static_cast<std::int16_t>(
      quantized_clip(params.cell_clip, context.input(lstm::kCellState).scale(), 32767.0f));
  step.args.projection_clip =
      static_cast<std::int8_t>(quantized_clip(params.proj_clip, context.output(0).scale(), 127.0f));
  step.args.cell_integer_bits = integer_bits;
  step.args.state_zero = state.zero_point();
  if (sizes.projection) {
    PINFER_TRY(const float scale, scale_of(context, lstm::kProjectionWeights));
    PINFER_TRY(step.projection, fold(context, lstm::kProjectionWeights, lstm::kProjectionBias,
                                     step.args.hidden_zero));
    PINFER_TRY(step.projection.multiplier,
               multiplier_of(context, scale * hidden_scale / state.scale()));
  }
  return step;
}

}  // namespace

Result<void> check_integer_lstm(const NodeContext& context, const LstmSizes& sizes) {
  PINFER_CHECK(plan_step(context, sizes));
  return {};
}

Result<std::unique_ptr<Step>> make_integer_lstm(const NodeContext& context,
                                                const LstmSizes& sizes) {
  PINFER_TRY(IntegerLstmStep step, plan_step(context, sizes));
  step.sizes = sizes;
  step.kernel = &select_lstm_integer(context.isa());
  step.args.inputs = sizes.inputs;
  step.args.cells = sizes.cells;
  step.args.outputs = sizes.outputs;
  step.input = context.input_id(lstm::kInput);
  step.output = context.output_id(0);
  step.output_state = context.input_id(lstm::kOutputState);
  step.cell_state = context.input_id(lstm::kCellState);
  const auto cells = static_cast<std::size_t>(sizes.cells);
  step.hidden_offset = round_up<std::size_t>(4 * cells * sizeof(std::int16_t), 64);
  const StepInfo info{.kernel = step.kernel->name,
                      .macs = sizes.macs(),
                      .scratch_bytes = step.hidden_offset + cells};
  return make_step(info, std::move(step));
}

}  // namespace pinfer
