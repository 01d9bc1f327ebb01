// SPDX-License-Identifier: Apache-2.0
// CONCATENATION and PACK: tensors side by side, along a dimension there is or a new one.
#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/core/checked.h"
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

constexpr int kMaxInputs = 65536;

bool is_8_bit(DType type) { return type == DType::i8 || type == DType::u8; }

Result<int> concat_axis(const NodeContext& context) {
  const auto rank = static_cast<int>(context.input(0).shape.size());
  return context.normalise_axis(context.params<ConcatenationParams>().axis, rank);
}

// 8-bit inputs may have their own quantization; they are requantized to that of the output.
bool needs_requantization(const TensorInfo& in, const TensorInfo& out) {
  return is_8_bit(in.dtype) && in.quant.quantized() && out.quant.quantized() &&
         (in.scale() != out.scale() || in.zero_point() != out.zero_point());
}

Result<void> infer_concatenation(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 1, kMaxInputs));
  if (context.params<ConcatenationParams>().activation != Activation::none)
    return context.unsupported("a fused activation");
  for (int i = 1; i < context.input_count(); ++i)
    if (!context.has_input(i)) return context.error("V2", "input {} is absent (-1)", i);
  const TensorInfo& first = context.input(0);
  PINFER_TRY(const int axis, concat_axis(context));
  Shape shape = first.shape;
  auto& total = shape[static_cast<std::size_t>(axis)];
  for (int i = 0; i < context.input_count(); ++i) {
    const TensorInfo& in = context.input(i);
    if (in.dtype != first.dtype)
      return context.error("V8", "input {} is {}, input 0 is {}", i, to_string(in.dtype),
                           to_string(first.dtype));
    bool agree = in.shape.size() == shape.size();
    for (std::size_t d = 0; agree && d < shape.size(); ++d)
      agree = static_cast<int>(d) == axis || in.shape[d] == shape[d];
    if (!agree)
      return context.error("V8", "input {} is {}, it does not fit {} beside dimension {}", i,
                           to_string(in.shape), to_string(first.shape), axis);
    if (i > 0) {
      const auto sum = checked_add(total, in.shape[static_cast<std::size_t>(axis)]);
      if (!sum) return context.error("V4", "dimension {} of the output is too large", axis);
      total = *sum;
    }
    if (needs_requantization(in, context.output(0))) {
      PINFER_CHECK(context.expect_per_tensor_quant(in));
      PINFER_CHECK(context.expect_per_tensor_quant(context.output(0)));
    }
  }
  return context.set_output_shape(0, shape);
}

// In float, as the reference computes it: round(q * scale + bias) + zero point.
Moves::Lut requantization(const TensorInfo& in, const TensorInfo& out) {
  const bool is_signed = in.dtype == DType::i8;
  const float low = is_signed ? -128.0f : 0.0f, high = is_signed ? 127.0f : 255.0f;
  const float inverse_output_scale = 1.0f / out.scale();
  const float scale = in.scale() * inverse_output_scale;
  const float bias = static_cast<float>(-in.zero_point()) * scale;
  Moves::Lut lut{};
  for (int i = 0; i < 256; ++i) {
    const int q = is_signed ? static_cast<std::int8_t>(i) : i;
    const float value =
        std::round(static_cast<float>(q) * scale + bias) + static_cast<float>(out.zero_point());
    // Written so that a NaN (from scales whose quotient overflows) becomes `low`.
    const float clamped = value >= low ? std::min(value, high) : low;
    lut[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(static_cast<int>(clamped));
  }
  return lut;
}

Result<std::unique_ptr<Step>> prepare_concatenation(const NodeContext& context) {
  PINFER_TRY(const int axis, concat_axis(context));
  const View out = whole(context, context.output_id(0));
  Moves moves;
  std::int64_t start = 0;
  for (int i = 0; i < context.input_count(); ++i) {
    const View in = whole(context, context.input_id(i));
    const std::int64_t extent = in.dims[static_cast<std::size_t>(axis)].extent;
    const View to = narrowed(out, axis, start, 1, extent);
    if (needs_requantization(context.input(i), context.output(0)))
      moves.copy_mapped(in, to, requantization(context.input(i), context.output(0)));
    else
      moves.copy(in, to);
    start += extent;
  }
  return std::move(moves).step(context);
}

Result<int> pack_axis(const NodeContext& context) {
  const auto rank = static_cast<int>(context.input(0).shape.size());
  return context.normalise_axis(context.params<PackParams>().axis, rank + 1);
}

Result<void> infer_pack(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 1, kMaxInputs));
  const TensorInfo& first = context.input(0);
  if (const int count = context.params<PackParams>().count; count != context.input_count())
    return context.error("V5", "values_count is {}, there are {} inputs", count,
                         context.input_count());
  for (int i = 1; i < context.input_count(); ++i) {
    if (!context.has_input(i)) return context.error("V2", "input {} is absent (-1)", i);
    const TensorInfo& in = context.input(i);
    if (in.dtype != first.dtype || in.shape != first.shape)
      return context.error("V8", "input {} is {}{}, input 0 is {}{}", i, to_string(in.dtype),
                           to_string(in.shape), to_string(first.dtype), to_string(first.shape));
  }
  PINFER_TRY(const int axis, pack_axis(context));
  Shape shape;
  for (std::size_t d = 0; d <= first.shape.size(); ++d) {
    bool fits = true;
    if (static_cast<int>(d) == axis) fits = shape.push_back(context.input_count());
    if (fits && d < first.shape.size()) fits = shape.push_back(first.shape[d]);
    if (!fits) return context.error("V4", "the output has more than {} dimensions", kMaxRank);
  }
  return context.set_output_shape(0, shape);
}

Result<std::unique_ptr<Step>> prepare_pack(const NodeContext& context) {
  PINFER_TRY(const int axis, pack_axis(context));
  const View out = whole(context, context.output_id(0));
  Moves moves;
  for (int i = 0; i < context.input_count(); ++i)
    moves.copy(whole(context, context.input_id(i)), without(narrowed(out, axis, i, 1, 1), axis));
  return std::move(moves).step(context);
}

}  // namespace

extern const Operator concatenation_operator;
const Operator concatenation_operator{
    .name = "CONCATENATION", .infer = infer_concatenation, .prepare = prepare_concatenation};
extern const Operator pack_operator;
const Operator pack_operator{.name = "PACK", .infer = infer_pack, .prepare = prepare_pack};

}  // namespace pinfer
