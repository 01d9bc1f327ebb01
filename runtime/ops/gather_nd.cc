// SPDX-License-Identifier: Apache-2.0
// GATHER_ND and SCATTER_ND: slices picked or placed by index tuples.
#include <cstring>

#include "runtime/ops/indices.h"
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

// Turns tuple i into the number of a slice of `extents`; -1 when it points outside.
struct Tuples {
  Indices indices{};
  std::int64_t count = 0;  // tuples
  Shape extents;           // of the dimensions that a tuple indexes

  [[nodiscard]] std::int64_t slice(const RunContext& run, std::int64_t i) const noexcept {
    const auto depth = static_cast<std::int64_t>(extents.size());
    std::int64_t number = 0;
    for (std::int64_t d = 0; d < depth; ++d) {
      const std::int64_t index = indices.at(run, i * depth + d);
      const std::int64_t extent = extents[static_cast<std::size_t>(d)];
      if (index < 0 || index >= extent) return -1;
      number = number * extent + index;
    }
    return number;
  }
};

// `input` holds [..., depth] tuples into a tensor of shape `target`.
Result<Tuples> read_tuples(const NodeContext& context, int input, const Shape& target) {
  PINFER_TRY(const Indices indices, Indices::of(context, input));
  const Shape& shape = context.input(input).shape;
  if (shape.empty() || shape[shape.size() - 1] > static_cast<std::int64_t>(target.size()))
    return context.error("V8", "indices {} do not fit a tensor of {}", to_string(shape),
                         to_string(target));
  Tuples tuples{
      .indices = indices, .count = extent_between(shape, 0, shape.size() - 1), .extents = {}};
  for (std::int32_t d = 0; d < shape[shape.size() - 1]; ++d)
    static_cast<void>(tuples.extents.push_back(target[static_cast<std::size_t>(d)]));
  return tuples;
}

// indices.shape[:-1] + target.shape[depth:], or an error when that has too many dimensions.
Result<Shape> slices_shape(const NodeContext& context, int indices, const Shape& target) {
  Shape shape = context.input(indices).shape;
  const auto depth = static_cast<std::size_t>(shape[shape.size() - 1]);
  shape.truncate(shape.size() - 1);
  for (std::size_t d = depth; d < target.size(); ++d)
    if (!shape.push_back(target[d]))
      return context.error("V4", "the result has more than {} dimensions", kMaxRank);
  return shape;
}

std::int64_t slice_elements(const Tuples& tuples, const Shape& target) {
  return extent_between(target, tuples.extents.size(), target.size());
}

Result<void> infer_gather(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  const Shape& target = context.input(0).shape;
  PINFER_CHECK(read_tuples(context, 1, target));
  PINFER_TRY(const Shape shape, slices_shape(context, 1, target));
  return context.set_output_shape(0, shape);
}

struct GatherNd {
  TensorId in = kNoTensor, out = kNoTensor;
  Tuples tuples;
  std::size_t bytes = 0;  // of a slice

  Status operator()(const RunContext& run) const noexcept {
    for (std::int64_t i = 0; i < tuples.count; ++i) {
      const std::int64_t slice = tuples.slice(run, i);
      if (slice < 0) return Status::bad_index;
      if (bytes != 0)
        std::memcpy(run.data<std::byte>(out) + static_cast<std::size_t>(i) * bytes,
                    run.data<std::byte>(in) + static_cast<std::size_t>(slice) * bytes, bytes);
    }
    return Status::ok;
  }
};

Result<std::unique_ptr<Step>> prepare_gather(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  PINFER_TRY(Tuples tuples, read_tuples(context, 1, in.shape));
  const auto bytes = static_cast<std::size_t>(slice_elements(tuples, in.shape)) * size_of(in.dtype);
  return make_step({.kernel = "gather"},
                   GatherNd{context.input_id(0), context.output_id(0), tuples, bytes});
}

Result<void> infer_scatter(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 3, 3, 1));
  PINFER_CHECK(context.expect_type(
      1, {DType::f32, DType::i8, DType::u8, DType::i16, DType::i32, DType::i64, DType::boolean}));
  PINFER_TRY(const auto dims, context.index_values(2, kMaxRank));
  Shape target;
  for (const std::int64_t dim : dims)
    if (dim < 0 || dim > kMaxElements || !target.push_back(static_cast<std::int32_t>(dim)))
      return context.error("V4", "the output would have a dimension {}", dim);
  PINFER_CHECK(read_tuples(context, 0, target));
  PINFER_TRY(const Shape updates, slices_shape(context, 0, target));
  if (context.input(1).shape != updates)
    return context.error("V8", "the updates are {}, expected {}", to_string(context.input(1).shape),
                         to_string(updates));
  return context.set_output_shape(0, target);
}

// Slices that are named more than once add up; integers wrap, bools (kLogical) are or-ed.
template <class T, bool kLogical = false>
struct ScatterNd {
  TensorId updates = kNoTensor, out = kNoTensor;
  Tuples tuples;
  std::int64_t slice = 0, total = 0;  // elements

  Status operator()(const RunContext& run) const noexcept {
    T* to = run.data<T>(out);
    const T* from = run.data<T>(updates);
    if (total != 0) std::memset(to, 0, static_cast<std::size_t>(total) * sizeof(T));
    for (std::int64_t i = 0; i < tuples.count; ++i) {
      const std::int64_t number = tuples.slice(run, i);
      if (number < 0) return Status::bad_index;
      for (std::int64_t j = 0; j < slice; ++j) {
        T& target = to[number * slice + j];
        if constexpr (kLogical)
          target = (target | from[i * slice + j]) != 0 ? 1 : 0;
        else
          target = static_cast<T>(target + from[i * slice + j]);
      }
    }
    return Status::ok;
  }
};

Result<std::unique_ptr<Step>> prepare_scatter(const NodeContext& context) {
  const TensorInfo& out = context.output(0);
  PINFER_TRY(Tuples tuples, read_tuples(context, 0, out.shape));
  const auto make = [&]<class T>(T example) -> std::unique_ptr<Step> {
    T step = std::move(example);
    step.updates = context.input_id(1);
    step.out = context.output_id(0);
    step.tuples = tuples;
    step.slice = slice_elements(tuples, out.shape);
    step.total = elements(out.shape);
    return make_step({.kernel = "scatter"}, step);
  };
  // Unsigned arithmetic wraps without being undefined.
  switch (out.dtype) {
    case DType::f32:
      return make(ScatterNd<float>{});
    case DType::i64:
      return make(ScatterNd<std::uint64_t>{});
    case DType::i32:
      return make(ScatterNd<std::uint32_t>{});
    case DType::i16:
      return make(ScatterNd<std::uint16_t>{});
    case DType::boolean:
      return make(ScatterNd<std::uint8_t, true>{});
    default:
      return make(ScatterNd<std::uint8_t>{});
  }
}

}  // namespace

extern const Operator gather_nd_operator;
const Operator gather_nd_operator{
    .name = "GATHER_ND", .infer = infer_gather, .prepare = prepare_gather};
extern const Operator scatter_nd_operator;
const Operator scatter_nd_operator{
    .name = "SCATTER_ND", .infer = infer_scatter, .prepare = prepare_scatter};

}  // namespace pinfer
