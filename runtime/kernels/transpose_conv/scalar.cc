// SPDX-License-Identifier: Apache-2.0
// The transpose_conv family in plain loops: the judge of the other variants.
#include <type_traits>

#include "runtime/kernels/scalar_mac.h"
#include "runtime/kernels/transpose_conv/transpose_conv.h"

namespace pinfer {
namespace {

// The taps of one axis that reach an output position: first, first + stride, ...
struct Reach {
  std::int64_t position = 0;  // output position + padding in front
  std::int32_t first = 0;
};

struct Window {
  std::int64_t batch = 0;
  Reach row, column;
};

inline Reach reach(std::int64_t out, std::int32_t pad, std::int32_t stride) {
  const std::int64_t position = out + pad;
  return {position, static_cast<std::int32_t>(position % stride)};
}

// Calls visit(input offset, filter offset) for each tap inside the input.
template <class Visit>
inline void for_taps(const ConvShape& s, const Window& window, const Visit& visit) {
  for (std::int64_t fy = window.row.first; fy < s.filter_height; fy += s.stride_h) {
    const std::int64_t y = (window.row.position - fy) / s.stride_h;
    if (y >= s.in_height) continue;
    if (window.row.position < fy) break;
    for (std::int64_t fx = window.column.first; fx < s.filter_width; fx += s.stride_w) {
      const std::int64_t x = (window.column.position - fx) / s.stride_w;
      if (x >= s.in_width) continue;
      if (window.column.position < fx) break;
      visit(((window.batch * s.in_height + y) * s.in_width + x) * s.in_channels,
            (fy * s.filter_width + fx) * s.in_channels);
    }
  }
}

// Calls compute(window, output channel, output offset) for each element of the block.
template <class Compute>
inline void for_outputs(const ConvShape& s, const MacBlock& block, const Compute& compute) {
  for (std::int64_t row = block.row_begin; row < block.row_end; ++row) {
    Window window;
    window.batch = row / s.out_height;
    window.row = reach(row % s.out_height, s.pad_top, s.stride_h);
    for (std::int64_t column = 0; column < s.out_width; ++column) {
      window.column = reach(column, s.pad_left, s.stride_w);
      const std::int64_t out = (row * s.out_width + column) * s.out_channels;
      for (std::int32_t channel = block.channel_begin; channel < block.channel_end; ++channel)
        compute(window, channel, out + channel);
    }
  }
}

inline std::int64_t filter_size(const ConvShape& s) {
  return static_cast<std::int64_t>(s.filter_height) * s.filter_width * s.in_channels;
}

// Exact sum over the window, without bias.
template <class X, class W>
inline std::int64_t integer_sum(const TransposeConvArgs& args, const Window& window,
                                std::int32_t channel, std::int32_t input_zero) {
  const ConvShape& s = args.shape;
  const auto* input = static_cast<const X*>(args.input);
  const auto* filter = static_cast<const W*>(args.filter) + channel * filter_size(s);
  // Only uint8 filters have a zero point; a constant 0 keeps the inner loop short.
  const std::int32_t filter_zero = std::is_same_v<W, std::uint8_t> ? args.filter_zero : 0;
  std::int64_t sum = 0;
  for_taps(s, window, [&](std::int64_t in, std::int64_t weight) {
    sum += scalar::dot(input + in, filter + weight, s.in_channels, input_zero, filter_zero);
  });
  return sum;
}

template <class X, class W>
void transpose_conv_32(const TransposeConvArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  auto* output = static_cast<X*>(args.output);
  for_outputs(args.shape, block, [&](const Window& window, std::int32_t channel, std::int64_t out) {
    std::int64_t sum = integer_sum<X, W>(args, window, channel, args.input_zero);
    if (bias != nullptr) sum += bias[channel];
    const std::int32_t scaled = multiply(scalar::wrap32(sum), args.multipliers[channel]);
    output[out] = static_cast<X>(scalar::place(scaled, args.output_zero, args.clamp));
  });
}

void transpose_conv_s16(const TransposeConvArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int64_t*>(args.bias);
  auto* output = static_cast<std::int16_t*>(args.output);
  for_outputs(args.shape, block, [&](const Window& window, std::int32_t channel, std::int64_t out) {
    std::int64_t sum = integer_sum<std::int16_t, std::int8_t>(args, window, channel, 0);
    if (bias != nullptr) sum = scalar::wrapping_add(sum, bias[channel]);
    const std::int32_t scaled = multiply_wide(sum, args.multipliers[channel]);
    output[out] = static_cast<std::int16_t>(scalar::place(scaled, 0, args.clamp));
  });
}

void transpose_conv_f32(const TransposeConvArgs& args, const MacBlock& block) noexcept {
  const ConvShape& s = args.shape;
  const auto* input = static_cast<const float*>(args.input);
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_outputs(s, block, [&](const Window& window, std::int32_t channel, std::int64_t out) {
    const auto* filter = static_cast<const float*>(args.filter) + channel * filter_size(s);
    float sum = 0.0f;
    for_taps(s, window, [&](std::int64_t in, std::int64_t weight) {
      sum += scalar::dot(input + in, filter + weight, s.in_channels);
    });
    if (bias != nullptr) sum += bias[channel];
    output[out] = scalar::clamp(sum, args.range);
  });
}

void transpose_conv_hybrid(const TransposeConvArgs& args, const MacBlock& block) noexcept {
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

extern const TransposeConvKernel transpose_conv_s8__scalar, transpose_conv_u8__scalar,
    transpose_conv_s16__scalar, transpose_conv_s16_bias32__scalar, transpose_conv_f32__scalar,
    transpose_conv_hybrid__scalar;

const TransposeConvKernel transpose_conv_s8__scalar{"transpose_conv_s8__scalar", isa::scalar,
                                                    MacTypes::s8, nullptr,
                                                    transpose_conv_32<std::int8_t, std::int8_t>};
const TransposeConvKernel transpose_conv_u8__scalar{"transpose_conv_u8__scalar", isa::scalar,
                                                    MacTypes::u8, nullptr,
                                                    transpose_conv_32<std::uint8_t, std::uint8_t>};
const TransposeConvKernel transpose_conv_s16__scalar{"transpose_conv_s16__scalar", isa::scalar,
                                                     MacTypes::s16, nullptr, transpose_conv_s16};
const TransposeConvKernel transpose_conv_s16_bias32__scalar{
    "transpose_conv_s16_bias32__scalar", isa::scalar, MacTypes::s16_bias32, nullptr,
    transpose_conv_32<std::int16_t, std::int8_t>};
const TransposeConvKernel transpose_conv_f32__scalar{"transpose_conv_f32__scalar", isa::scalar,
                                                     MacTypes::f32, nullptr, transpose_conv_f32};
const TransposeConvKernel transpose_conv_hybrid__scalar{
    "transpose_conv_hybrid__scalar", isa::scalar, MacTypes::hybrid, nullptr, transpose_conv_hybrid};

}  // namespace pinfer
