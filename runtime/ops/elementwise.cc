// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/elementwise.h"

#include <algorithm>
#include <limits>

namespace pinfer {

Result<Shape> broadcast_shape(const NodeContext& context, const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Shape out;
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int32_t a_dim = d + a.size() < rank ? 1 : a[d + a.size() - rank];
    const std::int32_t b_dim = d + b.size() < rank ? 1 : b[d + b.size() - rank];
    if (a_dim != b_dim && a_dim != 1 && b_dim != 1)
      return context.error("V8", "shapes {} and {} do not agree: {} and {} in dimension {}",
                           to_string(a), to_string(b), a_dim, b_dim, d);
    if (!out.push_back(a_dim == 1 ? b_dim : a_dim))
      return context.error("V4", "more than {} dimensions", kMaxRank);
  }
  return out;
}

Result<Multiplier> checked_multiplier(const NodeContext& context, double real, int max_shift) {
  Multiplier multiplier;
  if (!quantize_multiplier(real, multiplier) || multiplier.shift > max_shift)
    return context.error("V10", "the scales need a multiplier of {}, which is not within [0, 2^{})",
                         real, max_shift);
  return multiplier;
}

ClampRange range_of(DType type) noexcept {
  switch (type) {
    case DType::i8:
      return {-128, 127};
    case DType::u8:
      return {0, 255};
    case DType::i16:
      return {-32768, 32767};
    default:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  }
}

Result<void> expect_same_types(const NodeContext& context) {
  if (context.input(1).dtype != context.input(0).dtype)
    return context.error("V8", "{} and {} have different types",
                         context.name_of(context.input_id(0)),
                         context.name_of(context.input_id(1)));
  return context.expect_output_type(0, context.input(0).dtype);
}

Result<void> infer_same(const NodeContext& context, std::initializer_list<DType> allowed) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_type(0, allowed));
  PINFER_CHECK(context.expect_output_type(0, context.input(0).dtype));
  return context.set_output_shape(0, context.input(0).shape);
}

Result<std::unique_ptr<Step>> binary_step(const NodeContext& context, BinaryOp op,
                                          const BinaryParams& params) {
  const TensorInfo& a = context.input(0);
  const TensorInfo& b = context.input(1);
  const TensorInfo& out = context.output(0);
  const BinaryKernel* kernel = select_binary(op, a.dtype, context.isa());
  if (kernel == nullptr) return context.unsupported("elements of {}", to_string(a.dtype));
  BinaryArgs args;
  args.broadcast = make_broadcast({a.shape, b.shape}, out.shape);
  args.params = params;
  return std::make_unique<BinaryStep>(
      *kernel, args,
      std::array<TensorId, 3>{context.input_id(0), context.input_id(1), context.output_id(0)},
      elements(out.shape));
}

Status BinaryStep::run(const RunContext& context) const noexcept {
  context.pool->parallel_for(count_, kElementBlock, [&](std::int64_t begin, std::int64_t end) {
    run_part(context, begin, end);
  });
  return Status::ok;
}

void BinaryStep::run_part(const RunContext& context, std::int64_t begin,
                          std::int64_t end) const noexcept {
  BinaryArgs part = args_;
  part.a = context.data<std::byte>(ids_[0]);
  part.b = context.data<std::byte>(ids_[1]);
  part.out = context.data<std::byte>(ids_[2]);
  part.begin = begin;
  part.end = end;
  kernel_.run(part);
}

bool log2_of_scale(float scale, int& log2) noexcept {
  const float exact = std::log(scale) * (1.0f / std::log(2.0f));
  const float rounded = std::round(exact);
  log2 = static_cast<int>(rounded);
  return std::abs(exact - rounded) < 1e-3f;
}

}  // namespace pinfer
