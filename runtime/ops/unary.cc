// SPDX-License-Identifier: Apache-2.0
// One operand, element by element: ABS NEG SIGN SQUARE SQRT RSQRT EXP LOG SIN COS FLOOR CEIL ROUND
// LOGICAL_NOT COMPLEX_ABS.
#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/kernels/fixed_point.h"
#include "runtime/ops/lookup.h"

namespace pinfer {
namespace {

// Those without a quantized form: the kernel table says which types there are.
template <UnaryOp op>
Result<void> infer_plain(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  const DType type = context.input(0).dtype;
  if (select_unary(op, type, context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(type));
  return infer_same(context, {type});
}
template <UnaryOp op>
Result<std::unique_ptr<Step>> prepare_plain(const NodeContext& context) {
  return unary_step(context, op);
}

Result<void> infer_complex_abs(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_type(0, {DType::c64}));
  PINFER_CHECK(context.expect_output_type(0, DType::f32));
  return context.set_output_shape(0, context.input(0).shape);
}

// int8 always, int16 when the file gives it scales.
bool is_quantized(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  return in.dtype == DType::i8 || (in.dtype == DType::i16 && in.quant.quantized());
}

Multiplier rsqrt_multiplier(const TensorInfo& in, const TensorInfo& out, bool& fits) {
  Multiplier multiplier;
  fits = quantize_multiplier(1.0 / (std::sqrt(in.scale()) * out.scale()), multiplier);
  return multiplier;
}

template <UnaryOp op>
Result<void> infer_quantizable(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  const TensorInfo& in = context.input(0);
  if (!is_quantized(context)) return infer_plain<op>(context);
  PINFER_CHECK(infer_same(context, {DType::i8, DType::i16}));
  PINFER_CHECK(context.expect_per_tensor_quant(in));
  PINFER_CHECK(context.expect_per_tensor_quant(context.output(0)));
  if (op == UnaryOp::abs)
    PINFER_CHECK(checked_multiplier(context, in.scale() / context.output(0).scale()));
  bool fits = true;
  if (op == UnaryOp::rsqrt) rsqrt_multiplier(in, context.output(0), fits);
  if (!fits)
    return context.error("V10", "the scales {} and {} need too large a multiplier", in.scale(),
                         context.output(0).scale());
  return {};
}

// A table of every value of int8 or int16.
std::unique_ptr<Step> table_step(const NodeContext& context,
                                 const std::function<std::int32_t(std::int32_t)>& map) {
  const DType type = context.input(0).dtype;
  if (type == DType::i8) return byte_lookup_step(context, byte_table(type, type, map));
  return full_lookup_step(context, map);
}

Result<std::unique_ptr<Step>> prepare_abs(const NodeContext& context) {
  if (!is_quantized(context)) return unary_step(context, UnaryOp::abs);
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  PINFER_TRY(const Multiplier scale, checked_multiplier(context, in.scale() / out.scale()));
  return table_step(context, [&](std::int32_t q) {
    return clamped_sum(multiply(std::abs(q - in.zero_point()), scale), out.zero_point(),
                       range_of(out.dtype));
  });
}

// Cuts the fraction off, as the reference does; the root of a negative number is taken as 0.
Result<std::unique_ptr<Step>> prepare_sqrt(const NodeContext& context) {
  if (!is_quantized(context)) return unary_step(context, UnaryOp::sqrt);
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  return table_step(context, [&](std::int32_t q) {
    const float real = in.scale() * static_cast<float>(q - in.zero_point());
    const float root = std::sqrt(std::max(real, 0.0f)) / out.scale();
    return static_cast<std::int32_t>(std::min(root, 65536.0f)) + out.zero_point();
  });
}

// int8: the fixed-point inverse root with 20 extra bits. Numbers of 0 and below give the highest
// value.
std::int32_t rsqrt_of(std::int32_t centred, Multiplier scale, std::int32_t zero) {
  constexpr int kExtraBits = 20;
  constexpr ClampRange kRange = {-128, 127};
  if (centred <= 0) return kRange.high;
  const Multiplier inverse = inverse_sqrt(centred);
  const std::int32_t raised = multiply(1, {inverse.mantissa, inverse.shift + kExtraBits});
  const int shift = scale.shift - kExtraBits;
  const std::int32_t result =
      shift > 0 ? multiply(raised, {scale.mantissa, shift})
                : scale_by_power(doubling_high_mul(raised, scale.mantissa), shift);
  return clamped_sum(result, zero, kRange);
}

Result<std::unique_ptr<Step>> prepare_rsqrt(const NodeContext& context) {
  if (!is_quantized(context)) return unary_step(context, UnaryOp::rsqrt);
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  if (in.dtype == DType::i16) {
    const float highest = 32767.0f * out.scale();
    return word_lookup_step(context, word_table(in, out, [=](float x) {
                              return x <= 0.0f ? highest : 1.0f / std::sqrt(x);
                            }));
  }
  bool fits = false;
  const Multiplier scale = rsqrt_multiplier(in, out, fits);
  return byte_lookup_step(context, byte_table(in.dtype, in.dtype, [&](std::int32_t q) {
                            return rsqrt_of(q - in.zero_point(), scale, out.zero_point());
                          }));
}

Result<std::unique_ptr<Step>> curve_step(const NodeContext& context,
                                         const std::function<float(float)>& curve) {
  const TensorInfo& in = context.input(0);
  if (in.dtype == DType::i16)
    return word_lookup_step(context, word_table(in, context.output(0), curve));
  return byte_lookup_step(context, curve_table(in, context.output(0), curve));
}

Result<std::unique_ptr<Step>> prepare_exp(const NodeContext& context) {
  if (!is_quantized(context)) return unary_step(context, UnaryOp::exp);
  return curve_step(context, [](float x) { return std::exp(x); });
}

// The logarithm of 0 and below is the lowest output.
Result<std::unique_ptr<Step>> prepare_log(const NodeContext& context) {
  if (!is_quantized(context)) return unary_step(context, UnaryOp::log);
  const TensorInfo& out = context.output(0);
  const float lowest = static_cast<float>(range_of(out.dtype).low - out.zero_point()) * out.scale();
  return curve_step(context, [=](float x) { return x <= 0.0f ? lowest : std::log(x); });
}

template <UnaryOp op>
constexpr Operator plain(std::string_view name) {
  return {.name = name, .infer = infer_plain<op>, .prepare = prepare_plain<op>, .in_place = true};
}
template <UnaryOp op>
constexpr Operator quantizable(std::string_view name, decltype(Operator::prepare) prepare) {
  return {.name = name, .infer = infer_quantizable<op>, .prepare = prepare, .in_place = true};
}

}  // namespace

extern const Operator neg_operator, sign_operator, square_operator, sin_operator, cos_operator,
    floor_operator, ceil_operator, round_operator, logical_not_operator, complex_abs_operator,
    abs_operator, sqrt_operator, rsqrt_operator, exp_operator, log_operator;
constexpr Operator neg_operator = plain<UnaryOp::neg>("NEG");
constexpr Operator sign_operator = plain<UnaryOp::sign>("SIGN");
constexpr Operator square_operator = plain<UnaryOp::square>("SQUARE");
constexpr Operator sin_operator = plain<UnaryOp::sin>("SIN");
constexpr Operator cos_operator = plain<UnaryOp::cos>("COS");
constexpr Operator floor_operator = plain<UnaryOp::floor>("FLOOR");
constexpr Operator ceil_operator = plain<UnaryOp::ceil>("CEIL");
constexpr Operator round_operator = plain<UnaryOp::round>("ROUND");
constexpr Operator logical_not_operator = plain<UnaryOp::logical_not>("LOGICAL_NOT");
constexpr Operator complex_abs_operator{.name = "COMPLEX_ABS",
                                        .infer = infer_complex_abs,
                                        .prepare = prepare_plain<UnaryOp::complex_abs>};
constexpr Operator abs_operator = quantizable<UnaryOp::abs>("ABS", prepare_abs);
constexpr Operator sqrt_operator = quantizable<UnaryOp::sqrt>("SQRT", prepare_sqrt);
constexpr Operator rsqrt_operator = quantizable<UnaryOp::rsqrt>("RSQRT", prepare_rsqrt);
constexpr Operator exp_operator = quantizable<UnaryOp::exp>("EXP", prepare_exp);
constexpr Operator log_operator = quantizable<UnaryOp::log>("LOG", prepare_log);

}  // namespace pinfer
