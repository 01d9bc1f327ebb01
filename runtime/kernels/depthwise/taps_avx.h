// SPDX-License-Identifier: Apache-2.0
// Windows of any size, in vectors of AVX2. Sixteen channels of the rows that a piece of the output
// needs are copied side by side as int16, with the columns outside; two neighbouring outputs share
// each weight. Included by the avx*.cc files only, after <immintrin.h>.
#pragma once

#include "runtime/kernels/depthwise/finish_avx.h"
#include "runtime/kernels/depthwise/pairs_avx.h"

namespace pinfer {
namespace {

constexpr int32_t kTapPixel = 16;     // int16 in a pixel of the copy
constexpr int32_t kTapColumns = 128;  // at most, in a row of the copy
constexpr int32_t kTapRoom = 16 * kTapColumns * kTapPixel;

inline int32_t reach(int32_t taps, int32_t dilation) noexcept { return (taps - 1) * dilation + 1; }

inline bool taps_suit(const ConvShape& s) noexcept {
  return s.filter_height <= kDepthwiseRows && s.filter_width < kTapColumns &&
         s.dilation_w < kTapColumns && s.stride_w < kTapColumns &&
         reach(s.filter_width, s.dilation_w) + s.dilation_w + s.stride_w <= kTapColumns;
}

// Input columns [x, x + columns) of `count` rows, zero points outside.
inline void copy_words(const DepthwiseStrip& s, const int8_t* const* rows, int32_t count, int32_t x,
                       int32_t columns, int16_t* to) noexcept {
  const int32_t width = s.args->shape.in_width;
  const __m256i zero = _mm256_set1_epi16(static_cast<int16_t>(s.args->input_zero));
  for (int32_t y = 0; y < count; ++y) {
    const int8_t* from = rows[y] + s.channel;
    for (int32_t i = x; i < x + columns; ++i, to += kTapPixel) {
      const bool inside = i >= 0 && i < width;
      _mm256_store_si256(reinterpret_cast<__m256i*>(to),
                         inside ? words(from + i * s.in_pixel) : zero);
    }
  }
}

// One row of `count` outputs over the copy at `pixels`.
template <class MultiplyAdd, int kFinish>
void taps_row(const DepthwiseStrip& s, const int16_t* pixels, ptrdiff_t row_words, int8_t* out,
              int32_t count) noexcept {
  const auto& group = *reinterpret_cast<const PackedGroup*>(s.group);
  const Finish<kFinish> finish(group, *s.args);
  const ConvShape& shape = s.args->shape;
  const ptrdiff_t step = ptrdiff_t{shape.dilation_w} * kTapPixel;
  const ptrdiff_t next = ptrdiff_t{shape.stride_w} * kTapPixel;
  const int32_t height = shape.filter_height, width = shape.filter_width;
  for (; count > 0; count -= 2, pixels += 2 * next, out += 2 * s.out_pixel) {
    Sums first = finish.bias, second = finish.bias;
    const auto* w = reinterpret_cast<const int16_t*>(&group + 1);
    for (int32_t y = 0; y < height; ++y) {
      const int16_t* x = pixels + y * row_words;
      for (int32_t i = 0; i < width; i += 2, x += 2 * step, w += 32) {
        const __m256i low = load256(w), high = load256(w + 16);
        const Sums a = paired(load256(x), load256(x + step));
        const Sums b = paired(load256(x + next), load256(x + next + step));
        first = {MultiplyAdd::add(first.low, a.low, low),
                 MultiplyAdd::add(first.high, a.high, high)};
        second = {MultiplyAdd::add(second.low, b.low, low),
                  MultiplyAdd::add(second.high, b.high, high)};
      }
    }
    finish.store(out, finish.scale(first));
    if (count > 1) finish.store(out + s.out_pixel, finish.scale(second));
  }
}

template <class MultiplyAdd>
void taps_strip(const DepthwiseStrip& s) noexcept {
  const ConvShape& shape = s.args->shape;
  const int32_t height = shape.filter_height, stride = shape.stride_w;
  const int32_t wide = reach(shape.filter_width, shape.dilation_w) + shape.dilation_w;
  alignas(64) int16_t pixels[kTapRoom];
  const auto row = s.group->finish == kFinishRelu    ? taps_row<MultiplyAdd, kFinishRelu>
                   : s.group->finish == kFinishRight ? taps_row<MultiplyAdd, kFinishRight>
                                                     : taps_row<MultiplyAdd, kFinishAny>;
  const int32_t most = ((kTapColumns - wide) / stride + 1) / 2 * 2;
  for (int32_t begin = s.begin, count; begin < s.end; begin += count) {
    count = s.end - begin < most ? s.end - begin : most;
    // Whole tiles, so that the last one reads inside the copy.
    const int32_t columns = ((count + 1) / 2 * 2 - 1) * stride + wide;
    const int32_t room = kTapRoom / kTapPixel / columns;
    const int32_t rows = s.count > 1 ? (room - height) / s.row_step + 1 : 1;
    const ptrdiff_t row_words = ptrdiff_t{columns} * kTapPixel;
    for (int32_t y = 0, some; y < s.count; y += some) {
      some = s.count - y < rows ? s.count - y : rows;
      copy_words(s, s.rows + y * s.row_step, (some - 1) * s.row_step + height,
                 begin * stride - shape.pad_left, columns, pixels);
      for (int32_t i = 0; i < some; ++i)
        row(s, pixels + i * s.row_step * row_words, row_words,
            s.out + (y + i) * s.out_row + (begin - s.begin) * s.out_pixel, count);
    }
  }
}

}  // namespace
}  // namespace pinfer
