// SPDX-License-Identifier: Apache-2.0
// TILE, BROADCAST_TO, FILL and ZEROS_LIKE: few values written many times.
#include "runtime/core/checked.h"
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

Result<void> infer_tile(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_TRY(const auto times, context.index_values(1, kMaxRank));
  Shape shape = context.input(0).shape;
  if (times.size() != shape.size())
    return context.error("V8", "there are {} multiples for {} dimensions", times.size(),
                         shape.size());
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const auto extent = checked_mul<std::int64_t>(shape[d], times[d]);
    if (times[d] < 0 || !extent || *extent > kMaxElements)
      return context.error("V7", "dimension {} of {} is repeated {} times", d, shape[d], times[d]);
    shape[d] = static_cast<std::int32_t>(*extent);
  }
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_tile(const NodeContext& context) {
  PINFER_TRY(const auto times, context.index_values(1, kMaxRank));
  Moves moves;
  if (elements(context.output(0).shape) > 0) {
    View in = whole(context, context.input_id(0)), out = whole(context, context.output_id(0));
    for (std::size_t d = 0; d < times.size(); ++d) {
      const int dim = 2 * static_cast<int>(d);
      in = repeated(in, dim, times[d]);
      out = split(out, dim, context.input(0).shape[d]);
    }
    moves.copy(in, out);
  }
  return std::move(moves).step(context);
}

// A shape that an operand gives.
Result<Shape> read_shape(const NodeContext& context, int input) {
  PINFER_TRY(const auto dims, context.index_values(input, kMaxRank));
  Shape shape;
  for (const std::int64_t dim : dims)
    if (dim < 0 || dim > kMaxElements || !shape.push_back(static_cast<std::int32_t>(dim)))
      return context.error("V4", "the wanted shape has a dimension {}", dim);
  return shape;
}

Result<void> infer_broadcast_to(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_TRY(const Shape shape, read_shape(context, 1));
  const Shape& in = context.input(0).shape;
  bool fits = in.size() <= shape.size();
  for (std::size_t i = 1; fits && i <= in.size(); ++i) {
    const std::int32_t extent = in[in.size() - i];
    fits = extent == 1 || extent == shape[shape.size() - i];
  }
  if (!fits)
    return context.error("V8", "{} does not broadcast to {}", to_string(in), to_string(shape));
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_broadcast_to(const NodeContext& context) {
  const View out = whole(context, context.output_id(0));
  View in = whole(context, context.input_id(0));
  while (in.dims.size() < out.dims.size()) in = repeated(in, 0, 1);
  for (std::size_t d = 0; d < out.dims.size(); ++d)
    if (in.dims[d].extent != out.dims[d].extent)
      in = narrowed(in, static_cast<int>(d), 0, 0, out.dims[d].extent);
  Moves moves;
  moves.copy(in, out);
  return std::move(moves).step(context);
}

Result<void> infer_fill(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2, 1));
  if (elements(context.input(1).shape) != 1)
    return context.error("V8", "the value is {}, expected a scalar",
                         to_string(context.input(1).shape));
  PINFER_TRY(const Shape shape, read_shape(context, 0));
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_fill(const NodeContext& context) {
  Moves moves;
  moves.fill_from(context, context.output_id(0), context.input_id(1));
  return std::move(moves).step(context);
}

Result<void> infer_zeros_like(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 1, 1));
  return context.set_output_shape(0, context.input(0).shape);
}

Result<std::unique_ptr<Step>> prepare_zeros_like(const NodeContext& context) {
  const std::vector<std::byte> zero(size_of(context.output(0).dtype));
  Moves moves;
  moves.fill(context, context.output_id(0), zero);
  return std::move(moves).step(context);
}

}  // namespace

extern const Operator tile_operator;
const Operator tile_operator{.name = "TILE", .infer = infer_tile, .prepare = prepare_tile};
extern const Operator broadcast_to_operator;
const Operator broadcast_to_operator{
    .name = "BROADCAST_TO", .infer = infer_broadcast_to, .prepare = prepare_broadcast_to};
extern const Operator fill_operator;
const Operator fill_operator{.name = "FILL", .infer = infer_fill, .prepare = prepare_fill};
extern const Operator zeros_like_operator;
const Operator zeros_like_operator{.name = "ZEROS_LIKE",
                                   .infer = infer_zeros_like,
                                   .prepare = prepare_zeros_like,
                                   .value_from_shape = true};

}  // namespace pinfer
