// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D: each input channel has its own filters; weights [1][height][width][channels].
#include "runtime/ops/conv_setup.h"

namespace pinfer {
namespace {

constexpr MacOperands kOperands{.input = 0, .filter = 1, .bias = 2, .filter_axis = 3};

Result<ConvShape> depthwise_shape(const NodeContext& context) {
  const auto params = context.params<ConvParams>();
  PINFER_TRY(ConvShape shape, window_shape(context, params));
  const Shape& filter = context.input(1).shape;
  shape.out_channels = filter[3];
  if (filter[0] != 1 || shape.in_channels < 1 || shape.out_channels < 1)
    return context.error("V4", "the filter is {} for {} input channels", to_string(filter),
                         shape.in_channels);
  if (shape.out_channels % shape.in_channels != 0)
    return context.error("V5", "{} output channels are no multiple of {} input channels",
                         shape.out_channels, shape.in_channels);
  const std::int32_t multiplier = shape.out_channels / shape.in_channels;
  if (params.depth_multiplier != 0 && params.depth_multiplier != multiplier)
    return context.error("V5", "depth_multiplier is {}, the shapes say {}", params.depth_multiplier,
                         multiplier);
  return shape;
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 3, 1));
  PINFER_CHECK(context.expect_rank(0, 4, 4));
  PINFER_CHECK(context.expect_rank(1, 4, 4));
  PINFER_TRY(const MacTypes types, mac_types(context, kOperands));
  PINFER_TRY(const ConvShape shape, depthwise_shape(context));
  PINFER_CHECK(check_mac_quant(context, kOperands, types, types == MacTypes::u8));
  PINFER_CHECK(check_bias(context, kOperands, shape.out_channels));
  if (types == MacTypes::u8) PINFER_CHECK(check_bias_scale(context, kOperands));
  PINFER_CHECK(expect_clamp(context, context.params<ConvParams>().activation));
  if (is_integer(types))
    PINFER_CHECK(channel_multipliers(context, kOperands, types, shape.out_channels));
  return context.set_output_shape(
      0, Shape{shape.batches, shape.out_height, shape.out_width, shape.out_channels});
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  ConvPlan plan;
  PINFER_TRY(plan.types, mac_types(context, kOperands));
  PINFER_TRY(plan.shape, depthwise_shape(context));
  plan.activation = context.params<ConvParams>().activation;
  plan.uint8_scheme = context.params<ConvParams>().uint8_scheme;
  plan.macs =
      elements(context.output(0).shape) * plan.shape.filter_height * plan.shape.filter_width;
  auto step = conv_step<DepthwiseArgs, DepthwiseKernel>(context, kOperands, plan);
  if (!step) return tl::unexpected(std::move(step.error()));
  step->kernel = &select_depthwise(context.isa(), plan.types, plan.shape,
                                   constant_weights(context, kOperands));
  return finish_conv(context, kOperands, *std::move(step));
}

}  // namespace

extern const Operator depthwise_conv_2d_operator;
const Operator depthwise_conv_2d_operator{
    .name = "DEPTHWISE_CONV_2D", .infer = infer, .prepare = prepare};

}  // namespace pinfer
