// SPDX-License-Identifier: Apache-2.0
// RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1, LEAKY_RELU, PRELU, ELU, GELU.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "runtime/ops/lookup.h"

namespace pinfer {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Range {
  float low, high;
};
constexpr Range kRelu{0.0f, kInfinity}, kRelu6{0.0f, 6.0f}, kReluN1To1{-1.0f, 1.0f},
    kRelu0To1{0.0f, 1.0f};

// `real` on the scale of `out`, rounded and kept within the type.
std::int32_t quantized_end(float real, const TensorInfo& out) {
  const ClampRange range = range_of(out.dtype);
  const double q = std::round(static_cast<double>(real / out.scale())) + out.zero_point();
  return static_cast<std::int32_t>(std::clamp<double>(q, range.low, range.high));
}

// From the scale of the input to the scale of the output.
Result<QuantizeArgs> rescale_args(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  PINFER_CHECK(context.expect_per_tensor_quant(in));
  PINFER_CHECK(context.expect_per_tensor_quant(out));
  QuantizeArgs args;
  PINFER_TRY(args.positive_scale, checked_multiplier(context, in.scale() / out.scale()));
  args.negative_scale = args.positive_scale;
  args.in_zero = in.zero_point();
  args.out_zero = out.zero_point();
  args.clamp = range_of(out.dtype);
  return args;
}

// A step that rescales, by table where the elements are bytes.
Result<std::unique_ptr<Step>> rescale_step(const NodeContext& context, const QuantizeArgs& args) {
  const DType type = context.input(0).dtype;
  if (type == DType::i16) return quantize_step(context, args);
  return byte_lookup_step(
      context, byte_table(type, type, [&](std::int32_t q) { return requantized(q, args); }));
}

Result<void> infer_relu(const NodeContext& context) {
  PINFER_CHECK(infer_same(context, {DType::f32, DType::i8, DType::u8, DType::i16}));
  if (context.input(0).dtype != DType::f32) PINFER_CHECK(rescale_args(context));
  return {};
}

template <const Range& range>
Result<std::unique_ptr<Step>> prepare_relu(const NodeContext& context) {
  if (context.input(0).dtype == DType::f32)
    return unary_step(context, UnaryOp::clamp, {.low = range.low, .high = range.high});
  PINFER_TRY(QuantizeArgs args, rescale_args(context));
  args.clamp = {quantized_end(range.low, context.output(0)),
                quantized_end(range.high, context.output(0))};
  return rescale_step(context, args);
}

Result<QuantizeArgs> leaky_args(const NodeContext& context) {
  PINFER_TRY(QuantizeArgs args, rescale_args(context));
  const float alpha = context.params<LeakyReluParams>().alpha;
  const float real = context.input(0).scale() * alpha / context.output(0).scale();
  PINFER_TRY(args.negative_scale, checked_multiplier(context, std::abs(real)));
  if (real < 0) args.negative_scale.mantissa = -args.negative_scale.mantissa;
  return args;
}

Result<void> infer_leaky_relu(const NodeContext& context) {
  PINFER_CHECK(infer_same(context, {DType::f32, DType::i8, DType::u8, DType::i16}));
  const float alpha = context.params<LeakyReluParams>().alpha;
  if (!std::isfinite(alpha)) return context.error("V5", "alpha is {}", alpha);
  if (context.input(0).dtype != DType::f32) PINFER_CHECK(leaky_args(context));
  return {};
}

Result<std::unique_ptr<Step>> prepare_leaky_relu(const NodeContext& context) {
  if (context.input(0).dtype == DType::f32)
    return unary_step(context, UnaryOp::leaky_relu,
                      {.alpha = context.params<LeakyReluParams>().alpha});
  PINFER_TRY(const QuantizeArgs args, leaky_args(context));
  return rescale_step(context, args);
}

Result<BinaryParams> prelu_params(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  const TensorInfo& alpha = context.input(1);
  const TensorInfo& out = context.output(0);
  BinaryParams params;
  if (in.dtype == DType::f32) return params;
  for (const TensorInfo* tensor : {&in, &alpha, &out})
    PINFER_CHECK(context.expect_per_tensor_quant(*tensor));
  PINFER_TRY(params.a_scale, checked_multiplier(context, in.scale() / out.scale()));
  PINFER_TRY(params.out_scale,
             checked_multiplier(context, in.scale() * alpha.scale() / out.scale()));
  params.a_zero = in.zero_point();
  params.b_zero = alpha.zero_point();
  params.out_zero = out.zero_point();
  params.clamp = range_of(out.dtype);
  return params;
}

Result<void> infer_prelu(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  PINFER_CHECK(context.expect_type(0, {DType::f32, DType::i8, DType::u8}));
  PINFER_CHECK(expect_same_types(context));
  PINFER_CHECK(prelu_params(context));
  const Shape& in = context.input(0).shape;
  PINFER_TRY(const Shape shape, broadcast_shape(context, in, context.input(1).shape));
  if (shape != in)
    return context.error("V8", "alpha of {} does not fit {}", to_string(context.input(1).shape),
                         to_string(in));
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_prelu(const NodeContext& context) {
  PINFER_TRY(const BinaryParams params, prelu_params(context));
  const bool real = context.input(0).dtype == DType::f32;
  return binary_step(context, real ? BinaryOp::prelu : BinaryOp::prelu_quant, params);
}

// A smooth curve: float by its function, the others by tables.
Result<void> check_curve(const NodeContext& context, std::initializer_list<DType> allowed) {
  PINFER_CHECK(infer_same(context, allowed));
  if (context.input(0).dtype == DType::f32) return {};
  PINFER_CHECK(context.expect_per_tensor_quant(context.input(0)));
  return context.expect_per_tensor_quant(context.output(0));
}

Result<std::unique_ptr<Step>> curve_step(const NodeContext& context, UnaryOp op,
                                         float (*curve)(float)) {
  const TensorInfo& in = context.input(0);
  if (in.dtype == DType::f32) return unary_step(context, op);
  if (in.dtype == DType::i16)
    return word_lookup_step(context, word_table(in, context.output(0), curve));
  return byte_lookup_step(context, curve_table(in, context.output(0), curve));
}

Result<void> infer_elu(const NodeContext& context) {
  return check_curve(context, {DType::f32, DType::i8});
}
Result<std::unique_ptr<Step>> prepare_elu(const NodeContext& context) {
  return curve_step(context, UnaryOp::elu, [](float x) { return x < 0.0f ? std::expm1(x) : x; });
}

float gelu(float x) { return 0.5f * x * std::erfc(x * -std::numbers::sqrt2_v<float> * 0.5f); }
float gelu_tanh(float x) {
  constexpr float kRootOfTwoOverPi = 0.7978845608028654f;
  return 0.5f * x * (1.0f + std::tanh(kRootOfTwoOverPi * (x + 0.044715f * x * x * x)));
}
Result<void> infer_gelu(const NodeContext& context) {
  return check_curve(context, {DType::f32, DType::i8, DType::u8, DType::i16});
}
Result<std::unique_ptr<Step>> prepare_gelu(const NodeContext& context) {
  const bool approximate = context.params<GeluParams>().approximate;
  return curve_step(context, approximate ? UnaryOp::gelu_tanh : UnaryOp::gelu,
                    approximate ? gelu_tanh : gelu);
}

constexpr Operator in_place(std::string_view name, decltype(Operator::infer) infer,
                            decltype(Operator::prepare) prepare) {
  return {.name = name, .infer = infer, .prepare = prepare, .in_place = true};
}

}  // namespace

extern const Operator relu_operator, relu6_operator, relu_n1_to_1_operator, relu_0_to_1_operator,
    leaky_relu_operator, prelu_operator, elu_operator, gelu_operator;
constexpr Operator relu_operator = in_place("RELU", infer_relu, prepare_relu<kRelu>);
constexpr Operator relu6_operator = in_place("RELU6", infer_relu, prepare_relu<kRelu6>);
constexpr Operator relu_n1_to_1_operator =
    in_place("RELU_N1_TO_1", infer_relu, prepare_relu<kReluN1To1>);
constexpr Operator relu_0_to_1_operator =
    in_place("RELU_0_TO_1", infer_relu, prepare_relu<kRelu0To1>);
constexpr Operator leaky_relu_operator =
    in_place("LEAKY_RELU", infer_leaky_relu, prepare_leaky_relu);
constexpr Operator prelu_operator = in_place("PRELU", infer_prelu, prepare_prelu);
constexpr Operator elu_operator = in_place("ELU", infer_elu, prepare_elu);
constexpr Operator gelu_operator = in_place("GELU", infer_gelu, prepare_gelu);

}  // namespace pinfer
