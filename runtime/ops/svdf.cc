// SPDX-License-Identifier: Apache-2.0
// SVDF: inputs are the activations, feature weights, time weights, a bias, the state.
#include "runtime/kernels/svdf/svdf.h"
#include "runtime/ops/conv_setup.h"

namespace pinfer {
namespace {

constexpr int kInput = 0, kFeature = 1, kTime = 2, kBias = 3, kState = 4;

Result<SvdfTypes> svdf_types(const NodeContext& context) {
  const DType input = context.input(kInput).dtype, feature = context.input(kFeature).dtype;
  const DType time = context.input(kTime).dtype, state = context.input(kState).dtype;
  PINFER_CHECK(context.expect_output_type(0, input));
  const DType bias = input == DType::f32 ? DType::f32 : DType::i32;
  if (context.has_input(kBias) && context.input(kBias).dtype != bias)
    return context.unsupported("the bias is {}", context.name_of(context.input_id(kBias)));
  const bool integers = input == DType::i8 && feature == DType::i8;
  if (integers && time == DType::i16 && state == DType::i16) return SvdfTypes::s8_state16;
  if (integers && time == DType::i8 && state == DType::i8) return SvdfTypes::s8_state8;
  if (input == DType::f32 && state == DType::f32) {
    if (feature == DType::f32 && time == DType::f32) return SvdfTypes::f32;
    if (feature == DType::i8 && time == DType::i8) return SvdfTypes::hybrid;
  }
  return context.unsupported("{} with features {}, time weights {} and state {}", to_string(input),
                             to_string(feature), to_string(time), to_string(state));
}

Result<SvdfShape> svdf_shape(const NodeContext& context) {
  PINFER_CHECK(context.expect_rank(kInput, 2, 2));
  PINFER_CHECK(context.expect_rank(kFeature, 2, 2));
  PINFER_CHECK(context.expect_rank(kTime, 2, 2));
  const Shape& input = context.input(kInput).shape;
  const Shape& feature = context.input(kFeature).shape;
  const Shape& time = context.input(kTime).shape;
  SvdfShape shape;
  shape.rank = context.params<SvdfParams>().rank;
  if (shape.rank < 1 || feature[0] < 1 || feature[0] % shape.rank != 0)
    return context.error("V5", "rank {} with {} filters", shape.rank, feature[0]);
  shape.batches = input[0];
  shape.inputs = input[1];
  shape.units = feature[0] / shape.rank;
  shape.memory = time[1];
  if (shape.inputs < 1 || shape.memory < 1)
    return context.error("V4", "{} inputs, memory of {}", shape.inputs, shape.memory);
  if (feature[1] != shape.inputs || time[0] != feature[0])
    return context.error("V8", "{} inputs, features {}, time weights {}", shape.inputs,
                         to_string(feature), to_string(time));
  if (context.has_input(kBias) && elements(context.input(kBias).shape) != shape.units)
    return context.error("V8", "the bias {} has not {} entries",
                         context.name_of(context.input_id(kBias)), shape.units);
  const TensorInfo& state = context.input(kState);
  if (!state.is_variable)
    return context.error("V2", "input {} is no variable tensor, it holds the state", kState);
  if (elements(state.shape) != static_cast<std::int64_t>(shape.batches) * elements(time))
    return context.error("V8", "the state {} should have {} x {} elements",
                         context.name_of(context.input_id(kState)), shape.batches, elements(time));
  return shape;
}

// The two multipliers of the integer types (rule V10).
struct SvdfMultipliers {
  Multiplier feature, output;
};
Result<SvdfMultipliers> svdf_multipliers(const NodeContext& context) {
  for (const int i : {kInput, kFeature, kTime, kState})
    PINFER_CHECK(context.expect_per_tensor_quant(context.input(i)));
  PINFER_CHECK(context.expect_per_tensor_quant(context.output(0)));
  for (const int i : {kFeature, kTime})
    if (context.input(i).zero_point() != 0)
      return context.error("V10", "input {} has zero point {}, it must be 0", i,
                           context.input(i).zero_point());
  const float state = context.input(kState).scale();
  const float feature = context.input(kInput).scale() * context.input(kFeature).scale() / state;
  const float output = state * context.input(kTime).scale() / context.output(0).scale();
  SvdfMultipliers multipliers;
  if (!quantize_multiplier(static_cast<double>(feature), multipliers.feature) ||
      !quantize_multiplier(static_cast<double>(output), multipliers.output))
    return context.error("V10", "the multipliers are {} and {}, one is out of range", feature,
                         output);
  return multipliers;
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(3, 5, 1));
  if (!context.has_input(kState)) return context.error("V2", "input {} is absent", kState);
  PINFER_TRY(const SvdfTypes types, svdf_types(context));
  PINFER_TRY(const SvdfShape shape, svdf_shape(context));
  const Activation activation = context.params<SvdfParams>().activation;
  if (types == SvdfTypes::hybrid) {
    PINFER_CHECK(context.expect_per_tensor_quant(context.input(kFeature)));
    PINFER_CHECK(context.expect_per_tensor_quant(context.input(kTime)));
  } else if (types != SvdfTypes::f32) {
    PINFER_CHECK(svdf_multipliers(context));
    if (activation != Activation::relu)
      return context.unsupported("an int8 SVDF with an activation other than RELU");
  }
  if (activation == Activation::sign_bit) return context.unsupported("the activation SIGN_BIT");
  return context.set_output_shape(0, Shape{shape.batches, shape.units});
}

struct SvdfStep {
  SvdfArgs args;  // without pointers
  const SvdfKernel* kernel = nullptr;
  TensorId input = kNoTensor, feature = kNoTensor, time = kNoTensor, bias = kNoTensor;
  TensorId state = kNoTensor, output = kNoTensor;
  std::int64_t macs = 0;
  HybridInput hybrid;

