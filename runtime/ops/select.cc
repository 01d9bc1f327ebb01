// SPDX-License-Identifier: Apache-2.0
// SELECT and SELECT_V2. SELECT_V2 broadcasts; the condition of SELECT is as large as the choices,
// or a scalar, or one bool for each slice of the first dimension.
#include "runtime/kernels/select/select.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

// The shape in which the condition of SELECT broadcasts.
Result<Shape> old_condition_shape(const NodeContext& context) {
  const Shape& condition = context.input(0).shape;
  const Shape& x = context.input(1).shape;
  if (context.input(2).shape != x)
    return context.error("V8", "the choices are {} and {}", to_string(x),
                         to_string(context.input(2).shape));
  if (condition == x || condition.empty()) return condition;
  if (condition.size() != 1 || x.empty() || condition[0] != x[0])
    return context.error("V8", "the condition {} does not fit {}", to_string(condition),
                         to_string(x));
  Shape shape = x;
  for (std::size_t d = 1; d < shape.size(); ++d) shape[d] = 1;
  return shape;
}

Result<Shape> condition_shape(const NodeContext& context, bool broadcasts) {
  if (broadcasts) return context.input(0).shape;
  return old_condition_shape(context);
}

template <bool broadcasts>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(3, 3, 1));
  PINFER_CHECK(context.expect_type(0, {DType::boolean}));
  const DType type = context.input(1).dtype;
  if (context.input(2).dtype != type)
    return context.error("V8", "{} and {} have different types",
                         context.name_of(context.input_id(1)),
                         context.name_of(context.input_id(2)));
  PINFER_CHECK(context.expect_output_type(0, type));
  if (select_select(size_of(type), context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(type));
  PINFER_TRY(const Shape condition, condition_shape(context, broadcasts));
  PINFER_TRY(const Shape choices,
             broadcast_shape(context, context.input(1).shape, context.input(2).shape));
  PINFER_TRY(const Shape shape, broadcast_shape(context, condition, choices));
  return context.set_output_shape(0, shape);
}

template <bool broadcasts>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const Shape condition, condition_shape(context, broadcasts));
  SelectArgs args;
  args.broadcast = make_broadcast({condition, context.input(1).shape, context.input(2).shape},
                                  context.output(0).shape);
  const SelectKernel& kernel = *select_select(size_of(context.input(1).dtype), context.isa());
  const TensorId c = context.input_id(0), x = context.input_id(1), y = context.input_id(2);
  const TensorId out = context.output_id(0);
  const std::int64_t count = elements(context.output(0).shape);
  return make_step(
      {.kernel = kernel.name}, [=, compute = kernel.run](const RunContext& run) noexcept {
        run.pool->parallel_for(count, kElementBlock, [&](std::int64_t begin, std::int64_t end) {
          SelectArgs part = args;
          part.condition = run.data<std::uint8_t>(c);
          part.x = run.data<std::byte>(x);
          part.y = run.data<std::byte>(y);
          part.out = run.data<std::byte>(out);
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

}  // namespace

extern const Operator select_operator, select_v2_operator;
constexpr Operator select_operator{
    .name = "SELECT", .infer = infer<false>, .prepare = prepare<false>};
constexpr Operator select_v2_operator{
    .name = "SELECT_V2", .infer = infer<true>, .prepare = prepare<true>};

}  // namespace pinfer
