// SPDX-License-Identifier: Apache-2.0
// TRANSPOSE, DEPTH_TO_SPACE and SPACE_TO_DEPTH: the same elements with dimensions in another order.
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

Result<std::vector<int>> read_order(const NodeContext& context) {
  PINFER_TRY(const auto values, context.index_values(1, kMaxRank));
  const std::size_t rank = context.input(0).shape.size();
  if (values.size() != rank)
    return context.error("V6", "the permutation has {} entries, the input has {} dimensions",
                         values.size(), rank);
  std::vector<int> order;
  std::array<bool, kMaxRank> seen{};
  for (const std::int64_t value : values) {
    PINFER_TRY(const int dim, context.normalise_axis(value, static_cast<int>(rank)));
    if (std::exchange(seen[static_cast<std::size_t>(dim)], true))
      return context.error("V6", "the permutation names dimension {} twice", dim);
    order.push_back(dim);
  }
  return order;
}

Result<void> infer_transpose(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_TRY(const auto order, read_order(context));
  Shape shape = context.input(0).shape;
  for (std::size_t i = 0; i < order.size(); ++i)
    shape[i] = context.input(0).shape[static_cast<std::size_t>(order[i])];
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_transpose(const NodeContext& context) {
  PINFER_TRY(const auto order, read_order(context));
  Moves moves;
  moves.copy(permuted(whole(context, context.input_id(0)), order),
             whole(context, context.output_id(0)));
  return std::move(moves).step(context);
}

Result<std::int32_t> read_block(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 1, 1));
  PINFER_CHECK(context.expect_rank(0, 4, 4));
  const std::int32_t block = context.params<DepthSpaceParams>().block_size;
  if (block < 1 || block > 32768) return context.error("V5", "block_size is {}", block);
  return block;
}

Result<void> infer_depth_to_space(const NodeContext& context) {
  PINFER_TRY(const std::int32_t block, read_block(context));
  const Shape& in = context.input(0).shape;
  if (in[3] % (block * block) != 0)
    return context.error("V5", "{} channels do not divide by block_size {} squared", in[3], block);
  const std::int64_t height = std::int64_t{in[1]} * block, width = std::int64_t{in[2]} * block;
  if (height > kMaxElements || width > kMaxElements)
    return context.error("V4", "the output would be {} by {}", height, width);
  return context.set_output_shape(
      0, Shape{in[0], static_cast<std::int32_t>(height), static_cast<std::int32_t>(width),
               in[3] / (block * block)});
}

Result<void> infer_space_to_depth(const NodeContext& context) {
  PINFER_TRY(const std::int32_t block, read_block(context));
  const Shape& in = context.input(0).shape;
  if (in[1] % block != 0 || in[2] % block != 0)
    return context.error("V5", "{} by {} do not divide by block_size {}", in[1], in[2], block);
  const std::int64_t depth = std::int64_t{in[3]} * block * block;
  if (depth > kMaxElements) return context.error("V4", "the output would have {} channels", depth);
  return context.set_output_shape(
      0, Shape{in[0], in[1] / block, in[2] / block, static_cast<std::int32_t>(depth)});
}

// The side with the large channels, as [n, h, w, block, block, c], seen as [n, h, block, w, block,
// c] like the other side.
View deep_side(const NodeContext& context, TensorId tensor, std::int64_t block, std::int64_t c) {
  constexpr std::array kOrder = {0, 1, 3, 2, 4, 5};
  return permuted(split(split(whole(context, tensor), 3, block * c), 4, c), kOrder);
}

View wide_side(const NodeContext& context, TensorId tensor, std::int64_t block) {
  return split(split(whole(context, tensor), 2, block), 1, block);
}

Result<std::unique_ptr<Step>> prepare_depth_to_space(const NodeContext& context) {
  PINFER_TRY(const std::int32_t block, read_block(context));
  Moves moves;
  if (elements(context.output(0).shape) > 0)
    moves.copy(deep_side(context, context.input_id(0), block, context.output(0).shape[3]),
               wide_side(context, context.output_id(0), block));
  return std::move(moves).step(context);
}

Result<std::unique_ptr<Step>> prepare_space_to_depth(const NodeContext& context) {
  PINFER_TRY(const std::int32_t block, read_block(context));
  Moves moves;
  if (elements(context.output(0).shape) > 0)
    moves.copy(wide_side(context, context.input_id(0), block),
               deep_side(context, context.output_id(0), block, context.input(0).shape[3]));
  return std::move(moves).step(context);
}

}  // namespace

extern const Operator transpose_operator;
const Operator transpose_operator{
    .name = "TRANSPOSE", .infer = infer_transpose, .prepare = prepare_transpose};
extern const Operator depth_to_space_operator;
const Operator depth_to_space_operator{
    .name = "DEPTH_TO_SPACE", .infer = infer_depth_to_space, .prepare = prepare_depth_to_space};
extern const Operator space_to_depth_operator;
const Operator space_to_depth_operator{
    .name = "SPACE_TO_DEPTH", .infer = infer_space_to_depth, .prepare = prepare_space_to_depth};

}  // namespace pinfer
