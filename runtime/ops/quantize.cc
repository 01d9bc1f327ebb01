// SPDX-License-Identifier: Apache-2.0
// QUANTIZE (from float, or from another quantization) and DEQUANTIZE.
#include <algorithm>
#include <vector>

#include "runtime/ops/lookup.h"

namespace pinfer {
namespace {

bool is_byte(DType type) { return type == DType::i8 || type == DType::u8; }

// From one quantization to another: a single multiplier.
Result<QuantizeArgs> requantize_args(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  PINFER_CHECK(context.expect_affine_quant(in));
  PINFER_CHECK(context.expect_affine_quant(out));
  QuantizeArgs args;
  const double real = static_cast<double>(in.scale()) / static_cast<double>(out.scale());
  PINFER_TRY(args.positive_scale, checked_multiplier(context, real));
  args.negative_scale = args.positive_scale;
  args.in_zero = in.zero_point();
  args.out_zero = out.zero_point();
  args.clamp = range_of(out.dtype);
  return args;
}

// The quantization of `tensor` for both directions to and from float.
Result<QuantizeArgs> affine_args(const NodeContext& context, const TensorInfo& tensor) {
  QuantizeArgs args;
  const Quant& quant = tensor.quant;
  if (quant.per_channel() &&
      (quant.axis < 0 || quant.axis >= static_cast<int>(tensor.shape.size())))
    return context.error("V6", "the quantization is along dimension {} of {}", quant.axis,
                         to_string(tensor.shape));
  PINFER_CHECK(context.expect_channel_quant(tensor, quant.per_channel() ? quant.axis : 0));
  args.scale = tensor.scale();
  args.zero = tensor.zero_point();
  if (!quant.per_channel()) return args;
  args.channels = static_cast<std::int64_t>(quant.scale.size());
  for (auto d = static_cast<std::size_t>(quant.axis) + 1; d < tensor.shape.size(); ++d)
    args.inner *= tensor.shape[d];
  return args;
}

// A step whose channels keep their own copy of the scales.
Result<std::unique_ptr<Step>> affine_step(const NodeContext& context, QuantizeArgs args,
                                          const Quant& quant) {
  if (!quant.per_channel()) return quantize_step(context, args);
  const DType from = context.input(0).dtype, to = context.output(0).dtype;
  const QuantizeKernel* kernel = select_quantize(from, to, context.isa());
  if (kernel == nullptr) return context.unsupported("{} to {}", to_string(from), to_string(to));
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const std::int64_t count = elements(context.output(0).shape);
  std::vector<std::int32_t> zeros(quant.scale.size());
  for (std::size_t i = 0; i < zeros.size(); ++i) zeros[i] = quant.zero_of(i);
  return make_step(
      {.kernel = kernel->name}, [=, scales = quant.scale, zeros = std::move(zeros),
                                 compute = kernel->run](const RunContext& run) noexcept {
        run.pool->parallel_for(count, kElementBlock, [&](std::int64_t begin, std::int64_t end) {
          QuantizeArgs part = args;
          part.in = run.data<std::byte>(in);
          part.out = run.data<std::byte>(out);
          part.scales = scales.data();
          part.zeros = zeros.data();
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

Result<void> infer_quantize(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_type(0, {DType::f32, DType::i8, DType::u8, DType::i16, DType::i32}));
  const DType from = context.input(0).dtype, to = context.output(0).dtype;
  if (to == DType::f32 || select_quantize(from, to, context.isa()) == nullptr)
    return context.unsupported("{} to {}", to_string(from), to_string(to));
  PINFER_CHECK(context.set_output_shape(0, context.input(0).shape));
  if (from == DType::f32)
    PINFER_CHECK(affine_args(context, context.output(0)));
  else
    PINFER_CHECK(requantize_args(context));
  return {};
}

Result<std::unique_ptr<Step>> prepare_quantize(const NodeContext& context) {
  const DType from = context.input(0).dtype, to = context.output(0).dtype;
  if (from == DType::f32) {
    PINFER_TRY(const QuantizeArgs args, affine_args(context, context.output(0)));
    return affine_step(context, args, context.output(0).quant);
  }
  PINFER_TRY(const QuantizeArgs args, requantize_args(context));
  if (is_byte(from) && is_byte(to))
    return byte_lookup_step(
        context, byte_table(from, to, [&](std::int32_t q) { return requantized(q, args); }));
  return quantize_step(context, args);
}

Result<void> infer_dequantize(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_type(0, {DType::i8, DType::u8, DType::i16, DType::f16}));
  PINFER_CHECK(context.expect_output_type(0, DType::f32));
  if (context.input(0).dtype != DType::f16) PINFER_CHECK(affine_args(context, context.input(0)));
  return context.set_output_shape(0, context.input(0).shape);
}

Result<std::unique_ptr<Step>> prepare_dequantize(const NodeContext& context) {
  if (context.input(0).dtype == DType::f16) return quantize_step(context, {});
  PINFER_TRY(const QuantizeArgs args, affine_args(context, context.input(0)));
  return affine_step(context, args, context.input(0).quant);
}

}  // namespace

extern const Operator quantize_operator, dequantize_operator;
constexpr Operator quantize_operator{
    .name = "QUANTIZE", .infer = infer_quantize, .prepare = prepare_quantize, .in_place = true};
constexpr Operator dequantize_operator{
    .name = "DEQUANTIZE", .infer = infer_dequantize, .prepare = prepare_dequantize};

}  // namespace pinfer
