// SPDX-License-Identifier: Apache-2.0
// The depthwise family in plain loops: the judge of the other variants.
#include <array>

#include "runtime/kernels/depthwise/depthwise.h"
#include "runtime/kernels/scalar_mac.h"

namespace pinfer {
namespace {

// Channels are contiguous in input and filter, so sums of this many run side by side.
constexpr std::int32_t kChunk = 64;

// What to add up for one chunk of channels of one output pixel.
struct Chunk {
  std::int64_t batch = 0;
  std::int32_t channel = 0, count = 0;
  std::int64_t out = 0;         // offset of its first element in the output
  std::int32_t multiplier = 1;  // output channels of each input channel
  std::int32_t input_zero = 0, filter_zero = 0;
};

// sums[i] += (x - input_zero) * (w - filter_zero) for the output channels of the chunk at one tap.
// `x` is the input pixel, `w` the first weight of the chunk. The chunk comes by value: `sums` might
// alias a reference.
template <class X, class W, class Sum>
inline void add_tap(const X* x, const W* w, Chunk chunk, Sum* sums) {
  std::int32_t in = chunk.channel / chunk.multiplier, repeat = chunk.channel % chunk.multiplier;
  if (chunk.multiplier == 1) {
    for (std::int32_t i = 0; i < chunk.count; ++i)
      sums[i] += static_cast<Sum>((x[in + i] - chunk.input_zero) * (w[i] - chunk.filter_zero));
    return;
  }
  for (std::int32_t i = 0; i < chunk.count; ++i) {
    sums[i] += static_cast<Sum>((x[in] - chunk.input_zero) * (w[i] - chunk.filter_zero));
    if (++repeat == chunk.multiplier) {
      repeat = 0;
      ++in;
    }
  }
}

// float has no zero points.
inline void add_tap(const float* x, const float* w, Chunk chunk, float* sums) {
  if (chunk.multiplier == 1) {
    for (std::int32_t i = 0; i < chunk.count; ++i) sums[i] += x[chunk.channel + i] * w[i];
    return;
  }
  for (std::int32_t i = 0; i < chunk.count; ++i)
    sums[i] += x[(chunk.channel + i) / chunk.multiplier] * w[i];
}

// Calls finish(chunk, sums) for each chunk of the block. Sum is unsigned for 8-bit types: it wraps
// where hostile sizes overflow it.
template <class X, class W, class Sum, class Finish>
inline void for_chunks(const DepthwiseArgs& args, const MacBlock& block, const Finish& finish) {
  const ConvShape& s = args.shape;
  const auto* input = static_cast<const X*>(args.input);
  const auto* filter = static_cast<const W*>(args.filter);
  for (std::int64_t row = block.row_begin; row < block.row_end; ++row) {
    Chunk chunk;
    chunk.batch = row / s.out_height;
    chunk.multiplier = s.out_channels / s.in_channels;
    chunk.input_zero =
        args.input_zeros != nullptr ? args.input_zeros[chunk.batch] : args.input_zero;
    chunk.filter_zero = args.filter_zero;
    const std::int64_t y0 = (row % s.out_height) * s.stride_h - s.pad_top;
    const auto rows = scalar::taps_inside(y0, s.dilation_h, s.in_height, s.filter_height);
    for (std::int64_t column = 0; column < s.out_width; ++column) {
      const std::int64_t x0 = column * s.stride_w - s.pad_left;
      const auto columns = scalar::taps_inside(x0, s.dilation_w, s.in_width, s.filter_width);
      for (std::int32_t c = block.channel_begin; c < block.channel_end; c += kChunk) {
        chunk.channel = c;
        chunk.count = std::min(kChunk, block.channel_end - c);
        chunk.out = (row * s.out_width + column) * s.out_channels + c;
        std::array<Sum, kChunk> sums{};
        for (std::int64_t fy = rows.begin; fy < rows.end; ++fy) {
          for (std::int64_t fx = columns.begin; fx < columns.end; ++fx) {
            const std::int64_t y = y0 + fy * s.dilation_h, x = x0 + fx * s.dilation_w;
            const X* pixel =
                input + ((chunk.batch * s.in_height + y) * s.in_width + x) * s.in_channels;
            const W* weights = filter + (fy * s.filter_width + fx) * s.out_channels + c;
            add_tap(pixel, weights, chunk, sums.data());
          }
        }
        finish(chunk, sums.data());
      }
    }
  }
}

template <class X, class W>
void depthwise_32(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  auto* output = static_cast<X*>(args.output);
  for_chunks<X, W, std::uint32_t>(args, block, [&](const Chunk& chunk, const std::uint32_t* sums) {
    for (std::int32_t i = 0; i < chunk.count; ++i) {
      const std::int32_t channel = chunk.channel + i;
      std::uint32_t sum = sums[i];
      if (bias != nullptr) sum += static_cast<std::uint32_t>(bias[channel]);
      const std::int32_t scaled =
          multiply(static_cast<std::int32_t>(sum), args.multipliers[channel]);
      output[chunk.out + i] = static_cast<X>(scalar::place(scaled, args.output_zero, args.clamp));
    }
  });
}

void depthwise_s16(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const std::int64_t*>(args.bias);
  auto* output = static_cast<std::int16_t*>(args.output);
  for_chunks<std::int16_t, std::int8_t, std::int64_t>(
      args, block, [&](const Chunk& chunk, const std::int64_t* sums) {
        for (std::int32_t i = 0; i < chunk.count; ++i) {
          const std::int32_t channel = chunk.channel + i;
          std::int64_t sum = sums[i];
          if (bias != nullptr) sum = scalar::wrapping_add(sum, bias[channel]);
          const std::int32_t scaled = multiply_wide(sum, args.multipliers[channel]);
          output[chunk.out + i] = static_cast<std::int16_t>(scalar::place(scaled, 0, args.clamp));
        }
      });
}

void depthwise_f32(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_chunks<float, float, float>(args, block, [&](const Chunk& chunk, const float* sums) {
    for (std::int32_t i = 0; i < chunk.count; ++i) {
      const float sum = bias != nullptr ? sums[i] + bias[chunk.channel + i] : sums[i];
      output[chunk.out + i] = scalar::clamp(sum, args.range);
    }
  });
}

void depthwise_hybrid(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_chunks<std::int8_t, std::int8_t, std::uint32_t>(
      args, block, [&](const Chunk& chunk, const std::uint32_t* sums) {
        for (std::int32_t i = 0; i < chunk.count; ++i) {
          const std::int32_t channel = chunk.channel + i;
          float value = static_cast<float>(static_cast<std::int32_t>(sums[i])) *
                        (args.filter_scales[channel] * args.input_scales[chunk.batch]);
          if (bias != nullptr) value += bias[channel];
          output[chunk.out + i] = scalar::clamp(value, args.range);
        }
      });
}

}  // namespace

extern const DepthwiseKernel depthwise_s8__scalar, depthwise_u8__scalar, depthwise_s16__scalar,
    depthwise_s16_bias32__scalar, depthwise_f32__scalar, depthwise_hybrid__scalar;

const DepthwiseKernel depthwise_s8__scalar{"depthwise_s8__scalar", isa::scalar, MacTypes::s8,
                                           nullptr, depthwise_32<std::int8_t, std::int8_t>};
const DepthwiseKernel depthwise_u8__scalar{"depthwise_u8__scalar", isa::scalar, MacTypes::u8,
                                           nullptr, depthwise_32<std::uint8_t, std::uint8_t>};
const DepthwiseKernel depthwise_s16__scalar{"depthwise_s16__scalar", isa::scalar, MacTypes::s16,
                                            nullptr, depthwise_s16};
const DepthwiseKernel depthwise_s16_bias32__scalar{"depthwise_s16_bias32__scalar", isa::scalar,
                                                   MacTypes::s16_bias32, nullptr,
                                                   depthwise_32<std::int16_t, std::int8_t>};
const DepthwiseKernel depthwise_f32__scalar{"depthwise_f32__scalar", isa::scalar, MacTypes::f32,
                                            nullptr, depthwise_f32};
const DepthwiseKernel depthwise_hybrid__scalar{"depthwise_hybrid__scalar", isa::scalar,
                                               MacTypes::hybrid, nullptr, depthwise_hybrid};

}  // namespace pinfer
