// SPDX-License-Identifier: Apache-2.0
// ADD, SUB, MUL and DIV with broadcasting and a fused activation.
#include <limits>

#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

enum class Arithmetic { add, sub, mul, div };

struct Form {
  BinaryOp op = BinaryOp::add;
  BinaryParams params;
};

constexpr BinaryOp plain_op(Arithmetic arithmetic) {
  constexpr BinaryOp kOps[] = {BinaryOp::add, BinaryOp::sub, BinaryOp::mul, BinaryOp::div};
  return kOps[static_cast<int>(arithmetic)];
}
constexpr BinaryOp quant_op(Arithmetic arithmetic) {
  constexpr BinaryOp kOps[] = {BinaryOp::add_quant, BinaryOp::sub_quant, BinaryOp::mul_quant,
                               BinaryOp::div_quant};
  return kOps[static_cast<int>(arithmetic)];
}

// The fused activation on numbers that are not quantized.
BinaryParams plain_params(Activation activation, DType type) {
  BinaryParams params;
  params.float_clamp = float_clamp(activation);
  params.low = std::numeric_limits<std::int64_t>::min();
  params.high = std::numeric_limits<std::int64_t>::max();
  if (type == DType::i32 || type == DType::i16) {
    params.low = range_of(type).low;
    params.high = range_of(type).high;
  } else if (type == DType::u32) {
    params.low = 0;
    params.high = std::numeric_limits<std::uint32_t>::max();
  }
  if (activation == Activation::relu || activation == Activation::relu6) params.low = 0;
  if (activation == Activation::relu6) params.high = 6;
  if (activation == Activation::relu_n1_to_1) {
    params.low = -1;
    params.high = 1;
  }
  return params;
}

// The old int16 scheme: all scales are powers of two and one operand has the scale of the output.
// False where the scales are not like that.
Result<bool> power_of_two_form(const NodeContext& context, Arithmetic arithmetic, Form& form) {
  int a = 0, b = 0, out = 0;
  if (!log2_of_scale(context.input(0).scale(), a) || !log2_of_scale(context.input(1).scale(), b) ||
      !log2_of_scale(context.output(0).scale(), out))
    return false;
  if ((a != out && b != out) || a > out || b > out || out - a > 31 || out - b > 31)
    return context.error("V10", "power-of-two scales 2^{}, 2^{} do not shift to 2^{}", a, b, out);
  form.op = arithmetic == Arithmetic::add ? BinaryOp::add_pot : BinaryOp::sub_pot;
  form.params.a_right = out - a;
  form.params.b_right = out - b;
  return true;
}

// Both operands on twice the larger input scale, raised so that the sum keeps its bits.
Result<void> common_scale_form(const NodeContext& context, BinaryParams& params) {
  const float a = context.input(0).scale(), b = context.input(1).scale();
  const float out = context.output(0).scale();
  params.left_shift = context.output(0).dtype == DType::i16 ? 15 : 20;
  const double twice_larger = 2 * std::max(a, b);
  PINFER_TRY(params.a_scale, checked_multiplier(context, a / twice_larger));
  PINFER_TRY(params.b_scale, checked_multiplier(context, b / twice_larger));
  const double unit = static_cast<float>(1 << params.left_shift) * out;
  PINFER_TRY(params.out_scale, checked_multiplier(context, twice_larger / unit));
  return {};
}

Result<void> quantized_form(const NodeContext& context, Arithmetic arithmetic, Form& form) {
  const TensorInfo& a = context.input(0);
  const TensorInfo& b = context.input(1);
  const TensorInfo& out = context.output(0);
  for (const TensorInfo* tensor : {&a, &b, static_cast<const TensorInfo*>(&out)})
    PINFER_CHECK(context.expect_per_tensor_quant(*tensor));
  const auto params = context.params<ElementwiseParams>();
  const ClampRange range = range_of(out.dtype);
  form.params.clamp =
      quantized_clamp(params.activation, out.scale(), out.zero_point(), range.low, range.high);
  form.params.a_zero = a.zero_point();
  form.params.b_zero = b.zero_point();
  form.params.out_zero = out.zero_point();
  form.op = quant_op(arithmetic);
  if (arithmetic == Arithmetic::mul) {
    const float real = a.scale() * b.scale() / out.scale();
    PINFER_TRY(form.params.out_scale, checked_multiplier(context, real));
    return {};
  }
  if (arithmetic == Arithmetic::div) {
    const float real = a.scale() / (b.scale() * out.scale());
    PINFER_TRY(form.params.out_scale, checked_multiplier(context, real));
    return {};
  }
  if (params.pot_scale_int16 && out.dtype == DType::i16) {
    PINFER_TRY(const bool done, power_of_two_form(context, arithmetic, form));
    if (done) return {};
  }
  return common_scale_form(context, form.params);
}

Result<Form> form_of(const NodeContext& context, Arithmetic arithmetic) {
  const auto params = context.params<ElementwiseParams>();
  if (params.activation == Activation::tanh || params.activation == Activation::sign_bit)
    return context.unsupported("a fused activation other than the RELU family");
  const TensorInfo& out = context.output(0);
  const bool plain_int16 =
      out.dtype == DType::i16 && !out.quant.quantized() && !context.input(0).quant.quantized();
  Form form;
  if (is_small_integer(out.dtype) && !plain_int16) {
    PINFER_CHECK(quantized_form(context, arithmetic, form));
  } else {
    form = {plain_op(arithmetic), plain_params(params.activation, out.dtype)};
  }
  if (select_binary(form.op, out.dtype, context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(out.dtype));
  return form;
}

template <Arithmetic arithmetic>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  PINFER_CHECK(expect_same_types(context));
  PINFER_CHECK(form_of(context, arithmetic));
  PINFER_TRY(const Shape shape,
             broadcast_shape(context, context.input(0).shape, context.input(1).shape));
  return context.set_output_shape(0, shape);
}

template <Arithmetic arithmetic>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const Form form, form_of(context, arithmetic));
  return binary_step(context, form.op, form.params);
}

template <Arithmetic arithmetic>
constexpr Operator make_operator(std::string_view name) {
  return {
      .name = name, .infer = infer<arithmetic>, .prepare = prepare<arithmetic>, .in_place = true};
}

}  // namespace

extern const Operator add_operator, sub_operator, mul_operator, div_operator;
constexpr Operator add_operator = make_operator<Arithmetic::add>("ADD");
constexpr Operator sub_operator = make_operator<Arithmetic::sub>("SUB");
constexpr Operator mul_operator = make_operator<Arithmetic::mul>("MUL");
constexpr Operator div_operator = make_operator<Arithmetic::div>("DIV");

}  // namespace pinfer
