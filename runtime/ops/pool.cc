// SPDX-License-Identifier: Apache-2.0
// AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D on NHWC pictures.
#include "runtime/kernels/pool/pool.h"

#include <algorithm>

#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

// Rule V12: a hostile file could ask for days of work on a small picture.
double reads_of(const PoolShape& s) noexcept {
  return 1.0 * s.batch * s.channels * s.out_h * s.out_w * std::min(s.filter_h, s.in_h) *
         std::min(s.filter_w, s.in_w);
}

Result<PoolArgs> pool_args(const NodeContext& context) {
  const auto params = context.params<PoolParams>();
  const Shape& in = context.input(0).shape;
  if (params.stride_h < 1 || params.stride_w < 1)
    return context.error("V5", "the strides are {} x {}, they must be at least 1", params.stride_h,
                         params.stride_w);
  if (params.filter_h < 1 || params.filter_w < 1)
    return context.error("V5", "the window is {} x {}, it must be at least 1 x 1", params.filter_h,
                         params.filter_w);
  PoolArgs args;
  PoolShape& s = args.shape;
  s = {.batch = in[0], .in_h = in[1], .in_w = in[2], .channels = in[3]};
  s.filter_h = params.filter_h;
  s.filter_w = params.filter_w;
  s.stride_h = params.stride_h;
  s.stride_w = params.stride_w;
  s.out_h = window_output(params.padding, s.in_h, s.filter_h, s.stride_h, 1);
  s.out_w = window_output(params.padding, s.in_w, s.filter_w, s.stride_w, 1);
  if (s.out_h < 1 || s.out_w < 1)
    return context.error("V5", "a window of {} x {} does not fit into {}", s.filter_h, s.filter_w,
                         to_string(in));
  constexpr double kMaxReads = 1e11;
  if (const double reads = reads_of(s); reads > kMaxReads)
    return context.error("V12", "its windows read {} elements, at most {} are allowed", reads,
                         kMaxReads);
  s.pad_top = window_padding(s.in_h, s.out_h, s.filter_h, s.stride_h, 1);
  s.pad_left = window_padding(s.in_w, s.out_w, s.filter_w, s.stride_w, 1);
  return args;
}

Result<void> activation_of(const NodeContext& context, PoolArgs& args) {
  const Activation activation = context.params<PoolParams>().activation;
  if (activation == Activation::tanh || activation == Activation::sign_bit)
    return context.unsupported("a fused activation other than the RELU family");
  const TensorInfo& out = context.output(0);
  args.float_clamp = float_clamp(activation);
  args.clamp = range_of(out.dtype);
  if (out.dtype == DType::f32 || activation == Activation::none) return {};
  PINFER_CHECK(context.expect_per_tensor_quant(out));
  args.clamp =
      quantized_clamp(activation, out.scale(), out.zero_point(), args.clamp.low, args.clamp.high);
  return {};
}

template <PoolOp op>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_rank(0, 4, 4));
  const TensorInfo& in = context.input(0);
  PINFER_CHECK(context.expect_output_type(0, in.dtype));
  if (select_pool(op, in.dtype, context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(in.dtype));
  PINFER_TRY(PoolArgs args, pool_args(context));
  PINFER_CHECK(activation_of(context, args));
  const PoolShape& s = args.shape;
  return context.set_output_shape(0, {s.batch, s.out_h, s.out_w, s.channels});
}

template <PoolOp op>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(PoolArgs args, pool_args(context));
  PINFER_CHECK(activation_of(context, args));
  const PoolKernel& kernel = *select_pool(op, context.input(0).dtype, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const std::int64_t rows = std::int64_t{args.shape.batch} * args.shape.out_h;
  return make_open_step(
      {.kernel = kernel.name, .reads = static_cast<std::int64_t>(reads_of(args.shape))}, args,
      [=, compute = kernel.run](const RunContext& run) noexcept {
        if (args.shape.channels == 0) return Status::ok;
        run.pool->parallel_for(rows, 1, [&](std::int64_t begin, std::int64_t end) {
          PoolArgs part = args;
          part.in = run.data<std::byte>(in);
          part.out = run.data<std::byte>(out);
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

template <PoolOp op>
constexpr Operator make_operator(std::string_view name) {
  return {.name = name, .infer = infer<op>, .prepare = prepare<op>};
}

}  // namespace

extern const Operator average_pool_operator, max_pool_operator, l2_pool_operator;
constexpr Operator average_pool_operator = make_operator<PoolOp::average>("AVERAGE_POOL_2D");
constexpr Operator max_pool_operator = make_operator<PoolOp::maximum>("MAX_POOL_2D");
constexpr Operator l2_pool_operator = make_operator<PoolOp::root_mean_square>("L2_POOL_2D");

}  // namespace pinfer
