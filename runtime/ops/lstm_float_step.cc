// SPDX-License-Identifier: Apache-2.0
// The step of a float or dynamic-range LSTM.
#include "runtime/core/checked.h"
#include "runtime/kernels/lstm_float/lstm_float.h"
#include "runtime/ops/lstm.h"

namespace pinfer {
namespace {

// An operand that the kernel reads as weights.
struct WeightId {
  TensorId id = kNoTensor;
  float scale = 1.0f;

  [[nodiscard]] LstmWeights at(const RunContext& run) const noexcept {
    return {run.data<const void>(id), scale};
  }
};

WeightId weight_id(const NodeContext& context, int operand) {
  const TensorInfo* info = optional_input(context, operand);
  return info == nullptr ? WeightId{} : WeightId{context.input_id(operand), info->scale()};
}

TensorId optional_id(const NodeContext& context, int operand) {
  return optional_input(context, operand) == nullptr ? kNoTensor : context.input_id(operand);
}

struct GateIds {
  WeightId input, recurrent, peephole;
  TensorId layer_norm = kNoTensor, bias = kNoTensor;
};

struct FloatLstmStep {
  LstmSizes sizes;
  const LstmFloatKernel* kernel = nullptr;
  LstmFloatArgs args;  // without pointers
  std::array<GateIds, lstm::kGates> gates;
  WeightId projection;
  TensorId projection_bias = kNoTensor;
  TensorId input = kNoTensor, output = kNoTensor, output_state = kNoTensor, cell_state = kNoTensor;
  std::size_t quantized_offset = 0;  // into the scratch memory

  [[nodiscard]] LstmFloatArgs bind(const RunContext& run) const noexcept {
    LstmFloatArgs now = args;
    for (std::size_t i = 0; i < gates.size(); ++i) {
      now.gates[i].input = gates[i].input.at(run);
      now.gates[i].recurrent = gates[i].recurrent.at(run);
      now.gates[i].peephole = gates[i].peephole.at(run);
      now.gates[i].layer_norm = run.data<const float>(gates[i].layer_norm);
      now.gates[i].bias = run.data<const float>(gates[i].bias);
    }
    now.projection = projection.at(run);
    now.projection_bias = run.data<const float>(projection_bias);
    now.gate_values = reinterpret_cast<float*>(run.scratch);
    now.quantized = reinterpret_cast<std::int8_t*>(run.scratch + quantized_offset);
    return now;
  }

  Status operator()(const RunContext& run) const noexcept {
    LstmFloatArgs now = bind(run);
    for (std::int64_t b = 0; b < sizes.batches; ++b) {
      now.h = run.data<float>(output_state) + b * sizes.outputs;
      now.c = run.data<float>(cell_state) + b * sizes.cells;
      for (std::int64_t t = 0; t < sizes.steps; ++t) {
        now.x = run.data<const float>(input) + sizes.row(b, t) * sizes.inputs;
        now.y = run.data<float>(output) + sizes.row(b, t) * sizes.outputs;
        kernel->run(now);
      }
    }
    return Status::ok;
  }
};

}  // namespace

Result<std::unique_ptr<Step>> make_float_lstm(const NodeContext& context, const LstmSizes& sizes) {
  const auto params = context.params<LstmParams>();
  const bool hybrid = context.input(lstm::kInputWeights[3]).dtype == DType::i8;
  FloatLstmStep step;
  step.sizes = sizes;
  step.kernel = &select_lstm_float(context.isa(), hybrid);
  step.args.inputs = sizes.inputs;
  step.args.cells = sizes.cells;
  step.args.outputs = sizes.outputs;
  step.args.activation = params.activation;
  step.args.cell_clip = params.cell_clip;
  step.args.projection_clip = params.proj_clip;
  step.args.asymmetric = params.asymmetric_quantize_inputs;
  for (std::size_t i = 0; i < step.gates.size(); ++i) {
    step.gates[i] = {
        weight_id(context, lstm::kInputWeights[i]), weight_id(context, lstm::kRecurrentWeights[i]),
        weight_id(context, lstm::kPeephole[i]), optional_id(context, lstm::kLayerNorm[i]),
        optional_id(context, lstm::kBias[i])};
  }
  step.projection = weight_id(context, lstm::kProjectionWeights);
  step.projection_bias = optional_id(context, lstm::kProjectionBias);
  step.input = context.input_id(lstm::kInput);
  step.output = context.output_id(0);
  step.output_state = context.input_id(lstm::kOutputState);
  step.cell_state = context.input_id(lstm::kCellState);
  const auto cells = static_cast<std::size_t>(sizes.cells);
  step.quantized_offset = round_up<std::size_t>(4 * cells * sizeof(float), 64);
  const std::size_t quantized = hybrid ? static_cast<std::size_t>(sizes.inputs) +
                                             static_cast<std::size_t>(sizes.outputs) + cells
                                       : 0;
  const StepInfo info{.kernel = step.kernel->name,
                      .macs = sizes.macs(),
                      .scratch_bytes = step.quantized_offset + quantized};
  return make_step(info, std::move(step));
}

}  // namespace pinfer
