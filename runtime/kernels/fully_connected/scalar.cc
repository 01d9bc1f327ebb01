// SPDX-License-Identifier: Apache-2.0
// The fully_connected family in plain loops: the judge of the other variants.
#include <cmath>

#include "runtime/kernels/fully_connected/fully_connected.h"
#include "runtime/kernels/scalar_mac.h"

namespace pinfer {
namespace {

// Calls compute(row, channel) for each element of the block. Weights are the larger operand: each
// row of them is read once for all rows of activations.
template <class Compute>
inline void for_outputs(const MacBlock& block, const Compute& compute) {
  for (std::int32_t channel = block.channel_begin; channel < block.channel_end; ++channel)
    for (std::int64_t row = block.row_begin; row < block.row_end; ++row) compute(row, channel);
}

template <class X, class W>
inline std::int64_t integer_sum(const FullyConnectedArgs& args, std::int64_t row,
                                std::int32_t channel, std::int32_t input_zero,
                                std::int32_t filter_zero) {
  const std::int64_t depth = args.shape.depth;
  return scalar::dot(static_cast<const X*>(args.input) + row * depth,
                     static_cast<const W*>(args.filter) + channel * depth, depth, input_zero,
                     filter_zero);
}

inline std::int32_t requantize(double sum, const FullyConnectedArgs& args, std::int32_t channel) {
  const double value = std::round(sum * args.scales[channel]) + args.output_zero;
  return static_cast<std::int32_t>(
      std::min<double>(std::max<double>(value, args.clamp.low), args.clamp.high));
}

template <class X, class W>
void fully_connected_32(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  auto* output = static_cast<X*>(args.output);
  for_outputs(block, [&](std::int64_t row, std::int32_t channel) {
    std::int64_t sum = integer_sum<X, W>(args, row, channel, args.input_zero, args.filter_zero);
    if (bias != nullptr) sum += bias[channel];
    output[row * args.shape.channels + channel] =
        static_cast<X>(requantize(scalar::wrap32(sum), args, channel));
  });
}

void fully_connected_s16(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int64_t*>(args.bias);
  auto* output = static_cast<std::int16_t*>(args.output);
  for_outputs(block, [&](std::int64_t row, std::int32_t channel) {
    std::int64_t sum =
        integer_sum<std::int16_t, std::int8_t>(args, row, channel, 0, args.filter_zero);
    if (bias != nullptr) sum = scalar::wrapping_add(sum, bias[channel]);
    output[row * args.shape.channels + channel] =
        static_cast<std::int16_t>(requantize(static_cast<double>(sum), args, channel));
  });
}

void fully_connected_f32(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  const std::int64_t depth = args.shape.depth;
  const auto* input = static_cast<const float*>(args.input);
  const auto* filter = static_cast<const float*>(args.filter);
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_outputs(block, [&](std::int64_t row, std::int32_t channel) {
    float sum = scalar::dot(input + row * depth, filter + channel * depth, depth);
    if (bias != nullptr) sum += bias[channel];
    output[row * args.shape.channels + channel] = scalar::clamp(sum, args.range);
  });
}

void fully_connected_hybrid(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_outputs(block, [&](std::int64_t row, std::int32_t channel) {
    const std::int64_t sum =
        integer_sum<std::int8_t, std::int8_t>(args, row, channel, args.input_zeros[row], 0);
    const float scale = args.input_scales[row] * args.filter_scales[channel];
    const float value =
        (bias != nullptr ? bias[channel] : 0.0f) + static_cast<float>(scalar::wrap32(sum)) * scale;
    output[row * args.shape.channels + channel] = scalar::clamp(value, args.range);
  });
}

}  // namespace

extern const FullyConnectedKernel fully_connected_s8__scalar, fully_connected_u8__scalar,
    fully_connected_s16__scalar, fully_connected_s16_bias32__scalar, fully_connected_f32__scalar,
    fully_connected_hybrid__scalar;

const FullyConnectedKernel fully_connected_s8__scalar{"fully_connected_s8__scalar", isa::scalar,
                                                      MacTypes::s8, nullptr,
                                                      fully_connected_32<std::int8_t, std::int8_t>};
const FullyConnectedKernel fully_connected_u8__scalar{
    "fully_connected_u8__scalar", isa::scalar, MacTypes::u8, nullptr,
    fully_connected_32<std::uint8_t, std::uint8_t>};
const FullyConnectedKernel fully_connected_s16__scalar{"fully_connected_s16__scalar", isa::scalar,
                                                       MacTypes::s16, nullptr, fully_connected_s16};
const FullyConnectedKernel fully_connected_s16_bias32__scalar{
    "fully_connected_s16_bias32__scalar", isa::scalar, MacTypes::s16_bias32, nullptr,
    fully_connected_32<std::int16_t, std::int8_t>};
const FullyConnectedKernel fully_connected_f32__scalar{"fully_connected_f32__scalar", isa::scalar,
                                                       MacTypes::f32, nullptr, fully_connected_f32};
const FullyConnectedKernel fully_connected_hybrid__scalar{"fully_connected_hybrid__scalar",
                                                          isa::scalar, MacTypes::hybrid, nullptr,
                                                          fully_connected_hybrid};

}  // namespace pinfer
