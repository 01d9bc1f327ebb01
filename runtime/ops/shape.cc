// SPDX-License-Identifier: Apache-2.0
// SHAPE and RANK: known at load from the shape of the input, whatever its values are.
#include <cstring>
#include <vector>

#include "runtime/ops/operator.h"

namespace pinfer {
namespace {

// `values` as the bytes of int32 or int64 elements.
std::vector<std::byte> encode(const std::vector<std::int64_t>& values, DType type) {
  std::vector<std::byte> bytes(values.size() * size_of(type));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto narrow = static_cast<std::int32_t>(values[i]);
    if (type == DType::i32)
      std::memcpy(bytes.data() + i * sizeof(narrow), &narrow, sizeof(narrow));
    else
      std::memcpy(bytes.data() + i * sizeof(values[i]), &values[i], sizeof(values[i]));
  }
  return bytes;
}

std::vector<std::int64_t> shape_value(const NodeContext& context) {
  const Shape& shape = context.input(0).shape;
  return {shape.begin(), shape.end()};
}

std::vector<std::int64_t> rank_value(const NodeContext& context) {
  return {static_cast<std::int64_t>(context.input(0).shape.size())};
}

Result<void> infer_shape(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_output_type(
      0, context.params<ShapeOpParams>().int64_output ? DType::i64 : DType::i32));
  const auto rank = static_cast<std::int32_t>(context.input(0).shape.size());
  return context.set_output_shape(0, Shape{rank});
}

Result<void> infer_rank(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_output_type(0, DType::i32));
  return context.set_output_shape(0, Shape{});
}

template <std::vector<std::int64_t> (*kValue)(const NodeContext&)>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const TensorId out = context.output_id(0);
  return make_step({.kernel = "known_at_load"},
                   [out, bytes = encode(kValue(context), context.output(0).dtype)](
                       const RunContext& run) noexcept {
                     if (!bytes.empty())
                       std::memcpy(run.data<std::byte>(out), bytes.data(), bytes.size());
                     return Status::ok;
                   });
}

}  // namespace

extern const Operator shape_operator;
const Operator shape_operator{.name = "SHAPE",
                              .infer = infer_shape,
                              .prepare = prepare<shape_value>,
                              .value_from_shape = true};
extern const Operator rank_operator;
const Operator rank_operator{
    .name = "RANK", .infer = infer_rank, .prepare = prepare<rank_value>, .value_from_shape = true};

}  // namespace pinfer
