// SPDX-License-Identifier: Apache-2.0
// 3 x 3 windows that slide along one or two rows of output: each pixel of input is loaded once for
// all the windows that see it and stays in a register. Included by the files of one ISA only, after
// finish_<isa>.h; all of it is local to each of them.
//
// PackedGroup and Finish are those of the ISA. A class of weights says what a column of input is
// and adds up a window:
//   Column<kIn>                  the pixels of kIn rows, a group of channels
//   load(rows, at), fill(zero)   a column of input, a column outside
//   sum<kFirst>(total, a, b, c)  total + the window over rows kFirst.. of three columns
#pragma once

#include "runtime/kernels/depthwise/layout.h"

namespace pinfer {
namespace {

// kRows rows of output at once; their windows are kStride apart in both directions.
template <class Weights, int kFinish, int kStride, int kRows>
struct Slide {
  static constexpr int kIn = kRows == 1 ? 3 : 3 + kStride;
  using Column = typename Weights::template Column<kIn>;

  const Finish<kFinish>& finish;
  const Weights& weights;
  const int8_t* row[kIn];
  ptrdiff_t in_pixel, out_pixel, out_row;

  [[gnu::always_inline]] Column load_checked(int32_t x, int32_t width,
                                             int32_t zero) const noexcept {
    if (x >= 0 && x < width) return Weights::load(row, x * in_pixel);
    return Weights::template fill<kIn>(zero);
  }

  // Results of one column of output.
  [[gnu::always_inline]] void step(int8_t* out, const Column& a, const Column& b,
                                   const Column& c) const noexcept {
    const auto first = finish.scale(weights.template sum<0>(finish.bias, a, b, c));
    if constexpr (kRows == 1)
      finish.store(out, first);
    else
      finish.store(out, out_row, first,
                   finish.scale(weights.template sum<kStride>(finish.bias, a, b, c)));
  }

  // `count` columns of output whose new columns of input, from `at` on, are inside. `a` and `b` are
  // the left columns of the first window, and of the one behind the last when it returns; stride 2
  // has no `b`. The roles of the registers rotate: nothing is copied.
  [[gnu::always_inline]] int8_t* inside(ptrdiff_t at, int32_t count, int8_t* out, Column& a,
                                        Column& b) const noexcept {
    const ptrdiff_t in = in_pixel, next = out_pixel;
    for (;;) {
      if constexpr (kStride == 1) {
        const Column c = Weights::load(row, at);
        step(out, a, b, c);
        at += in, out += next;
        if (--count == 0) {
          a = b, b = c;
          return out;
        }
        a = Weights::load(row, at);
        step(out, b, c, a);
        at += in, out += next;
        if (--count == 0) {
          b = a, a = c;
          return out;
        }
        b = Weights::load(row, at);
        step(out, c, a, b);
        at += in, out += next;
        if (--count == 0) return out;
      } else {
        b = Weights::load(row, at);
        const Column c = Weights::load(row, at + in);
        step(out, a, b, c);
        at += 2 * in, out += next;
        if (--count == 0) {
          a = c;
          return out;
        }
        b = Weights::load(row, at);
        a = Weights::load(row, at + in);
        step(out, c, b, a);
        at += 2 * in, out += next;
        if (--count == 0) return out;
      }
    }
  }

  [[gnu::always_inline]] void run(const DepthwiseStrip& s, int8_t* out) const noexcept {
    const int32_t width = s.args->shape.in_width, zero = s.args->input_zero;
    const int32_t pad = s.args->shape.pad_left, end = s.end;
    // Columns of output for which step() finds what inside() loads inside the input.
    const int32_t first = kStride == 1 ? pad - 2 : pad / 2;
    const int32_t last = s.inside_end < end ? s.inside_end : end;
    int32_t column = s.begin, x = column * kStride - pad;
    Column a = load_checked(x, width, zero), b = a;
    if constexpr (kStride == 1) b = load_checked(x + 1, width, zero);
    while (column < end) {
      if (column >= first && column < last) {
        const int32_t count = last - column;
        out = inside((x + 3 - kStride) * in_pixel, count, out, a, b);
        column = last, x += count * kStride;
        continue;
      }
      if constexpr (kStride == 1) {  // x + 2 is outside
        const Column c = Weights::template fill<kIn>(zero);
        step(out, a, b, c);
        a = b, b = c;
      } else {
        b = load_checked(x + 1, width, zero);
        const Column c = load_checked(x + 2, width, zero);
        step(out, a, b, c);
        a = c;
      }
      out += out_pixel, x += kStride, ++column;
    }
  }
};

template <class Weights, int kFinish, int kStride, int kRows>
[[gnu::always_inline]] inline void slide(const DepthwiseStrip& s, const Finish<kFinish>& finish,
                                         const Weights& weights, int32_t y) noexcept {
  using Slider = Slide<Weights, kFinish, kStride, kRows>;
  Slider slider{finish, weights, {}, s.in_pixel, s.out_pixel, s.out_row};
  for (int i = 0; i < Slider::kIn; ++i) slider.row[i] = s.rows[y * kStride + i] + s.channel;
  slider.run(s, s.out + y * s.out_row);
}

// All rows of the strip, two at once where they are in one list.
template <class Weights, int kFinish, int kStride>
void slide_rows(const DepthwiseStrip& s) noexcept {
  const auto& group = *reinterpret_cast<const PackedGroup*>(s.group);
  const Finish<kFinish> finish(group, *s.args);
  const Weights weights(group);
  int32_t y = 0;
  for (; y + 2 <= s.count; y += 2) slide<Weights, kFinish, kStride, 2>(s, finish, weights, y);
  if (y < s.count) slide<Weights, kFinish, kStride, 1>(s, finish, weights, y);
}

template <class Weights, int kFinish>
void slide_strip(const DepthwiseStrip& s) noexcept {
  s.args->shape.stride_w == 1 ? slide_rows<Weights, kFinish, 1>(s)
                              : slide_rows<Weights, kFinish, 2>(s);
}

// The finish that the group asks for, but for kFinishAny.
template <class Weights>
void slide_small(const DepthwiseStrip& s) noexcept {
  s.group->finish == kFinishRelu ? slide_strip<Weights, kFinishRelu>(s)
                                 : slide_strip<Weights, kFinishRight>(s);
}
template <class Weights>
void slide_any(const DepthwiseStrip& s) noexcept {
  s.group->finish == kFinishAny ? slide_strip<Weights, kFinishAny>(s) : slide_small<Weights>(s);
}

inline bool slides(const ConvShape& s) noexcept {
  return s.filter_height == 3 && s.filter_width == 3 && s.dilation_w == 1 && s.stride_w <= 2;
}

}  // namespace
}  // namespace pinfer
