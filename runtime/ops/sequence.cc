// SPDX-License-Identifier: Apache-2.0
// RANGE, BROADCAST_ARGS and ONE_HOT: small tensors made from indices and shapes.
#include <cmath>
#include <cstring>

#include "runtime/ops/indices.h"
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

template <class T>
T scalar(std::span<const std::byte> bytes) noexcept {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

// How many values RANGE has; an error when it never ends.
template <class T>
Result<std::int64_t> range_length(const NodeContext& context) {
  const T start = scalar<T>(context.value(0)), limit = scalar<T>(context.value(1)),
          delta = scalar<T>(context.value(2));
  if (delta == 0 || (start > limit && delta > 0) || (start < limit && delta < 0) ||
      !std::isfinite(static_cast<double>(start)) || !std::isfinite(static_cast<double>(limit)) ||
      !std::isfinite(static_cast<double>(delta)))
    return context.error("V5", "a range from {} to {} by {} has no end", start, limit, delta);
  const double count = std::ceil((static_cast<double>(limit) - static_cast<double>(start)) /
                                 static_cast<double>(delta));
  if (count > static_cast<double>(kMaxElements))
    return context.error("V4", "a range from {} to {} by {} is too long", start, limit, delta);
  return static_cast<std::int64_t>(count);
}

Result<void> infer_range(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 3, 3));
  const DType type = context.input(0).dtype;
  PINFER_CHECK(context.expect_type(0, {DType::i32, DType::i64, DType::f32}));
  for (int i = 0; i < 3; ++i) {
    if (context.input(i).dtype != type || elements(context.input(i).shape) != 1)
      return context.error("V8", "input {} is {}, expected one {}", i,
                           context.name_of(context.input_id(i)), to_string(type));
    if (context.value(i).empty()) return context.unsupported("input {} must be known at load", i);
  }
  PINFER_TRY(const std::int64_t length, type == DType::f32   ? range_length<float>(context)
                                        : type == DType::i32 ? range_length<std::int32_t>(context)
                                                             : range_length<std::int64_t>(context));
  return context.set_output_shape(0, Shape{static_cast<std::int32_t>(length)});
}

template <class T>
std::unique_ptr<Step> range_step(const NodeContext& context) {
  const T start = scalar<T>(context.value(0)), delta = scalar<T>(context.value(2));
  return make_step({.kernel = "range"},
                   [start, delta, out = context.output_id(0),
                    count = elements(context.output(0).shape)](const RunContext& run) noexcept {
                     T* to = run.data<T>(out);
                     // Adding up, as the reference does: the bits of floats depend on it.
                     T value = start;
                     for (std::int64_t i = 0; i < count; ++i) {
                       to[i] = value;
                       if (i + 1 < count) value = static_cast<T>(value + delta);
                     }
                     return Status::ok;
                   });
}

Result<std::unique_ptr<Step>> prepare_range(const NodeContext& context) {
  if (context.input(0).dtype == DType::f32) return range_step<float>(context);
  if (context.input(0).dtype == DType::i32) return range_step<std::int32_t>(context);
  return range_step<std::int64_t>(context);
}

Result<std::vector<std::int64_t>> broadcast_dims(const NodeContext& context) {
  PINFER_TRY(const auto a, context.index_values(0, kMaxRank));
  PINFER_TRY(const auto b, context.index_values(1, kMaxRank));
  const std::size_t rank = std::max(a.size(), b.size());
  std::vector<std::int64_t> dims(rank);
  for (std::size_t i = 1; i <= rank; ++i) {
    const std::int64_t x = i <= a.size() ? a[a.size() - i] : 1;
    const std::int64_t y = i <= b.size() ? b[b.size() - i] : 1;
    if (x != y && x != 1 && y != 1)
      return context.error("V8", "dimensions {} and {} do not broadcast", x, y);
    dims[rank - i] = x == 1 ? y : x;
  }
  return dims;
}

Result<void> infer_broadcast_args(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_CHECK(context.expect_type(0, {DType::i32, DType::i64}));
  PINFER_CHECK(context.expect_type(1, {context.input(0).dtype}));
  PINFER_TRY(const auto dims, broadcast_dims(context));
  return context.set_output_shape(0, Shape{static_cast<std::int32_t>(dims.size())});
}

