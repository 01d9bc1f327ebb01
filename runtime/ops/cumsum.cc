// SPDX-License-Identifier: Apache-2.0
// CUMSUM: running sums along one dimension.
#include "runtime/kernels/cumsum/cumsum.h"

#include <algorithm>

#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

Result<int> axis_of(const NodeContext& context) {
  PINFER_TRY(const auto axes, context.index_values(1));
  if (axes.size() != 1) return context.error("V6", "there are {} axes, expected 1", axes.size());
  return context.normalise_axis(axes[0], static_cast<int>(context.input(0).shape.size()));
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  const TensorInfo& in = context.input(0);
  if (select_cumsum(in.dtype, context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(in.dtype));
  PINFER_CHECK(context.expect_output_type(0, in.dtype));
  PINFER_CHECK(axis_of(context));
  return context.set_output_shape(0, in.shape);
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const Shape& shape = context.input(0).shape;
  PINFER_TRY(const int axis, axis_of(context));
  const auto params = context.params<CumsumParams>();
  CumsumArgs args{.depth = shape[static_cast<std::size_t>(axis)],
                  .exclusive = params.exclusive,
                  .reverse = params.reverse};
  for (auto d = static_cast<std::size_t>(axis) + 1; d < shape.size(); ++d) args.inner *= shape[d];
  const std::int64_t lines = args.depth == 0 ? 0 : elements(shape) / args.depth;
  const std::int64_t block =
      std::max<std::int64_t>(1, kElementBlock / std::max<std::int64_t>(1, args.depth));
  const CumsumKernel& kernel = *select_cumsum(context.input(0).dtype, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  return make_step(
      {.kernel = kernel.name}, [=, compute = kernel.run](const RunContext& run) noexcept {
        run.pool->parallel_for(lines, block, [&](std::int64_t begin, std::int64_t end) {
          CumsumArgs part = args;
          part.in = run.data<std::byte>(in);
          part.out = run.data<std::byte>(out);
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

}  // namespace

extern const Operator cumsum_operator;
constexpr Operator cumsum_operator{
    .name = "CUMSUM", .infer = infer, .prepare = prepare, .in_place = true};

}  // namespace pinfer
