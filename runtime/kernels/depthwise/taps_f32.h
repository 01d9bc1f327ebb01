// SPDX-License-Identifier: Apache-2.0
// Depthwise float windows of any size in vectors of one ISA: four outputs of a row share each load
// of a weight. Included by the files of that ISA only; all of it is local to each of them.
//
// Vector says what a vector is: Type, kWidth, load, store, broadcast, multiply_add(sum, x, w),
// clamp.
#pragma once

#include "runtime/kernels/depthwise/depthwise.h"
#include "runtime/kernels/inside.h"

namespace pinfer {
namespace {

struct FloatTaps {
  const float* x;  // the first tap of the first output, at the first channel
  const float* w;
  ptrdiff_t x_row, x_step, x_next;  // floats from tap to tap down and across, from output to output
  ptrdiff_t w_row, w_step;
  int32_t rows, columns;  // taps that are inside
};

// kTile outputs of kVectors vectors of channels, `next` floats apart.
template <class Vector, int kTile, int kVectors>
[[gnu::always_inline]] inline void float_tile(const FloatTaps& taps, const float* bias,
                                              FloatRange range, float* out,
                                              ptrdiff_t next) noexcept {
  typename Vector::Type sum[kTile][kVectors];
  for (int t = 0; t < kTile; ++t)
    for (int v = 0; v < kVectors; ++v)
      sum[t][v] =
          bias != nullptr ? Vector::load(bias + v * Vector::kWidth) : Vector::broadcast(0.0f);
  for (int32_t y = 0; y < taps.rows; ++y) {
    const float* x = taps.x + y * taps.x_row;
    const float* w = taps.w + y * taps.w_row;
    for (int32_t i = 0; i < taps.columns; ++i, x += taps.x_step, w += taps.w_step)
      for (int v = 0; v < kVectors; ++v) {
        const auto weight = Vector::load(w + v * Vector::kWidth);
        for (int t = 0; t < kTile; ++t) {
          const auto pixel = Vector::load(x + t * taps.x_next + v * Vector::kWidth);
          sum[t][v] = Vector::multiply_add(sum[t][v], pixel, weight);
        }
      }
  }
  for (int t = 0; t < kTile; ++t)
    for (int v = 0; v < kVectors; ++v)
      Vector::store(out + t * next + v * Vector::kWidth,
                    Vector::clamp(sum[t][v], range.low, range.high));
}

// One channel at a time, for those that fill no vector.
struct OneFloat {
  using Type = float;
  static constexpr int kWidth = 1;
  static float load(const float* from) noexcept { return *from; }
  static void store(float* to, float v) noexcept { *to = v; }
  static float broadcast(float v) noexcept { return v; }
  static float multiply_add(float sum, float x, float w) noexcept { return sum + x * w; }
  static float clamp(float v, float low, float high) noexcept {
    v = v < low ? low : v;
    return v > high ? high : v;
  }
};

// One row of output, kVectors vectors of channels from `channel` on.
template <class Vector, int kVectors>
void float_row(const DepthwiseArgs& args, int64_t row, int32_t channel) noexcept {
  const ConvShape& s = args.shape;
  const int64_t batch = row / s.out_height, y0 = row % s.out_height * s.stride_h - s.pad_top;
  const Inside rows = inside_of(y0, s.dilation_h, s.in_height, s.filter_height);
  const ptrdiff_t channels = s.out_channels, x_row = ptrdiff_t{s.in_width} * channels;
  const auto* bias = static_cast<const float*>(args.bias);
  if (bias != nullptr) bias += channel;
  const float* const input =
      static_cast<const float*>(args.input) + channel +
      (ptrdiff_t(batch) * s.in_height + y0 + rows.begin * s.dilation_h) * x_row;
  const float* const filter = static_cast<const float*>(args.filter) + channel +
                              ptrdiff_t{rows.begin} * s.filter_width * channels;
  float* out = static_cast<float*>(args.output) + row * s.out_width * channels + channel;
  FloatTaps taps{nullptr,
                 nullptr,
                 s.dilation_h * x_row,
                 s.dilation_w * channels,
                 s.stride_w * channels,
                 s.filter_width * channels,
                 channels,
                 rows.end - rows.begin,
                 0};
  const int64_t reach = int64_t{s.filter_width - 1} * s.dilation_w;
  for (int32_t x = 0; x < s.out_width;) {
    const int64_t x0 = int64_t{x} * s.stride_w - s.pad_left;
    const bool four = x + 4 <= s.out_width && x0 >= 0 && x0 + 3 * s.stride_w + reach < s.in_width;
    const Inside columns =
        four ? Inside{0, s.filter_width} : inside_of(x0, s.dilation_w, s.in_width, s.filter_width);
    taps.x = input + (x0 + int64_t{columns.begin} * s.dilation_w) * channels;
    taps.w = filter + columns.begin * channels;
    taps.columns = columns.end - columns.begin;
    if (four)
      float_tile<Vector, 4, kVectors>(taps, bias, args.range, out, channels);
    else
      float_tile<Vector, 1, kVectors>(taps, bias, args.range, out, channels);
    x += four ? 4 : 1;
    out += (four ? 4 : 1) * channels;
  }
}

template <class Vector>
void float_block(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  for (int64_t row = block.row_begin; row < block.row_end; ++row) {
    int32_t c = block.channel_begin;
    for (; c + 2 * Vector::kWidth <= block.channel_end; c += 2 * Vector::kWidth)
      float_row<Vector, 2>(args, row, c);
    for (; c + Vector::kWidth <= block.channel_end; c += Vector::kWidth)
      float_row<Vector, 1>(args, row, c);
    for (; c < block.channel_end; ++c) float_row<OneFloat, 1>(args, row, c);
  }
}

inline bool float_suits(const ConvShape& s) noexcept { return s.in_channels == s.out_channels; }

}  // namespace
}  // namespace pinfer
