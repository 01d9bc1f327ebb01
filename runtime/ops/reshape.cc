// SPDX-License-Identifier: Apache-2.0
// RESHAPE, SQUEEZE and EXPAND_DIMS: the same bytes under another shape.
#include <algorithm>
#include <cstring>

#include "runtime/core/checked.h"
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

// The wanted dimensions: the shape operand when there is one, else the parameter. A single -1
// stands for "the rest".
Result<std::vector<std::int64_t>> wanted_dims(const NodeContext& context) {
  if (context.has_input(1)) return context.index_values(1, kMaxRank);
  const auto params = context.params<ReshapeParams>();
  if (!params.has_new_shape) return context.error("V14", "there is no new shape");
  std::vector<std::int64_t> dims(params.new_shape.begin(), params.new_shape.end());
  // Old converters write [0] for a scalar.
  if (dims.size() == 1 && dims[0] == 0 && elements(context.input(0).shape) == 1) dims.clear();
  return dims;
}

Result<void> infer_reshape(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 1, 2));
  PINFER_TRY(const auto dims, wanted_dims(context));
  const std::int64_t count = elements(context.input(0).shape);
  std::int64_t known = 1;
  std::ptrdiff_t rest = -1;
  Shape shape;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == -1) {
      if (rest >= 0) return context.error("V14", "the new shape has more than one -1");
      rest = static_cast<std::ptrdiff_t>(i);
    } else if (dims[i] < 0 || dims[i] > kMaxElements) {
      return context.error("V14", "dimension {} of the new shape is {}", i, dims[i]);
    }
    const std::int64_t dim = dims[i] == -1 ? 1 : dims[i];
    const auto product = checked_mul<std::int64_t>(known, dim);
    if (!product || *product > kMaxElements)
      return context.error("V14", "the new shape has too many elements");
    known = *product;
    if (!shape.push_back(static_cast<std::int32_t>(dim)))
      return context.error("V14", "the new shape has {} dimensions, at most {} are allowed",
                           dims.size(), kMaxRank);
  }
  if (rest >= 0) {
    if (known == 0 || count % known != 0)
      return context.error("V14", "{} elements do not divide into the new shape", count);
    shape[static_cast<std::size_t>(rest)] = static_cast<std::int32_t>(count / known);
    known = count;
  }
  if (known != count)
    return context.error("V14", "the new shape {} has {} elements, the input has {}",
                         to_string(shape), known, count);
  return context.set_output_shape(0, shape);
}

Result<void> infer_squeeze(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 1, 1));
  const Shape& in = context.input(0).shape;
  std::array<bool, kMaxRank> drop{};
  const auto dims = context.params<SqueezeParams>().dims;
  for (const std::int32_t wanted : dims) {
    PINFER_TRY(const int axis, context.normalise_axis(wanted, static_cast<int>(in.size())));
    if (in[static_cast<std::size_t>(axis)] != 1)
      return context.error("V14", "dimension {} of {} is not 1", axis, to_string(in));
    drop[static_cast<std::size_t>(axis)] = true;
  }
  Shape shape;
  for (std::size_t d = 0; d < in.size(); ++d) {
    // Without a list, all dimensions of 1 go.
    if (dims.empty() ? in[d] == 1 : drop[d]) continue;
    if (!shape.push_back(in[d])) break;
  }
  return context.set_output_shape(0, shape);
}

Result<void> infer_expand_dims(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_TRY(const auto values, context.index_values(1, 1));
  if (values.size() != 1) return context.error("V7", "the axis has {} values", values.size());
  const Shape& in = context.input(0).shape;
  PINFER_TRY(const int axis, context.normalise_axis(values[0], static_cast<int>(in.size()) + 1));
  Shape shape;
  for (std::size_t d = 0; d <= in.size(); ++d) {
    bool fits = true;
    if (static_cast<int>(d) == axis) fits = shape.push_back(1);
    if (fits && d < in.size()) fits = shape.push_back(in[d]);
    if (!fits) return context.error("V14", "the output has more than {} dimensions", kMaxRank);
  }
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const std::size_t bytes = context.input(0).bytes();
  return make_step({.kernel = "copy"}, [=](const RunContext& run) noexcept {
    const auto* from = run.data<std::byte>(in);
    auto* to = run.data<std::byte>(out);
    if (to != from && bytes != 0) std::memcpy(to, from, bytes);
    return Status::ok;
  });
}

}  // namespace

extern const Operator reshape_operator;
const Operator reshape_operator{
    .name = "RESHAPE", .infer = infer_reshape, .prepare = prepare, .in_place = true};
extern const Operator squeeze_operator;
const Operator squeeze_operator{
    .name = "SQUEEZE", .infer = infer_squeeze, .prepare = prepare, .in_place = true};
extern const Operator expand_dims_operator;
const Operator expand_dims_operator{
    .name = "EXPAND_DIMS", .infer = infer_expand_dims, .prepare = prepare, .in_place = true};

}  // namespace pinfer
