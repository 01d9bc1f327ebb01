// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/mac_setup.h"

#include <cmath>
#include <limits>

namespace pinfer {
namespace {

// What a filter type, a bias type and an output type must be for one choice of MacTypes.
struct TypeRow {
  MacTypes types;
  DType input, filter, bias;
};
constexpr TypeRow kTypeRows[] = {
    {MacTypes::f32, DType::f32, DType::f32, DType::f32},
    {MacTypes::hybrid, DType::f32, DType::i8, DType::f32},
    {MacTypes::s8, DType::i8, DType::i8, DType::i32},
    {MacTypes::u8, DType::u8, DType::u8, DType::i32},
    {MacTypes::s16, DType::i16, DType::i8, DType::i64},
    {MacTypes::s16_bias32, DType::i16, DType::i8, DType::i32},
};

}  // namespace

Result<MacTypes> mac_types(const NodeContext& context, const MacOperands& operands) {
  const DType input = context.input(operands.input).dtype;
  const DType filter = context.input(operands.filter).dtype;
  PINFER_CHECK(context.expect_output_type(0, input));
  bool known = false;
  for (const TypeRow& row : kTypeRows) {
    if (row.input != input || row.filter != filter) continue;
    known = true;
    if (!context.has_input(operands.bias) || context.input(operands.bias).dtype == row.bias)
      return row.types;
  }
  if (known)
    return context.unsupported("the bias is {}", context.name_of(context.input_id(operands.bias)));
  return context.unsupported("input {} with filter {}",
                             context.name_of(context.input_id(operands.input)),
                             context.name_of(context.input_id(operands.filter)));
}

Result<void> check_mac_quant(const NodeContext& context, const MacOperands& operands,
                             MacTypes types, bool filter_zero) {
  if (types == MacTypes::f32) return {};
  const TensorInfo& filter = context.input(operands.filter);
  PINFER_CHECK(context.expect_channel_quant(filter, operands.filter_axis));
  if (filter.quant.per_channel() && types == MacTypes::u8)
    return context.error("V10", "{} is quantized per channel, which uint8 filters cannot be",
                         context.name_of(context.input_id(operands.filter)));
  if (!filter_zero || filter.quant.per_channel())
    for (const std::int32_t zero : filter.quant.zero_point)
      if (zero != 0)
        return context.error("V10", "{} has zero point {}, it must be 0",
                             context.name_of(context.input_id(operands.filter)), zero);
  if (types == MacTypes::hybrid) return {};
  PINFER_CHECK(context.expect_per_tensor_quant(context.input(operands.input)));
  return context.expect_per_tensor_quant(context.output(0));
}

Result<void> check_bias(const NodeContext& context, const MacOperands& operands,
                        std::int32_t channels) {
  if (!context.has_input(operands.bias)) return {};
  const TensorInfo& bias = context.input(operands.bias);
  if (elements(bias.shape) != channels)
    return context.error("V8", "bias {} has {} entries for {} output channels",
                         context.name_of(context.input_id(operands.bias)), elements(bias.shape),
                         channels);
  for (const std::int32_t zero : bias.quant.zero_point)
    if (zero != 0)
      return context.error("V10", "bias {} has zero point {}, it must be 0",
                           context.name_of(context.input_id(operands.bias)), zero);
  return {};
}

Result<void> check_bias_scale(const NodeContext& context, const MacOperands& operands) {
  if (!context.has_input(operands.bias)) return {};
  const Quant& bias = context.input(operands.bias).quant;
  if (!bias.quantized()) return {};
  const double product = static_cast<double>(context.input(operands.input).scale()) *
                         static_cast<double>(context.input(operands.filter).scale());
  const double difference = std::abs(product - static_cast<double>(bias.scale[0]));
  if (!(difference <= 0.02 * static_cast<double>(context.output(0).scale())))
    return context.error("V10", "bias {} has scale {}, the input times the filter has {}",
                         context.name_of(context.input_id(operands.bias)), bias.scale[0], product);
  return {};
}

Result<std::vector<Multiplier>> channel_multipliers(const NodeContext& context,
                                                    const MacOperands& operands, MacTypes types,
                                                    std::int32_t channels) {
  const float input = context.input(operands.input).scale(), output = context.output(0).scale();
  const std::vector<float> scales = channel_scales(context.input(operands.filter), channels);
  std::vector<Multiplier> multipliers(scales.size());
  for (std::size_t i = 0; i < scales.size(); ++i) {
    // The older scheme multiplies the scales in float, the newer one in double.
    const double product = types == MacTypes::u8
                               ? static_cast<double>(input * scales[i])
                               : static_cast<double>(input) * static_cast<double>(scales[i]);
    const double real = product / static_cast<double>(output);
    const bool wide = types == MacTypes::s16;
    if (!quantize_multiplier(real, multipliers[i]) || (wide && multipliers[i].shift >= 8))
      return context.error("V10", "the multiplier of channel {} is {}, which is out of range", i,
                           real);
  }
  return multipliers;
}

std::vector<float> channel_scales(const TensorInfo& filter, std::int32_t channels) {
  if (filter.quant.per_channel()) return filter.quant.scale;
  return std::vector<float>(static_cast<std::size_t>(channels), filter.scale());
}

ClampRange type_range(DType type) noexcept {
  switch (type) {
    case DType::u8:
      return {0, 255};
    case DType::i16:
      return {-32768, 32767};
    default:
      return {-128, 127};
  }
}

Result<void> expect_clamp(const NodeContext& context, Activation activation) {
  if (activation == Activation::tanh || activation == Activation::sign_bit)
    return context.unsupported("a fused activation that is no clamp");
  return {};
}

Result<ClampRange> integer_clamp(const NodeContext& context, Activation activation) {
  PINFER_CHECK(expect_clamp(context, activation));
  const ClampRange range = type_range(context.output(0).dtype);
  return quantized_clamp(activation, context.output(0).scale(), context.output(0).zero_point(),
                         range.low, range.high);
}

Result<WindowPlace> place_window(const NodeContext& context, Padding padding,
                                 const WindowAxis& axis) {
  if (axis.in < 1 || axis.filter < 1)
    return context.error("V4", "a window of {} slides over {} elements", axis.filter, axis.in);
  if (axis.stride < 1 || axis.dilation < 1)
    return context.error("V5", "stride {} and dilation {} must be at least 1", axis.stride,
                         axis.dilation);
  if (axis.extra_before < 0 || axis.extra_after < 0)
    return context.error("V5", "padding of {} and {} elements", axis.extra_before,
                         axis.extra_after);
  const std::int64_t padded =
      static_cast<std::int64_t>(axis.in) + axis.extra_before + axis.extra_after;
  const std::int64_t effective = static_cast<std::int64_t>(axis.filter - 1) * axis.dilation + 1;
  if (padded > kMaxElements || effective > kMaxElements)
    return context.error("V4", "a window of {} elements over {} is too large", effective, padded);
  const auto in = static_cast<std::int32_t>(padded);
  WindowPlace place;
  place.out = window_output(padding, in, axis.filter, axis.stride, axis.dilation);
  if (place.out < 1)
    return context.error("V4", "a window of {} elements does not fit into {}", effective, padded);
  const std::int64_t before =
      static_cast<std::int64_t>(axis.extra_before) +
      window_padding(in, place.out, axis.filter, axis.stride, axis.dilation);
  if (before > kMaxElements) return context.error("V5", "padding of {} elements", before);
  place.before = static_cast<std::int32_t>(before);
  return place;
}

}  // namespace pinfer
