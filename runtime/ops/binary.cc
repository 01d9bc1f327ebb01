// SPDX-License-Identifier: Apache-2.0
// Two operands, element by element, without fused activation: MAXIMUM MINIMUM SQUARED_DIFFERENCE
// FLOOR_DIV FLOOR_MOD POW ATAN2.
#include <algorithm>

#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

Result<void> infer_types(const NodeContext& context, BinaryOp op) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  PINFER_CHECK(expect_same_types(context));
  const DType type = context.input(0).dtype;
  if (select_binary(op, type, context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(type));
  PINFER_TRY(const Shape shape,
             broadcast_shape(context, context.input(0).shape, context.input(1).shape));
  return context.set_output_shape(0, shape);
}

template <BinaryOp op>
Result<void> infer(const NodeContext& context) {
  return infer_types(context, op);
}
template <BinaryOp op>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  return binary_step(context, op, {});
}

// int8: as SUB, but with 7 extra bits so that the square fits.
Result<BinaryParams> difference_params(const NodeContext& context) {
  const TensorInfo& a = context.input(0);
  const TensorInfo& b = context.input(1);
  const TensorInfo& out = context.output(0);
  for (const TensorInfo* tensor : {&a, &b, &out})
    PINFER_CHECK(context.expect_per_tensor_quant(*tensor));
  BinaryParams params;
  params.left_shift = 7;
  params.a_zero = a.zero_point();
  params.b_zero = b.zero_point();
  params.out_zero = out.zero_point();
  params.clamp = range_of(out.dtype);
  const double twice_larger = 2 * std::max(a.scale(), b.scale());
  PINFER_TRY(params.a_scale, checked_multiplier(context, a.scale() / twice_larger));
  PINFER_TRY(params.b_scale, checked_multiplier(context, b.scale() / twice_larger));
  const double unit = static_cast<float>(1 << (2 * params.left_shift)) * out.scale();
  PINFER_TRY(params.out_scale, checked_multiplier(context, twice_larger * twice_larger / unit));
  return params;
}

BinaryOp difference_op(const NodeContext& context) {
  return context.input(0).dtype == DType::i8 ? BinaryOp::squared_difference_quant
                                             : BinaryOp::squared_difference;
}

Result<void> infer_squared_difference(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  PINFER_CHECK(infer_types(context, difference_op(context)));
  if (context.input(0).dtype == DType::i8) PINFER_CHECK(difference_params(context));
  return {};
}

Result<std::unique_ptr<Step>> prepare_squared_difference(const NodeContext& context) {
  BinaryParams params;
  if (context.input(0).dtype == DType::i8) {
    PINFER_TRY(params, difference_params(context));
  }
  return binary_step(context, difference_op(context), params);
}

template <BinaryOp op>
constexpr Operator make_operator(std::string_view name) {
  return {.name = name, .infer = infer<op>, .prepare = prepare<op>, .in_place = true};
}

}  // namespace

extern const Operator maximum_operator, minimum_operator, squared_difference_operator,
    floor_div_operator, floor_mod_operator, pow_operator, atan2_operator;
constexpr Operator maximum_operator = make_operator<BinaryOp::maximum>("MAXIMUM");
constexpr Operator minimum_operator = make_operator<BinaryOp::minimum>("MINIMUM");
constexpr Operator squared_difference_operator{.name = "SQUARED_DIFFERENCE",
                                               .infer = infer_squared_difference,
                                               .prepare = prepare_squared_difference,
                                               .in_place = true};
constexpr Operator floor_div_operator = make_operator<BinaryOp::floor_div>("FLOOR_DIV");
constexpr Operator floor_mod_operator = make_operator<BinaryOp::floor_mod>("FLOOR_MOD");
constexpr Operator pow_operator = make_operator<BinaryOp::power>("POW");
constexpr Operator atan2_operator = make_operator<BinaryOp::atan2>("ATAN2");

}  // namespace pinfer