Result<std::unique_ptr<Step>> prepare_broadcast_args(const NodeContext& context) {
  PINFER_TRY(auto dims, broadcast_dims(context));
  const bool wide = context.output(0).dtype == DType::i64;
  return make_step(
      {.kernel = "known_at_load"},
      [out = context.output_id(0), wide, dims = std::move(dims)](const RunContext& run) noexcept {
        for (std::size_t i = 0; i < dims.size(); ++i) {
          if (wide)
            run.data<std::int64_t>(out)[i] = dims[i];
          else
            run.data<std::int32_t>(out)[i] = static_cast<std::int32_t>(dims[i]);
        }
        return Status::ok;
      });
}

Result<std::size_t> one_hot_axis(const NodeContext& context) {
  const std::size_t rank = context.input(0).shape.size();
  PINFER_TRY(const int axis, context.normalise_axis(context.params<OneHotParams>().axis,
                                                    static_cast<int>(rank) + 1));
  return static_cast<std::size_t>(axis);
}

Result<void> infer_one_hot(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 4, 4, 2));
  PINFER_CHECK(Indices::of(context, 0));
  if (context.input(3).dtype != context.input(2).dtype || elements(context.input(2).shape) != 1 ||
      elements(context.input(3).shape) != 1)
    return context.error("V8", "on and off values are {} and {}",
                         context.name_of(context.input_id(2)),
                         context.name_of(context.input_id(3)));
  PINFER_TRY(const auto depth, context.index_values(1, 1));
  if (depth.size() != 1 || depth[0] < 0 || depth[0] > kMaxElements)
    return context.error("V5", "the depth is {}", depth.empty() ? 0 : depth[0]);
  PINFER_TRY(const std::size_t axis, one_hot_axis(context));
  const Shape& in = context.input(0).shape;
  Shape shape;
  for (std::size_t d = 0; d <= in.size(); ++d) {
    bool fits = true;
    if (d == axis) fits = shape.push_back(static_cast<std::int32_t>(depth[0]));
    if (fits && d < in.size()) fits = shape.push_back(in[d]);
    if (!fits) return context.error("V4", "the output has more than {} dimensions", kMaxRank);
  }
  return context.set_output_shape(0, shape);
}

// out[outer, depth, inner] is `on` where index[outer, inner] == depth.
struct OneHot {
  Indices indices{};
  TensorId on = kNoTensor, off = kNoTensor, out = kNoTensor;
  std::int64_t outer = 1, depth = 1, inner = 1;
  std::size_t element_bytes = 1;

  Status operator()(const RunContext& run) const noexcept {
    auto* to = run.data<std::byte>(out);
    fill_bytes(to, static_cast<std::size_t>(outer * depth * inner) * element_bytes,
               run.data<std::byte>(off), element_bytes);
    for (std::int64_t i = 0; i < outer * inner; ++i) {
      const std::int64_t index = indices.at(run, i);
      if (index < 0 || index >= depth) continue;
      const std::int64_t at = (i / inner * depth + index) * inner + i % inner;
      std::memcpy(to + static_cast<std::size_t>(at) * element_bytes, run.data<std::byte>(on),
                  element_bytes);
    }
    return Status::ok;
  }
};

Result<std::unique_ptr<Step>> prepare_one_hot(const NodeContext& context) {
  PINFER_TRY(const std::size_t axis, one_hot_axis(context));
  PINFER_TRY(const Indices indices, Indices::of(context, 0));
  const Shape& in = context.input(0).shape;
  return make_step({.kernel = "one_hot"},
                   OneHot{.indices = indices,
                          .on = context.input_id(2),
                          .off = context.input_id(3),
                          .out = context.output_id(0),
                          .outer = extent_between(in, 0, axis),
                          .depth = context.output(0).shape[axis],
                          .inner = extent_between(in, axis, in.size()),
                          .element_bytes = size_of(context.output(0).dtype)});
}

}  // namespace

extern const Operator range_operator;
const Operator range_operator{.name = "RANGE", .infer = infer_range, .prepare = prepare_range};
extern const Operator broadcast_args_operator;
const Operator broadcast_args_operator{
    .name = "BROADCAST_ARGS", .infer = infer_broadcast_args, .prepare = prepare_broadcast_args};
extern const Operator one_hot_operator;
const Operator one_hot_operator{
    .name = "ONE_HOT", .infer = infer_one_hot, .prepare = prepare_one_hot};

}  // namespace pinfer
