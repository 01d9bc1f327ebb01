// SPDX-License-Identifier: Apache-2.0
// L2_NORMALIZATION: rows of the innermost dimension divided by their length.
#include <algorithm>

#include "runtime/kernels/l2norm/l2norm.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

Result<void> check_quant(const NodeContext& context) {
  constexpr std::int32_t kMaxDepth = 32768;  // squares of 8 bits stay within 32 bits
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  PINFER_CHECK(context.expect_per_tensor_quant(in));
  PINFER_CHECK(context.expect_per_tensor_quant(out));
  const std::int32_t zero = in.dtype == DType::u8 ? 128 : 0;
  if (out.scale() != 1.0f / 128 || out.zero_point() != zero)
    return context.error("V10", "the output has scale {} and zero point {}, expected 1/128 and {}",
                         out.scale(), out.zero_point(), zero);
  const std::int32_t depth = in.shape[in.shape.size() - 1];
  if (depth > kMaxDepth) return context.unsupported("rows of {} elements", depth);
  return {};
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(infer_same(context, {DType::f32, DType::i8, DType::u8}));
  PINFER_CHECK(context.expect_rank(0, 1, static_cast<int>(kMaxRank)));
  if (context.params<L2NormParams>().activation != Activation::none)
    return context.unsupported("a fused activation");
  if (context.input(0).dtype != DType::f32) PINFER_CHECK(check_quant(context));
  return {};
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const TensorInfo& info = context.input(0);
  L2NormArgs args{.depth = info.shape[info.shape.size() - 1], .zero = info.zero_point()};
  const std::int64_t rows = args.depth == 0 ? 0 : elements(info.shape) / args.depth;
  const std::int64_t block =
      std::max<std::int64_t>(1, kElementBlock / std::max<std::int64_t>(1, args.depth));
  const L2NormKernel& kernel = *select_l2norm(info.dtype, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  return make_step({.kernel = kernel.name},
                   [=, compute = kernel.run](const RunContext& run) noexcept {
                     run.pool->parallel_for(rows, block, [&](std::int64_t begin, std::int64_t end) {
                       L2NormArgs part = args;
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

extern const Operator l2_normalization_operator;
constexpr Operator l2_normalization_operator{
    .name = "L2_NORMALIZATION", .infer = infer, .prepare = prepare, .in_place = true};

}  // namespace pinfer
