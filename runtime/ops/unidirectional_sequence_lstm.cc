// SPDX-License-Identifier: Apache-2.0
// UNIDIRECTIONAL_SEQUENCE_LSTM: checks. Float, dynamic-range and int8 nets; states are variables.
#include <cmath>

#include "runtime/core/checked.h"
#include "runtime/ops/lstm.h"

namespace pinfer {

const TensorInfo* optional_input(const NodeContext& context, int i) {
  return i >= 0 && context.has_input(i) ? &context.input(i) : nullptr;
}

namespace {

// The element types of one kind of LSTM.
struct LstmTypes {
  DType activations = DType::f32, weights = DType::f32, bias = DType::f32;
  DType peephole = DType::f32, layer_norm = DType::f32;
  DType output_state = DType::f32, cell_state = DType::f32;
};

Result<LstmTypes> lstm_types(const NodeContext& context) {
  const DType input = context.input(lstm::kInput).dtype;
  const DType weights = context.input(lstm::kInputWeights[3]).dtype;
  if (input == DType::f32 && weights == DType::f32) return LstmTypes{};
  if (input == DType::f32 && weights == DType::i8)
    return LstmTypes{.weights = DType::i8, .peephole = DType::i8};
  if (input == DType::i8 && weights == DType::i8)
    return LstmTypes{DType::i8,  DType::i8, DType::i32, DType::i16,
                     DType::i16, DType::i8, DType::i16};
  return context.unsupported("input {} with weights {}",
                             context.name_of(context.input_id(lstm::kInput)),
                             context.name_of(context.input_id(lstm::kInputWeights[3])));
}

// Operand `i` must be there (or may be absent) with this type and shape.
struct Wanted {
  int operand = 0;
  DType type = DType::f32;
  Shape shape;
  bool present = true;
};
Result<void> expect(const NodeContext& context, const Wanted& wanted) {
  const TensorInfo* info = optional_input(context, wanted.operand);
  if ((info != nullptr) != wanted.present)
    return context.error("V2", "input {} {}", wanted.operand,
                         wanted.present ? "is absent, but the others of its kind are there"
                                        : "is there, but the others of its kind are absent");
  if (info == nullptr) return {};
  if (info->dtype != wanted.type)
    return context.unsupported("input {} is {}, expected {}", wanted.operand,
                               context.name_of(context.input_id(wanted.operand)),
                               to_string(wanted.type));
  if (info->shape != wanted.shape)
    return context.error("V8", "input {} is {}, expected shape {}", wanted.operand,
                         context.name_of(context.input_id(wanted.operand)),
                         to_string(wanted.shape));
  return {};
}

Result<LstmSizes> lstm_sizes(const NodeContext& context) {
  PINFER_CHECK(context.expect_rank(lstm::kInput, 3, 3));
  PINFER_CHECK(context.expect_rank(lstm::kInputWeights[3], 2, 2));
  const Shape& input = context.input(lstm::kInput).shape;
  const Shape& recurrent = context.input(lstm::kRecurrentWeights[3]).shape;
  if (recurrent.size() != 2) return context.unsupported("diagonal recurrent weights");
  LstmSizes sizes;
  sizes.time_major = context.params<LstmParams>().time_major;
  sizes.steps = input[sizes.time_major ? 0 : 1];
  sizes.batches = input[sizes.time_major ? 1 : 0];
  sizes.inputs = input[2];
  sizes.cells = context.input(lstm::kInputWeights[3]).shape[0];
  sizes.outputs = recurrent[1];
  if (sizes.inputs < 1 || sizes.cells < 1 || sizes.outputs < 1)
    return context.error("V4", "{} inputs, {} cells, {} outputs", sizes.inputs, sizes.cells,
                         sizes.outputs);
  sizes.input_gate = optional_input(context, lstm::kInputWeights[0]) != nullptr;
  sizes.peephole = optional_input(context, lstm::kPeephole[3]) != nullptr;
  sizes.layer_norm = optional_input(context, lstm::kLayerNorm[1]) != nullptr;
  sizes.projection = optional_input(context, lstm::kProjectionWeights) != nullptr;
  if (!sizes.projection && sizes.cells != sizes.outputs)
    return context.error("V8", "{} cells and {} outputs without a projection", sizes.cells,
                         sizes.outputs);
  return sizes;
}

Result<void> check_gates(const NodeContext& context, const LstmSizes& sizes,
                         const LstmTypes& types) {
  const Shape per_cell{sizes.cells};
  for (std::size_t gate = 0; gate < lstm::kGates; ++gate) {
    const bool used = gate != 0 || sizes.input_gate;
    PINFER_CHECK(expect(context, {lstm::kInputWeights[gate], types.weights,
                                  Shape{sizes.cells, sizes.inputs}, used}));
    PINFER_CHECK(expect(context, {lstm::kRecurrentWeights[gate], types.weights,
                                  Shape{sizes.cells, sizes.outputs}, used}));
    PINFER_CHECK(expect(context, {lstm::kBias[gate], types.bias, per_cell, used}));
    PINFER_CHECK(expect(
        context, {lstm::kLayerNorm[gate], types.layer_norm, per_cell, used && sizes.layer_norm}));
    if (gate != 2)
      PINFER_CHECK(expect(
          context, {lstm::kPeephole[gate], types.peephole, per_cell, used && sizes.peephole}));
  }
  return {};
}

// Both states are variables of the right size, in one or two dimensions.
Result<void> check_states(const NodeContext& context, const LstmSizes& sizes,
                          const LstmTypes& types) {
  const auto check = [&](int operand, DType type, std::int32_t width) -> Result<void> {
    const TensorInfo* info = optional_input(context, operand);
    if (info == nullptr || !info->is_variable)
      return context.error("V2", "input {} is no variable tensor, it holds the state", operand);
    if (info->dtype != type ||
        elements(info->shape) != static_cast<std::int64_t>(sizes.batches) * width)
      return context.error("V8", "the state {} should be {}[{}x{}]",
                           context.name_of(context.input_id(operand)), to_string(type),
                           sizes.batches, width);
    return {};
  };
  PINFER_CHECK(check(lstm::kOutputState, types.output_state, sizes.outputs));
  PINFER_CHECK(check(lstm::kCellState, types.cell_state, sizes.cells));
  if (context.input_id(lstm::kOutputState) == context.input_id(lstm::kCellState))
    return context.error("V3", "one tensor holds both states");
  return {};
}

Result<void> check_params(const NodeContext& context) {
  const auto params = context.params<LstmParams>();
  if (!(params.cell_clip >= 0.0f) || !(params.proj_clip >= 0.0f) ||
      !std::isfinite(params.cell_clip) || !std::isfinite(params.proj_clip))
    return context.error("V5", "cell_clip is {}, proj_clip is {}", params.cell_clip,
                         params.proj_clip);
  if (params.activation == Activation::sign_bit)
    return context.unsupported("the activation SIGN_BIT");
  return {};
}

// Int8 weights of a float LSTM have one scale each and no zero point.
Result<void> check_hybrid_quant(const NodeContext& context) {
  for (int i = 1; i <= lstm::kProjectionWeights; ++i) {
    const TensorInfo* info = optional_input(context, i);
    if (info == nullptr || info->dtype != DType::i8) continue;
    PINFER_CHECK(context.expect_per_tensor_quant(*info));
    if (info->zero_point() != 0)
      return context.error("V10", "{} has zero point {}, it must be 0",
                           context.name_of(context.input_id(i)), info->zero_point());
  }
  return {};
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 24, 1));
  if (context.input_count() < 20)
    return context.error("V2", "it has {} inputs, it takes 20 to 24", context.input_count());
  // The operands that every kind needs.
  for (const int i : {lstm::kInputWeights[3], lstm::kRecurrentWeights[3]})
    if (!context.has_input(i)) return context.error("V2", "input {} is absent (-1)", i);
  PINFER_CHECK(check_params(context));
  PINFER_TRY(const LstmTypes types, lstm_types(context));
  PINFER_CHECK(context.expect_output_type(0, types.activations));
  PINFER_TRY(const LstmSizes sizes, lstm_sizes(context));
  PINFER_CHECK(check_gates(context, sizes, types));
  PINFER_CHECK(check_states(context, sizes, types));
  PINFER_CHECK(expect(context, {lstm::kProjectionWeights, types.weights,
                                Shape{sizes.outputs, sizes.cells}, sizes.projection}));
  if (optional_input(context, lstm::kProjectionBias) != nullptr)
    PINFER_CHECK(expect(
        context, {lstm::kProjectionBias, types.bias, Shape{sizes.outputs}, sizes.projection}));
  if (types.activations == DType::i8)
    PINFER_CHECK(check_integer_lstm(context, sizes));
  else
    PINFER_CHECK(check_hybrid_quant(context));
  Shape out = context.input(lstm::kInput).shape;
  out[2] = sizes.outputs;
  return context.set_output_shape(0, out);
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const LstmSizes sizes, lstm_sizes(context));
  return context.input(lstm::kInput).dtype == DType::i8 ? make_integer_lstm(context, sizes)
                                                        : make_float_lstm(context, sizes);
}

}  // namespace

extern const Operator unidirectional_sequence_lstm_operator;
const Operator unidirectional_sequence_lstm_operator{
    .name = "UNIDIRECTIONAL_SEQUENCE_LSTM", .infer = infer, .prepare = prepare, .stateful = true};

}  // namespace pinfer
