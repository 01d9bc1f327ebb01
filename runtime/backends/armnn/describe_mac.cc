// SPDX-License-Identifier: Apache-2.0
// CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED.
#include <algorithm>

#include "runtime/backends/armnn/description.h"
#include "runtime/ops/conv_setup.h"

namespace pinfer::nn {
namespace {

// Weights known at load, of types that Arm NN multiplies.
Result<void> check_operands(const NodeContext& context) {
  const DType in = context.input(0).dtype, filter = context.input(1).dtype;
  if (in != DType::f32 && in != DType::i8 && in != DType::u8)
    return because("its activations are {}", to_string(in));
  if (in != filter)
    return because("its activations are {}, its weights {}", to_string(in), to_string(filter));
  if (!constant_weights(context, {})) return because("its weights are computed at run time");
  return {};
}

// The bias with the scales that its sums have: files leave them out, or round them.
Result<std::int32_t> bias_of(const Describing& node) {
  const NodeContext& context = node.context;
  TensorInfo info = context.input(2);
  info.shape = {static_cast<std::int32_t>(elements(info.shape))};
  info.quant = {};
  if (info.dtype == DType::f32) return node.net.add_tensor(info);
  if (info.dtype != DType::i32) return because("its bias is {}", to_string(info.dtype));
  for (const float scale : context.input(1).quant.scale)
    info.quant.scale.push_back(context.input(0).scale() * scale);
  info.quant.zero_point = {0};
  return node.net.add_tensor(info);
}

Result<Layer> mac_layer(const Describing& node, std::string layer, std::int32_t input) {
  PINFER_TRY(const std::int32_t filter, node.input(1));
  Layer made{.layer = std::move(layer), .inputs = {input, filter}};
  if (node.context.has_input(2)) {
    PINFER_TRY(const std::int32_t bias, bias_of(node));
    made.inputs.push_back(bias);
  }
  return made;
}

// Zeros behind the last element, so that the last window lies inside. Arm NN would else make fewer
// outputs; what a stride leaves over needs none.
std::int32_t padding_after(std::int32_t in, std::int32_t out, std::int32_t filter,
                           std::int32_t stride, std::int32_t dilation, std::int32_t before) {
  const std::int64_t end =
      std::int64_t{out - 1} * stride + std::int64_t{filter - 1} * dilation + 1 - before;
  return static_cast<std::int32_t>(std::max<std::int64_t>(end - in, 0));
}

NetWindow window_of(const ConvShape& s) {
  return {.height = s.filter_height,
          .width = s.filter_width,
          .stride_h = s.stride_h,
          .stride_w = s.stride_w,
          .dilation_h = s.dilation_h,
          .dilation_w = s.dilation_w,
          .top = s.pad_top,
          .bottom = padding_after(s.in_height, s.out_height, s.filter_height, s.stride_h,
                                  s.dilation_h, s.pad_top),
          .left = s.pad_left,
          .right = padding_after(s.in_width, s.out_width, s.filter_width, s.stride_w, s.dilation_w,
                                 s.pad_left)};
}

Result<void> describe_window(const Describing& node, std::string name) {
  const auto params = node.context.params<ConvParams>();
  PINFER_TRY(const ConvShape shape, window_shape(node.context, params));
  PINFER_TRY(const std::int32_t input, node.input(0));
  PINFER_TRY(Layer layer, mac_layer(node, std::move(name), input));
  layer.values.window = window_of(shape);
  return node.add(std::move(layer), params.activation);
}

}  // namespace

Result<void> describe_conv(const Describing& node);
Result<void> describe_conv(const Describing& node) {
  PINFER_CHECK(check_operands(node.context));
  if (node.context.input(1).shape[3] != node.context.input(0).shape[3])
    return because("its channels are in groups");
  return describe_window(node, "conv_2d");
}

Result<void> describe_depthwise(const Describing& node);
Result<void> describe_depthwise(const Describing& node) {
  PINFER_CHECK(check_operands(node.context));
  return describe_window(node, "depthwise_conv_2d");
}

// Arm NN multiplies matrices; what is around them is reshaped.
Result<void> describe_fully_connected(const Describing& node);
Result<void> describe_fully_connected(const Describing& node) {
  const NodeContext& context = node.context;
  PINFER_CHECK(check_operands(context));
  if (context.input(1).quant.per_channel()) return because("its weights have a scale per channel");
  const std::int32_t channels = context.input(1).shape[0], depth = context.input(1).shape[1];
  const auto rows = static_cast<std::int32_t>(elements(context.input(0).shape) / depth);
  PINFER_TRY(const std::int32_t input, node.input_as(0, {rows, depth}));
  PINFER_TRY(Layer layer, mac_layer(node, "fully_connected", input));
  return node.add(std::move(layer), context.params<FullyConnectedParams>().activation,
                  {rows, channels});
}

}  // namespace pinfer::nn
