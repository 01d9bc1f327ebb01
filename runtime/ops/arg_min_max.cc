// SPDX-License-Identifier: Apache-2.0
// ARG_MAX and ARG_MIN: where along one dimension the largest or smallest element is.
#include <algorithm>
#include <array>

#include "runtime/kernels/reduce/reduce.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

Result<int> axis_of(const NodeContext& context) {
  PINFER_TRY(const auto axes, context.index_values(1));
  if (axes.size() != 1) return context.error("V6", "there are {} axes, expected 1", axes.size());
  return context.normalise_axis(axes[0], static_cast<int>(context.input(0).shape.size()));
}

template <ReduceOp op>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  PINFER_CHECK(context.expect_rank(0, 1, static_cast<int>(kMaxRank)));
  const TensorInfo& in = context.input(0);
  if (select_reduce(op, in.dtype, context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(in.dtype));
  PINFER_CHECK(context.expect_output_type(
      0, context.params<ArgParams>().int64_output ? DType::i64 : DType::i32));
  PINFER_TRY(const int axis, axis_of(context));
  Shape shape;
  for (std::size_t d = 0; d < in.shape.size(); ++d)
    if (static_cast<int>(d) != axis) static_cast<void>(shape.push_back(in.shape[d]));
  if (in.shape[static_cast<std::size_t>(axis)] == 0 && elements(shape) != 0)
    return context.error("V4", "dimension {} of {} is empty", axis, to_string(in.shape));
  return context.set_output_shape(0, shape);
}

template <ReduceOp op>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  PINFER_TRY(const int axis, axis_of(context));
  std::array<bool, kMaxRank> reduced{};
  reduced[static_cast<std::size_t>(axis)] = true;
  ReduceArgs args;
  split_walks(in.shape, reduced, args.kept, args.reduced);
  args.index_64 = context.output(0).dtype == DType::i64;
  const ReduceKernel& kernel = *select_reduce(op, in.dtype, context.isa());
  const TensorId from = context.input_id(0), out = context.output_id(0);
  const std::int64_t count = elements(context.output(0).shape);
  const std::int64_t block =
      std::max<std::int64_t>(1, kElementBlock / std::max<std::int64_t>(1, args.reduced.count));
  return make_step(
      {.kernel = kernel.name}, [=, compute = kernel.run](const RunContext& run) noexcept {
        run.pool->parallel_for(count, block, [&](std::int64_t begin, std::int64_t end) {
          ReduceArgs part = args;
          part.in = run.data<std::byte>(from);
          part.out = run.data<std::byte>(out);
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

}  // namespace

extern const Operator arg_max_operator, arg_min_operator;
constexpr Operator arg_max_operator{
    .name = "ARG_MAX", .infer = infer<ReduceOp::arg_max>, .prepare = prepare<ReduceOp::arg_max>};
constexpr Operator arg_min_operator{
    .name = "ARG_MIN", .infer = infer<ReduceOp::arg_min>, .prepare = prepare<ReduceOp::arg_min>};

}  // namespace pinfer
