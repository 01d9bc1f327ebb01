// SPDX-License-Identifier: Apache-2.0
// GATHER and EMBEDDING_LOOKUP: rows picked by index.
#include <cstring>

#include "runtime/ops/indices.h"
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

// out[batch, outer, i] = in[batch, outer, index[batch, i]], each a run of `inner` bytes.
struct Gather {
  TensorId in = kNoTensor, out = kNoTensor;
  Indices indices{};
  std::int64_t batch = 1, outer = 1, axis = 1, count = 1, inner = 1;

  Status operator()(const RunContext& run) const noexcept {
    const auto* from = run.data<std::byte>(in);
    auto* to = run.data<std::byte>(out);
    for (std::int64_t b = 0; b < batch; ++b)
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t index = indices.at(run, b * count + i);
        if (index < 0 || index >= axis) return Status::bad_index;
        if (inner == 0) continue;
        for (std::int64_t o = 0; o < outer; ++o)
          std::memcpy(to + ((b * outer + o) * count + i) * inner,
                      from + ((b * outer + o) * axis + index) * inner,
                      static_cast<std::size_t>(inner));
      }
    return Status::ok;
  }
};

// Indices that the file holds are checked at load.
Result<void> check_known(const NodeContext& context, int input, std::int64_t extent) {
  if (context.value(input).empty()) return {};
  PINFER_TRY(const auto values, context.index_values(input, kMaxElements));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] < 0 || values[i] >= extent)
      return context.error("V7", "index {} is {}, the dimension has {}", i, values[i], extent);
  return {};
}

struct Axes {
  std::size_t axis = 0, batch_dims = 0;
};

Result<Axes> read_axes(const NodeContext& context) {
  const auto params = context.params<GatherParams>();
  const Shape& in = context.input(0).shape;
  const Shape& indices = context.input(1).shape;
  PINFER_TRY(const int axis, context.normalise_axis(params.axis, static_cast<int>(in.size())));
  const std::int64_t batch = params.batch_dims < 0
                                 ? params.batch_dims + static_cast<std::int64_t>(indices.size())
                                 : params.batch_dims;
  if (batch < 0 || batch > axis || batch > static_cast<std::int64_t>(indices.size()))
    return context.error("V6", "batch_dims is {}, the axis {}", params.batch_dims, axis);
  for (std::size_t d = 0; d < static_cast<std::size_t>(batch); ++d)
    if (in[d] != indices[d])
      return context.error("V8", "{} and {} disagree in batch dimension {}", to_string(in),
                           to_string(indices), d);
  return Axes{static_cast<std::size_t>(axis), static_cast<std::size_t>(batch)};
}

Result<void> infer_gather(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_CHECK(Indices::of(context, 1));
  PINFER_TRY(const Axes axes, read_axes(context));
  const Shape& in = context.input(0).shape;
  const Shape& indices = context.input(1).shape;
  PINFER_CHECK(check_known(context, 1, in[axes.axis]));
  std::vector<std::int32_t> dims(in.begin(), in.begin() + axes.axis);
  dims.insert(dims.end(), indices.begin() + axes.batch_dims, indices.end());
  dims.insert(dims.end(), in.begin() + axes.axis + 1, in.end());
  Shape shape;
  for (const std::int32_t dim : dims)
    if (!shape.push_back(dim))
      return context.error("V4", "the output has {} dimensions", dims.size());
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_gather(const NodeContext& context) {
  PINFER_TRY(const Axes axes, read_axes(context));
  PINFER_TRY(const Indices indices, Indices::of(context, 1));
  const TensorInfo& in = context.input(0);
  const Shape& where = context.input(1).shape;
  return make_step({.kernel = "gather"},
                   Gather{.in = context.input_id(0),
                          .out = context.output_id(0),
                          .indices = indices,
                          .batch = extent_between(in.shape, 0, axes.batch_dims),
                          .outer = extent_between(in.shape, axes.batch_dims, axes.axis),
                          .axis = in.shape[axes.axis],
                          .count = extent_between(where, axes.batch_dims, where.size()),
                          .inner = extent_between(in.shape, axes.axis + 1, in.shape.size()) *
                                   static_cast<std::int64_t>(size_of(in.dtype))});
}

Result<void> infer_lookup(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2, 1));
  PINFER_CHECK(context.expect_type(0, {DType::i32}));
  PINFER_CHECK(context.expect_rank(0, 1, 1));
  PINFER_CHECK(context.expect_rank(1, 2, static_cast<int>(kMaxRank)));
  Shape shape = context.input(1).shape;
  PINFER_CHECK(check_known(context, 0, shape[0]));
  shape[0] = context.input(0).shape[0];
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_lookup(const NodeContext& context) {
  PINFER_TRY(const Indices indices, Indices::of(context, 0));
  const TensorInfo& table = context.input(1);
  return make_step({.kernel = "gather"},
                   Gather{.in = context.input_id(1),
                          .out = context.output_id(0),
                          .indices = indices,
                          .axis = table.shape[0],
                          .count = context.input(0).shape[0],
                          .inner = extent_between(table.shape, 1, table.shape.size()) *
                                   static_cast<std::int64_t>(size_of(table.dtype))});
}

}  // namespace

extern const Operator gather_operator;
const Operator gather_operator{.name = "GATHER", .infer = infer_gather, .prepare = prepare_gather};
extern const Operator embedding_lookup_operator;
const Operator embedding_lookup_operator{
    .name = "EMBEDDING_LOOKUP", .infer = infer_lookup, .prepare = prepare_lookup};

}  // namespace pinfer
