// SPDX-License-Identifier: Apache-2.0
// Float convolution in vectors of one ISA: kRows neighbouring pixels x 16 channels share each load
// of weights. Included by the files of that ISA only; all of it is local to each of them.
//
// Vector says what a vector is: Type, kWidth, load, store, broadcast, multiply_add(sum, x, w),
// clamp.
#pragma once

#include <string.h>

#include "runtime/kernels/conv/pack_f32.h"
#include "runtime/kernels/inside.h"

namespace pinfer {
namespace {

// The taps of a window that lie inside the input, of the first pixel of a tile.
struct FloatWindow {
  const float* x;
  const float* w;                   // [tap][channel of the tile]
  ptrdiff_t x_row, x_step, x_next;  // floats from tap to tap down and across, from pixel to pixel
  ptrdiff_t w_row, w_step;
  int32_t rows, columns;
  int32_t run;  // inputs that lie together at a tap
};

template <class Vector, int kRows>
struct FloatSums {
  static constexpr int kVectors = kConvFloatTile / Vector::kWidth;
  typename Vector::Type of[kRows][kVectors];
};

template <class Vector, int kRows>
[[gnu::always_inline]] inline void float_run(FloatSums<Vector, kRows>& sums, const float* x,
                                             ptrdiff_t next, const float* w, int32_t run) noexcept {
  constexpr int kVectors = FloatSums<Vector, kRows>::kVectors;
  const float* at[kRows];
  for (int r = 0; r < kRows; ++r) at[r] = x + r * next;
  for (; run > 0; --run, w += kConvFloatTile) {
    typename Vector::Type weight[kVectors];
    for (int v = 0; v < kVectors; ++v) weight[v] = Vector::load(w + v * Vector::kWidth);
    for (int r = 0; r < kRows; ++r) {
      const auto pixel = Vector::broadcast(*at[r]++);
      for (int v = 0; v < kVectors; ++v)
        sums.of[r][v] = Vector::multiply_add(sums.of[r][v], pixel, weight[v]);
    }
  }
}

// The first `channels` of a tile of kRows pixels.
template <class Vector, int kRows>
void float_tile(const FloatWindow& window, const float* bias, FloatRange range, float* out,
                ptrdiff_t next, int32_t channels) noexcept {
  FloatSums<Vector, kRows> sums;
  constexpr int kVectors = FloatSums<Vector, kRows>::kVectors;
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) sums.of[r][v] = Vector::load(bias + v * Vector::kWidth);
  for (int32_t y = 0; y < window.rows; ++y) {
    const float* x = window.x + y * window.x_row;
    const float* w = window.w + y * window.w_row;
    for (int32_t i = 0; i < window.columns; ++i, x += window.x_step, w += window.w_step)
      float_run<Vector, kRows>(sums, x, window.x_next, w, window.run);
  }
  for (int r = 0; r < kRows; ++r, out += next) {
    float all[kConvFloatTile];
    float* const to = channels == kConvFloatTile ? out : all;
    for (int v = 0; v < kVectors; ++v)
      Vector::store(to + v * Vector::kWidth, Vector::clamp(sums.of[r][v], range.low, range.high));
    if (to == all) memcpy(out, all, static_cast<size_t>(channels) * sizeof(float));
  }
}

// Pixels [first, last) of one output row, channels of one tile.
template <class Vector, int kRows>
void float_row(const ConvArgs& args, int64_t row, int32_t first, int32_t last, const float* tile,
               int32_t channel, int32_t channels) noexcept {
  const ConvShape& s = args.shape;
  const ptrdiff_t depth = s.in_channels, in_row = ptrdiff_t{s.in_width} * depth;
  const int64_t batch = row / s.out_height, y0 = row % s.out_height * s.stride_h - s.pad_top;
  const Inside rows = inside_of(y0, s.dilation_h, s.in_height, s.filter_height);
  const float* const input =
      static_cast<const float*>(args.input) +
      (ptrdiff_t(batch) * s.in_height + y0 + int64_t{rows.begin} * s.dilation_h) * in_row;
  FloatWindow window;
  window.x_row = s.dilation_h * in_row;
  window.x_step = s.dilation_w * depth;
  window.x_next = s.stride_w * depth;
  window.w_step = depth * kConvFloatTile;
  window.w_row = s.filter_width * window.w_step;
  window.rows = rows.end - rows.begin;
  const float* const weights = tile + kConvFloatTile + rows.begin * window.w_row;
  const int64_t reach = int64_t{s.filter_width - 1} * s.dilation_w;
  float* out = static_cast<float*>(args.output) +
               (row * s.out_width + first) * ptrdiff_t{s.out_channels} + channel;
  for (int32_t x = first; x < last;) {
    const int64_t x0 = int64_t{x} * s.stride_w - s.pad_left;
    const bool whole =
        x + kRows <= last && x0 >= 0 && x0 + int64_t{kRows - 1} * s.stride_w + reach < s.in_width;
    const Inside columns =
        whole ? Inside{0, s.filter_width} : inside_of(x0, s.dilation_w, s.in_width, s.filter_width);
    window.x = input + (x0 + int64_t{columns.begin} * s.dilation_w) * depth;
    window.w = weights + columns.begin * window.w_step;
    window.columns = columns.end - columns.begin;
    window.run = s.in_channels;
    if (s.dilation_w == 1) {  // neighbouring taps touch
      window.run *= window.columns;
      window.columns = window.columns > 0 ? 1 : 0;
    }
    if (whole)
      float_tile<Vector, kRows>(window, tile, args.range, out, s.out_channels, channels);
    else
      float_tile<Vector, 1>(window, tile, args.range, out, s.out_channels, channels);
    x += whole ? kRows : 1;
    out += (whole ? kRows : 1) * ptrdiff_t{s.out_channels};
  }
}

template <class Vector, int kRows>
void float_block(const ConvArgs& args, const MacBlock& block) noexcept {
  const ConvShape& s = args.shape;
  const auto* tile = reinterpret_cast<const float*>(args.packed) +
                     block.channel_begin / kConvFloatTile * conv_f32_tile_floats(s);
  for (int32_t c = block.channel_begin; c < block.channel_end;
       c += kConvFloatTile, tile += conv_f32_tile_floats(s)) {
    const int32_t left = block.channel_end - c;
    const int32_t channels = left < kConvFloatTile ? left : kConvFloatTile;
    for (int64_t pixel = block.row_begin; pixel < block.row_end;) {
      const int64_t row = pixel / s.out_width, begin = row * s.out_width;
      const int64_t end = begin + s.out_width < block.row_end ? begin + s.out_width : block.row_end;
      float_row<Vector, kRows>(args, row, static_cast<int32_t>(pixel - begin),
                               static_cast<int32_t>(end - begin), tile, c, channels);
      pixel = end;
    }
  }
}

}  // namespace
}  // namespace pinfer