  Status operator()(const RunContext& run) const noexcept {
    SvdfArgs now = args;
    now.input = run.data<const void>(input);
    now.feature = run.data<const void>(feature);
    now.time = run.data<const void>(time);
    now.bias = run.data<const void>(bias);
    now.state = run.data<void>(state);
    now.output = run.data<void>(output);
    if (kernel->types == SvdfTypes::hybrid) {
      hybrid.quantize(static_cast<const float*>(now.input), run.scratch);
      now.input = hybrid.values(run.scratch);
      now.input_scales = hybrid.scales(run.scratch);
      now.input_zeros = hybrid.zeros(run.scratch);
    }
    for_blocks(*run.pool, now.shape.batches, now.shape.units, macs,
               [&](const MacBlock& block) { kernel->run(now, block); });
    return Status::ok;
  }
};

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const auto params = context.params<SvdfParams>();
  PINFER_TRY(const SvdfTypes types, svdf_types(context));
  SvdfStep step;
  PINFER_TRY(step.args.shape, svdf_shape(context));
  const SvdfShape& shape = step.args.shape;
  step.args.activation = params.activation;
  if (types == SvdfTypes::hybrid) {
    step.args.time_scale = context.input(kTime).scale();
    step.hybrid.batches = shape.batches;
    step.hybrid.batch_size = shape.inputs;
    step.hybrid.asymmetric = params.asymmetric_quantize_inputs;
    step.hybrid.common_scale = context.input(kFeature).scale();
  } else if (types != SvdfTypes::f32) {
    PINFER_TRY(const SvdfMultipliers multipliers, svdf_multipliers(context));
    step.args.feature_multiplier = multipliers.feature;
    step.args.output_multiplier = multipliers.output;
    step.args.input_zero = context.input(kInput).zero_point();
    step.args.state_zero = context.input(kState).zero_point();
    step.args.output_zero = context.output(0).zero_point();
  }
  step.kernel = &select_svdf(context.isa(), types);
  step.input = context.input_id(kInput);
  step.feature = context.input_id(kFeature);
  step.time = context.input_id(kTime);
  step.bias = context.input_id(kBias);
  step.state = context.input_id(kState);
  step.output = context.output_id(0);
  step.macs = static_cast<std::int64_t>(shape.batches) * shape.units * shape.rank *
              (static_cast<std::int64_t>(shape.inputs) + shape.memory);
  const StepInfo info{
      .kernel = step.kernel->name, .macs = step.macs, .scratch_bytes = step.hybrid.scratch_bytes()};
  return make_step(info, std::move(step));
}

}  // namespace

extern const Operator svdf_operator;
const Operator svdf_operator{.name = "SVDF", .infer = infer, .prepare = prepare, .stateful = true};

}  // namespace pinfer
