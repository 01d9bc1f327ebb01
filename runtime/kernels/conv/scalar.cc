// SPDX-License-Identifier: Apache-2.0
// The conv family in plain loops: the judge of the other variants.
#include "runtime/kernels/conv/conv.h"
#include "runtime/kernels/scalar_mac.h"

namespace pinfer {
namespace {

// The part of the input that one output pixel sees.
struct Window {
  std::int64_t batch = 0;
  std::int64_t y = 0, x = 0;  // input position of tap (0, 0)
  scalar::Taps rows, columns;
};

// Calls visit(input offset, filter offset, count) for each run of taps that is contiguous in both
// the input and the filter of one output channel.
template <class Visit>
inline void for_runs(const ConvShape& s, const Window& window, std::int32_t group,
                     const Visit& visit) {
  const std::int32_t depth = s.in_channels / s.groups;
  // Neighbouring taps touch when nothing lies between them.
  const bool joined = s.dilation_w == 1 && s.groups == 1;
  const std::int64_t taps = window.columns.end - window.columns.begin;
  for (std::int32_t fy = window.rows.begin; fy < window.rows.end; ++fy) {
    const std::int64_t y = window.y + static_cast<std::int64_t>(fy) * s.dilation_h;
    const std::int64_t row = (window.batch * s.in_height + y) * s.in_width;
    for (std::int32_t fx = window.columns.begin; fx < window.columns.end; ++fx) {
      const std::int64_t x = window.x + static_cast<std::int64_t>(fx) * s.dilation_w;
      const std::int64_t in = (row + x) * s.in_channels + static_cast<std::int64_t>(group) * depth;
      const std::int64_t weight = (static_cast<std::int64_t>(fy) * s.filter_width + fx) * depth;
      visit(in, weight, joined ? taps * depth : depth);
      if (joined) break;
    }
  }
}

// Calls compute(window, output channel, output offset) for each element of the block.
template <class Compute>
inline void for_outputs(const ConvShape& s, const MacBlock& block, const Compute& compute) {
  for (std::int64_t pixel = block.row_begin; pixel < block.row_end; ++pixel) {
    const std::int64_t row = pixel / s.out_width, column = pixel % s.out_width;
    Window window;
    window.batch = row / s.out_height;
    window.y = (row % s.out_height) * s.stride_h - s.pad_top;
    window.x = column * s.stride_w - s.pad_left;
    window.rows = scalar::taps_inside(window.y, s.dilation_h, s.in_height, s.filter_height);
    window.columns = scalar::taps_inside(window.x, s.dilation_w, s.in_width, s.filter_width);
    for (std::int32_t channel = block.channel_begin; channel < block.channel_end; ++channel)
      compute(window, channel, pixel * s.out_channels + channel);
  }
}

inline std::int64_t filter_size(const ConvShape& s) {
  return static_cast<std::int64_t>(s.filter_height) * s.filter_width * (s.in_channels / s.groups);
}

// Exact sum over the window, without bias.
template <class X, class W>
inline std::int64_t integer_sum(const ConvArgs& args, const Window& window, std::int32_t channel,
                                std::int32_t input_zero) {
  const ConvShape& s = args.shape;
  const auto* input = static_cast<const X*>(args.input);
  const auto* filter = static_cast<const W*>(args.filter) + channel * filter_size(s);
  const std::int32_t group = channel / (s.out_channels / s.groups);
  std::int64_t sum = 0;
  // Few filters have a zero point; a constant 0 keeps the inner loop short.
  if (args.filter_zero == 0)
    for_runs(s, window, group, [&](std::int64_t in, std::int64_t weight, std::int64_t count) {
      sum += scalar::dot(input + in, filter + weight, count, input_zero, 0);
    });
  else
    for_runs(s, window, group, [&](std::int64_t in, std::int64_t weight, std::int64_t count) {
      sum += scalar::dot(input + in, filter + weight, count, input_zero, args.filter_zero);
    });
  return sum;
}

template <class X, class W>
void conv_32(const ConvArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  auto* output = static_cast<X*>(args.output);
  for_outputs(args.shape, block, [&](const Window& window, std::int32_t channel, std::int64_t out) {
    std::int64_t sum = integer_sum<X, W>(args, window, channel, args.input_zero);
    if (bias != nullptr) sum += bias[channel];
    const std::int32_t scaled = multiply(scalar::wrap32(sum), args.multipliers[channel]);
    output[out] = static_cast<X>(scalar::place(scaled, args.output_zero, args.clamp));
  });
}

void conv_s16(const ConvArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int64_t*>(args.bias);
  auto* output = static_cast<std::int16_t*>(args.output);
  for_outputs(args.shape, block, [&](const Window& window, std::int32_t channel, std::int64_t out) {
    std::int64_t sum = integer_sum<std::int16_t, std::int8_t>(args, window, channel, 0);
    if (bias != nullptr) sum = scalar::wrapping_add(sum, bias[channel]);
    const std::int32_t scaled = multiply_wide(sum, args.multipliers[channel]);
    output[out] = static_cast<std::int16_t>(scalar::place(scaled, 0, args.clamp));
  });
}

void conv_f32(const ConvArgs& args, const MacBlock& block) noexcept {
  const ConvShape& s = args.shape;
  const auto* input = static_cast<const float*>(args.input);
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_outputs(s, block, [&](const Window& window, std::int32_t channel, std::int64_t out) {
    const auto* filter = static_cast<const float*>(args.filter) + channel * filter_size(s);
    float sum = 0.0f;
    for_runs(s, window, channel / (s.out_channels / s.groups),
             [&](std::int64_t in, std::int64_t weight, std::int64_t count) {
               sum += scalar::dot(input + in, filter + weight, count);
             });
    if (bias != nullptr) sum += bias[channel];
    output[out] = scalar::clamp(sum, args.range);
  });
}

void conv_hybrid(const ConvArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_outputs(args.shape, block, [&](const Window& window, std::int32_t channel, std::int64_t out) {
    const std::int64_t sum = integer_sum<std::int8_t, std::int8_t>(args, window, channel,
                                                                   args.input_zeros[window.batch]);
    float value = static_cast<float>(scalar::wrap32(sum)) * args.filter_scales[channel] *
                  args.input_scales[window.batch];
    if (bias != nullptr) value += bias[channel];
    output[out] = scalar::clamp(value, args.range);
  });
}

}  // namespace

extern const ConvKernel conv_s8__scalar, conv_u8__scalar, conv_s16__scalar, conv_s16_bias32__scalar,
    conv_f32__scalar, conv_hybrid__scalar;

const ConvKernel conv_s8__scalar{"conv_s8__scalar", isa::scalar, MacTypes::s8, nullptr,
                                 conv_32<std::int8_t, std::int8_t>};
const ConvKernel conv_u8__scalar{"conv_u8__scalar", isa::scalar, MacTypes::u8, nullptr,
                                 conv_32<std::uint8_t, std::uint8_t>};
const ConvKernel conv_s16__scalar{"conv_s16__scalar", isa::scalar, MacTypes::s16, nullptr,
                                  conv_s16};
const ConvKernel conv_s16_bias32__scalar{"conv_s16_bias32__scalar", isa::scalar,
                                         MacTypes::s16_bias32, nullptr,
                                         conv_32<std::int16_t, std::int8_t>};
const ConvKernel conv_f32__scalar{"conv_f32__scalar", isa::scalar, MacTypes::f32, nullptr,
                                  conv_f32};
const ConvKernel conv_hybrid__scalar{"conv_hybrid__scalar", isa::scalar, MacTypes::hybrid, nullptr,
                                     conv_hybrid};

}  // namespace pinfer
