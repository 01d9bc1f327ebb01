// SPDX-License-Identifier: Apache-2.0
// TRANSPOSE_CONV: inputs are the output shape, the weights OHWI, the activations, a bias.
#include <array>
#include <cstring>

#include "runtime/kernels/transpose_conv/transpose_conv.h"
#include "runtime/ops/conv_setup.h"

namespace pinfer {
namespace {

constexpr MacOperands kOperands{.input = 2, .filter = 1, .bias = 3, .filter_axis = 0};

// The dimensions that operand 0 asks for. Where it is only known at run time, those that the file
// states for the result; the step then compares.
Result<std::vector<std::int64_t>> wanted_dims(const NodeContext& context) {
  const Shape& stated = context.output(0).shape;
  const bool known = !context.value(0).empty() || elements(context.input(0).shape) == 0;
  if (known || stated.size() != 4 || context.input(0).dtype != DType::i32 ||
      elements(context.input(0).shape) != 4)
    return context.index_values(0, 4);
  return std::vector<std::int64_t>(stated.begin(), stated.end());
}

// The wanted output shape [batches, height, width, channels], checked against the operands.
Result<Shape> wanted_shape(const NodeContext& context) {
  PINFER_TRY(const auto dims, wanted_dims(context));
  const Shape& in = context.input(2).shape;
  const Shape& filter = context.input(1).shape;
  if (dims.size() != 4) return context.error("V4", "the output shape has {} entries", dims.size());
  Shape shape;
  for (const std::int64_t dim : dims) {
    if (dim < 0 || dim > kMaxElements)
      return context.error("V4", "a dimension of the output shape is {}", dim);
    static_cast<void>(shape.push_back(static_cast<std::int32_t>(dim)));
  }
  if (shape[0] != in[0] || shape[3] != filter[0])
    return context.error("V8", "output shape {} for {} batches and {} filters", to_string(shape),
                         in[0], filter[0]);
  return shape;
}

Result<ConvShape> transpose_conv_shape(const NodeContext& context) {
  const auto params = context.params<TransposeConvParams>();
  PINFER_TRY(const Shape out, wanted_shape(context));
  const Shape& in = context.input(2).shape;
  const Shape& filter = context.input(1).shape;
  if (in[1] < 1 || in[2] < 1 || in[3] < 1 || filter[0] < 1)
    return context.error("V4", "{} with filter {}", context.name_of(context.input_id(2)),
                         to_string(filter));
  if (filter[3] != in[3])
    return context.error("V8", "{} input channels, {} in the filter", in[3], filter[3]);
  // The convolution that this one transposes goes from the output to the input.
  const WindowAxis rows{.in = out[1], .filter = filter[1], .stride = params.stride_h};
  const WindowAxis columns{.in = out[2], .filter = filter[2], .stride = params.stride_w};
  PINFER_TRY(const WindowPlace row_place, place_window(context, params.padding, rows));
  PINFER_TRY(const WindowPlace column_place, place_window(context, params.padding, columns));
  ConvShape shape;
  shape.batches = in[0];
  shape.in_height = in[1];
  shape.in_width = in[2];
  shape.in_channels = in[3];
  shape.out_height = out[1];
  shape.out_width = out[2];
  shape.out_channels = out[3];
  shape.filter_height = filter[1];
  shape.filter_width = filter[2];
  shape.stride_h = params.stride_h;
  shape.stride_w = params.stride_w;
  shape.pad_top = row_place.before;
  shape.pad_left = column_place.before;
  return shape;
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(3, 4, 1));
  PINFER_CHECK(context.expect_rank(1, 4, 4));
  PINFER_CHECK(context.expect_rank(2, 4, 4));
  PINFER_TRY(const MacTypes types, mac_types(context, kOperands));
  PINFER_TRY(const ConvShape shape, transpose_conv_shape(context));
  PINFER_CHECK(check_mac_quant(context, kOperands, types, types == MacTypes::u8));
  PINFER_CHECK(check_bias(context, kOperands, shape.out_channels));
  if (types == MacTypes::u8) PINFER_CHECK(check_bias_scale(context, kOperands));
  PINFER_CHECK(expect_clamp(context, context.params<TransposeConvParams>().activation));
  if (is_integer(types))
    PINFER_CHECK(channel_multipliers(context, kOperands, types, shape.out_channels));
  return context.set_output_shape(
      0, Shape{shape.batches, shape.out_height, shape.out_width, shape.out_channels});
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  ConvPlan plan;
  PINFER_TRY(plan.types, mac_types(context, kOperands));
  PINFER_TRY(plan.shape, transpose_conv_shape(context));
  plan.activation = context.params<TransposeConvParams>().activation;
  const std::int64_t filter_size = elements(context.input(1).shape);
  plan.macs = elements(context.input(2).shape) / plan.shape.in_channels * filter_size;
  auto step = conv_step<TransposeConvArgs, TransposeConvKernel>(context, kOperands, plan);
  if (!step) return tl::unexpected(std::move(step.error()));
  step->kernel = &select_transpose_conv(context.isa(), plan.types, plan.shape);
  if (!context.value(0).empty()) return finish_conv(context, kOperands, *std::move(step));
  const TensorId wanted = context.input_id(0);
  const std::array<std::int32_t, 4> out = {plan.shape.batches, plan.shape.out_height,
                                           plan.shape.out_width, plan.shape.out_channels};
  const StepInfo info = info_of(*step);
  return make_step(info, [=, conv = *std::move(step)](const RunContext& run) noexcept {
    if (std::memcmp(run.data<const std::int32_t>(wanted), out.data(), sizeof(out)) != 0)
      return Status::bad_value;
    return conv(run);
  });
}

}  // namespace

extern const Operator transpose_conv_operator;
const Operator transpose_conv_operator{
    .name = "TRANSPOSE_CONV", .infer = infer, .prepare = prepare};

}  // namespace pinfer
