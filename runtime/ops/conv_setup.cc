// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/conv_setup.h"

#include <limits>

#include "runtime/core/checked.h"

namespace pinfer {
namespace {

// Float and int32 parts start at multiples of this.
constexpr std::size_t kAlign = 64;

}  // namespace

Result<ConvShape> window_shape(const NodeContext& context, const ConvParams& params) {
  const Shape& in = context.input(0).shape;
  const Shape& filter = context.input(1).shape;
  ConvShape shape;
  shape.batches = in[0];
  shape.in_height = in[1];
  shape.in_width = in[2];
  shape.in_channels = in[3];
  shape.filter_height = filter[1];
  shape.filter_width = filter[2];
  shape.stride_h = params.stride_h;
  shape.stride_w = params.stride_w;
  shape.dilation_h = params.dilation_h;
  shape.dilation_w = params.dilation_w;
  const WindowAxis rows{
      in[1], filter[1], params.stride_h, params.dilation_h, params.extra.top, params.extra.bottom};
  const WindowAxis columns{
      in[2], filter[2], params.stride_w, params.dilation_w, params.extra.left, params.extra.right};
  PINFER_TRY(const WindowPlace row_place, place_window(context, params.padding, rows));
  PINFER_TRY(const WindowPlace column_place, place_window(context, params.padding, columns));
  shape.out_height = row_place.out;
  shape.pad_top = row_place.before;
  shape.out_width = column_place.out;
  shape.pad_left = column_place.before;
  return shape;
}

bool constant_weights(const NodeContext& context, const MacOperands& operands) {
  return !context.value(operands.filter).empty() &&
         (!context.has_input(operands.bias) || !context.value(operands.bias).empty());
}

Result<void> check_packed_size(const WeightExtent& weights) {
  // No packing rounds channels or depth up to more, or takes more for a weight.
  constexpr double kRound = 64.0, kWeightBytes = 4.0, kHeaders = 256.0;
  constexpr double kLimit = static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max()) / 2.0;
  const double bytes = (static_cast<double>(weights.channels) + kRound) *
                       ((static_cast<double>(weights.depth) + kRound) * kWeightBytes + kHeaders);
  if (bytes <= kLimit) return {};
  return fail(ErrorCode::over_budget,
              "V12: weights of {} channels by {} are too many for this machine", weights.channels,
              weights.depth);
}

std::size_t HybridInput::scratch_bytes() const noexcept {
  const auto count = static_cast<std::size_t>(batches);
  return round_up(count * static_cast<std::size_t>(batch_size), kAlign) +
         2 * round_up(count * sizeof(float), kAlign);
}

std::int8_t* HybridInput::values(std::byte* scratch) const noexcept {
  return reinterpret_cast<std::int8_t*>(scratch);
}

float* HybridInput::scales(std::byte* scratch) const noexcept {
  return reinterpret_cast<float*>(scratch +
                                  round_up(static_cast<std::size_t>(batches * batch_size), kAlign));
}

std::int32_t* HybridInput::zeros(std::byte* scratch) const noexcept {
  const std::size_t bytes = round_up(static_cast<std::size_t>(batches) * sizeof(float), kAlign);
  return reinterpret_cast<std::int32_t*>(reinterpret_cast<std::byte*>(scales(scratch)) + bytes);
}

void HybridInput::quantize(const float* input, std::byte* scratch) const noexcept {
  for (std::int64_t b = 0; b < batches; ++b) {
    const float* from = input + b * batch_size;
    std::int8_t* to = values(scratch) + b * batch_size;
    const DynamicQuant quant = asymmetric ? quantize_asymmetric(from, batch_size, to)
                                          : quantize_symmetric(from, batch_size, to);
    scales(scratch)[b] = quant.scale * common_scale;
    zeros(scratch)[b] = quant.zero;
  }
}

}  // namespace pinfer
