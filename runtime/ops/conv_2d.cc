// SPDX-License-Identifier: Apache-2.0
// CONV_2D: dense and grouped convolution over NHWC, weights OHWI.
#include "runtime/ops/conv_setup.h"

namespace pinfer {
namespace {

constexpr MacOperands kOperands{.input = 0, .filter = 1, .bias = 2, .filter_axis = 0};

Result<ConvShape> conv_shape(const NodeContext& context) {
  PINFER_TRY(ConvShape shape, window_shape(context, context.params<ConvParams>()));
  const Shape& filter = context.input(1).shape;
  shape.out_channels = filter[0];
  if (shape.in_channels < 1 || filter[3] < 1 || filter[0] < 1)
    return context.error("V4", "{} channels in, {} in the filter, {} out", shape.in_channels,
                         filter[3], filter[0]);
  shape.groups = shape.in_channels / filter[3];
  if (shape.in_channels % filter[3] != 0 || filter[0] % shape.groups != 0)
    return context.error("V5", "{} input channels and {} output channels with {} in the filter",
                         shape.in_channels, filter[0], filter[3]);
  return shape;
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 3, 1));
  PINFER_CHECK(context.expect_rank(0, 4, 4));
  PINFER_CHECK(context.expect_rank(1, 4, 4));
  PINFER_TRY(const MacTypes types, mac_types(context, kOperands));
  PINFER_TRY(const ConvShape shape, conv_shape(context));
  PINFER_CHECK(check_mac_quant(context, kOperands, types, types == MacTypes::u8));
  PINFER_CHECK(check_bias(context, kOperands, shape.out_channels));
  if (types == MacTypes::u8) PINFER_CHECK(check_bias_scale(context, kOperands));
  PINFER_CHECK(expect_clamp(context, context.params<ConvParams>().activation));
  if (is_integer(types))
    PINFER_CHECK(channel_multipliers(context, kOperands, types, shape.out_channels));
  return context.set_output_shape(
      0, Shape{shape.batches, shape.out_height, shape.out_width, shape.out_channels});
}

// With one scale for all channels the reference quantizes the activations symmetrically.
void choose_hybrid_scheme(const ConvShape& shape, HybridInput& hybrid) {
  const bool one_scale = std::all_of(hybrid.filter_scales.begin(), hybrid.filter_scales.end(),
                                     [&](float scale) { return scale == hybrid.filter_scales[0]; });
  hybrid.asymmetric = !one_scale || shape.groups != 1;
  if (hybrid.asymmetric || hybrid.filter_scales.empty()) return;
  hybrid.common_scale = hybrid.filter_scales[0];
  std::fill(hybrid.filter_scales.begin(), hybrid.filter_scales.end(), 1.0f);
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  ConvPlan plan;
  PINFER_TRY(plan.types, mac_types(context, kOperands));
  PINFER_TRY(plan.shape, conv_shape(context));
  plan.activation = context.params<ConvParams>().activation;
  plan.uint8_scheme = context.params<ConvParams>().uint8_scheme;
  const std::int64_t taps = elements(context.input(1).shape) / plan.shape.out_channels;
  plan.macs = elements(context.output(0).shape) * taps;
  auto step = conv_step<ConvArgs, ConvKernel>(context, kOperands, plan);
  if (!step) return tl::unexpected(std::move(step.error()));
  step->kernel =
      &select_conv(context.isa(), plan.types, plan.shape, constant_weights(context, kOperands));
  if (plan.types == MacTypes::hybrid) choose_hybrid_scheme(plan.shape, step->hybrid);
  return finish_conv(context, kOperands, *std::move(step));
}

}  // namespace

extern const Operator conv_2d_operator;
const Operator conv_2d_operator{.name = "CONV_2D", .infer = infer, .prepare = prepare};

}  // namespace pinfer
