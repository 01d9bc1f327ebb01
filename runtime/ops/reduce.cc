// SPDX-License-Identifier: Apache-2.0
// MEAN, SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ANY, REDUCE_ALL.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "runtime/kernels/reduce/reduce.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

using ReducedDims = std::array<bool, kMaxRank>;

// Which dimensions the axes name; repeats are harmless.
Result<ReducedDims> reduced_dims(const NodeContext& context) {
  const auto rank = static_cast<int>(context.input(0).shape.size());
  PINFER_TRY(const auto axes, context.index_values(1));
  ReducedDims reduced{};
  if (rank == 0) return reduced;
  for (const std::int64_t value : axes) {
    PINFER_TRY(const int axis, context.normalise_axis(value, rank));
    reduced[static_cast<std::size_t>(axis)] = true;
  }
  return reduced;
}

bool is_quantized_form(const NodeContext& context, ReduceOp op) {
  const TensorInfo& in = context.input(0);
  if (!is_small_integer(in.dtype)) return false;
  if (op == ReduceOp::mean || op == ReduceOp::sum) return true;
  return op == ReduceOp::prod && in.quant.quantized();
}

ReduceOp form_of(const NodeContext& context, ReduceOp op) {
  if (!is_quantized_form(context, op)) return op;
  return op == ReduceOp::mean  ? ReduceOp::mean_quant
         : op == ReduceOp::sum ? ReduceOp::sum_quant
                               : ReduceOp::prod_quant;
}

// Folds 1 / count into the multiplier: shift up as far as the 64-bit quotient and the exponent
// allow, then divide.
Multiplier divided(Multiplier multiplier, std::int64_t count) {
  int shift = 63 - std::countl_zero(static_cast<std::uint64_t>(count));
  shift = std::min({shift, 32, 31 + multiplier.shift});
  const auto mantissa = (static_cast<std::int64_t>(multiplier.mantissa) << shift) / count;
  return {static_cast<std::int32_t>(mantissa), multiplier.shift - shift};
}

Result<void> quantized_args(const NodeContext& context, ReduceOp op, ReduceArgs& args) {
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  PINFER_CHECK(context.expect_per_tensor_quant(in));
  PINFER_CHECK(context.expect_per_tensor_quant(out));
  args.in_zero = in.zero_point();
  args.out_zero = out.zero_point();
  const double in_scale = in.scale(), out_scale = out.scale();
  if (op == ReduceOp::prod) {
    const auto count = static_cast<double>(std::max<std::int64_t>(args.reduced.count, 1));
    PINFER_TRY(args.scale,
               checked_multiplier(context, in_scale / std::pow(out_scale, 1.0 / count), 7));
    return {};
  }
  PINFER_TRY(args.scale, checked_multiplier(context, in_scale / out_scale));
  if (op == ReduceOp::mean && args.reduced.count > 0)
    args.scale = divided(args.scale, args.reduced.count);
  return {};
}

// Those that only choose among the inputs keep their quantization.
Result<void> expect_same_quant(const NodeContext& context, ReduceOp op) {
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  if (!is_small_integer(in.dtype) || (op != ReduceOp::max && op != ReduceOp::min)) return {};
  if (in.scale() == out.scale() && in.zero_point() == out.zero_point()) return {};
  return context.error("V10", "input and output have different scales or zero points");
}

Result<ReduceArgs> reduce_args(const NodeContext& context, ReduceOp op) {
  ReduceArgs args;
  PINFER_TRY(const ReducedDims reduced, reduced_dims(context));
  split_walks(context.input(0).shape, reduced, args.kept, args.reduced);
  if (is_quantized_form(context, op)) PINFER_CHECK(quantized_args(context, op, args));
  PINFER_CHECK(expect_same_quant(context, op));
  return args;
}

template <ReduceOp op>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  const TensorInfo& in = context.input(0);
  PINFER_CHECK(context.expect_output_type(0, in.dtype));
  if (select_reduce(form_of(context, op), in.dtype, context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(in.dtype));
  PINFER_CHECK(reduce_args(context, op));
  PINFER_TRY(const ReducedDims reduced, reduced_dims(context));
  const bool keep = context.params<ReduceParams>().keep_dims;
  Shape shape;
  for (std::size_t d = 0; d < in.shape.size(); ++d) {
    if (reduced[d] && !keep) continue;
    static_cast<void>(shape.push_back(reduced[d] ? 1 : in.shape[d]));
  }
  return context.set_output_shape(0, shape);
}

template <ReduceOp op>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const ReduceArgs args, reduce_args(context, op));
  const ReduceKernel& kernel =
      *select_reduce(form_of(context, op), context.input(0).dtype, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const std::int64_t count = elements(context.output(0).shape);
  const std::int64_t block =
      std::max<std::int64_t>(1, kElementBlock / std::max<std::int64_t>(1, args.reduced.count));
  return make_open_step(
      {.kernel = kernel.name}, args, [=, compute = kernel.run](const RunContext& run) noexcept {
        run.pool->parallel_for(count, block, [&](std::int64_t begin, std::int64_t end) {
          ReduceArgs part = args;
          part.in = run.data<std::byte>(in);
          part.out = run.data<std::byte>(out);
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

template <ReduceOp op>
constexpr Operator make_operator(std::string_view name) {
  return {.name = name, .infer = infer<op>, .prepare = prepare<op>};
}

}  // namespace

extern const Operator mean_operator, sum_operator, reduce_prod_operator, reduce_max_operator,
    reduce_min_operator, reduce_any_operator, reduce_all_operator;
constexpr Operator mean_operator = make_operator<ReduceOp::mean>("MEAN");
constexpr Operator sum_operator = make_operator<ReduceOp::sum>("SUM");
constexpr Operator reduce_prod_operator = make_operator<ReduceOp::prod>("REDUCE_PROD");
constexpr Operator reduce_max_operator = make_operator<ReduceOp::max>("REDUCE_MAX");
constexpr Operator reduce_min_operator = make_operator<ReduceOp::min>("REDUCE_MIN");
constexpr Operator reduce_any_operator = make_operator<ReduceOp::any>("REDUCE_ANY");
constexpr Operator reduce_all_operator = make_operator<ReduceOp::all>("REDUCE_ALL");

}  // namespace pinfer
