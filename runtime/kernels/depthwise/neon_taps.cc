// SPDX-License-Identifier: Apache-2.0
// Depthwise windows of any size in int8 for ARMv8.0. Eight channels of the rows that a piece of the
// output needs are copied side by side, together with the columns outside, so that every window is
// alike; four neighbouring outputs share each weight.
#include <arm_neon.h>
#include <string.h>

#include "runtime/kernels/depthwise/finish_neon.h"

namespace pinfer {
namespace {

constexpr int32_t kTile = 4;  // outputs at once
constexpr int32_t kPixel = 8;
constexpr int32_t kColumns = 128;  // at most, in a row of the copy
constexpr int32_t kRoom = 16 * kColumns * kPixel;

[[gnu::always_inline]] inline Sums widen_add(Sums to, int16x8_t v) noexcept {
#if defined(__aarch64__)
  return {vaddw_s16(to.low, vget_low_s16(v)), vaddw_high_s16(to.high, v)};
#else
  return {vaddw_s16(to.low, vget_low_s16(v)), vaddw_s16(to.high, vget_high_s16(v))};
#endif
}

[[gnu::always_inline]] inline Sums wide_add(Sums to, int8x8_t x, int16x8_t w) noexcept {
  const int16x8_t wide = vmovl_s8(x);
#if defined(__aarch64__)
  return {vmlal_s16(to.low, vget_low_s16(wide), vget_low_s16(w)), vmlal_high_s16(to.high, wide, w)};
#else
  return {vmlal_s16(to.low, vget_low_s16(wide), vget_low_s16(w)),
          vmlal_s16(to.high, vget_high_s16(wide), vget_high_s16(w))};
#endif
}

// The window and where it begins in the copy.
struct Window {
  const int8_t* pixels;
  ptrdiff_t row_bytes;
  int32_t height, width, stride, dilation;
};

// Sums of kTile outputs over a window of any width: runs of `run` taps in 16 bits, 0: wide.
template <int kWidth, int kStride, int kRun>
struct Taps;

template <int kRun>
struct Taps<0, 0, kRun> {
  [[gnu::always_inline]] static void add(const Window& window, const PackedGroup& all,
                                         Sums (&total)[kTile]) noexcept {
    const ptrdiff_t next = ptrdiff_t{window.stride} * kPixel;
    const auto* w = reinterpret_cast<const int8_t*>(&all + 1);
    for (int32_t y = 0; y < window.height; ++y) {
      const int8_t* x = window.pixels + y * window.row_bytes;
      for (int32_t done = 0; done < window.width;) {
        if constexpr (kRun == 0) {
          const int16x8_t tap = vld1q_s16(reinterpret_cast<const int16_t*>(w));
          for (int t = 0; t < kTile; ++t) total[t] = wide_add(total[t], vld1_s8(x + t * next), tap);
          w += 2 * kPixel, x += ptrdiff_t{window.dilation} * kPixel, ++done;
        } else {
          int16x8_t part[kTile];
          for (int t = 0; t < kTile; ++t) part[t] = vdupq_n_s16(0);
          const int32_t left = window.width - done;
          for (int32_t i = left < all.group.run ? left : all.group.run; i > 0; --i, ++done) {
            const int8x8_t tap = vld1_s8(w);
            for (int t = 0; t < kTile; ++t) part[t] = vmlal_s8(part[t], vld1_s8(x + t * next), tap);
            w += kPixel, x += ptrdiff_t{window.dilation} * kPixel;
          }
          for (int t = 0; t < kTile; ++t) total[t] = widen_add(total[t], part[t]);
        }
      }
    }
  }
};

// Columns side by side: each is loaded once for all outputs that see it.
template <int kWidth, int kStride, int kRun>
struct Taps {
  [[gnu::always_inline]] static void add(const Window& window, const PackedGroup& all,
                                         Sums (&total)[kTile]) noexcept {
    const auto* w = reinterpret_cast<const int8_t*>(&all + 1);
    const int8_t* x = window.pixels;
    for (int32_t y = window.height; y > 0; --y, x += window.row_bytes) {
      int8x8_t column[kWidth + (kTile - 1) * kStride];
#pragma GCC unroll 16
      for (int i = 0; i < kWidth + (kTile - 1) * kStride; ++i) column[i] = vld1_s8(x + i * kPixel);
      int16x8_t part[kTile];
#pragma GCC unroll 16
      for (int i = 0; i < kWidth; ++i) {
        const int8x8_t tap = vld1_s8(w + i * kPixel);
#pragma GCC unroll 4
        for (int t = 0; t < kTile; ++t) {
          const int8x8_t pixel = column[t * kStride + i];
          part[t] = i % kRun == 0 ? vmull_s8(pixel, tap) : vmlal_s8(part[t], pixel, tap);
          if (i % kRun == kRun - 1 || i == kWidth - 1) total[t] = widen_add(total[t], part[t]);
        }
      }
      w += kWidth * kPixel;
    }
  }
};

template <int kFinish>
[[gnu::always_inline]] inline void store(const Finish<kFinish>& finish, const Sums (&total)[kTile],
                                         int8_t* out, ptrdiff_t pixel, int32_t count) noexcept {
  const int8x16_t first = finish.place(finish.scale(total[0]), finish.scale(total[1]));
  const int8x16_t second = finish.place(finish.scale(total[2]), finish.scale(total[3]));
  vst1_s8(out, vget_low_s8(first));
  if (count > 1) vst1_s8(out + pixel, vget_high_s8(first));
  if (count > 2) vst1_s8(out + 2 * pixel, vget_low_s8(second));
  if (count > 3) vst1_s8(out + 3 * pixel, vget_high_s8(second));
}

// One row of `count` outputs.
template <int kWidth, int kStride, int kRun>
void row_of(const DepthwiseStrip& s, Window window, int8_t* out, int32_t count) noexcept {
  const auto& all = *reinterpret_cast<const PackedGroup*>(s.group);
  const Finish<kFinishAny> any(all, *s.args);
  const Finish<kFinishRight> right(all, *s.args);
  const Finish<kFinishRelu> relu(all, *s.args);
  for (; count > 0; count -= kTile) {
    Sums total[kTile] = {any.bias, any.bias, any.bias, any.bias};
    Taps<kWidth, kStride, kRun>::add(window, all, total);
    if (all.group.finish == kFinishRelu)
      store(relu, total, out, s.out_pixel, count);
    else if (all.group.finish == kFinishRight)
      store(right, total, out, s.out_pixel, count);
    else
      store(any, total, out, s.out_pixel, count);
    window.pixels += kTile * kPixel * ptrdiff_t{window.stride};
    out += kTile * s.out_pixel;
  }
}

using RowFunction = void (*)(const DepthwiseStrip&, Window, int8_t*, int32_t) noexcept;

template <int kStride>
RowFunction row_of_5(int32_t run) noexcept {
  return run >= 5   ? row_of<5, kStride, 5>
         : run >= 3 ? row_of<5, kStride, 3>
                    : row_of<5, kStride, 2>;
}

RowFunction row_function(const ConvShape& shape, int32_t run) noexcept {
  if (run == 0) return row_of<0, 0, 0>;
  if (shape.filter_width == 5 && shape.dilation_w == 1 && run > 1) {
    if (shape.stride_w == 1) return row_of_5<1>(run);
    if (shape.stride_w == 2) return row_of_5<2>(run);
  }
  return row_of<0, 0, 1>;
}

// Input columns [x, x + columns) of `rows` rows, zero points outside.
void copy(const DepthwiseStrip& s, const int8_t* const* rows, int32_t count, int32_t x,
          int32_t columns, int8_t* to) noexcept {
  const int32_t width = s.args->shape.in_width;
  const int32_t before = x >= 0 ? 0 : -x < columns ? -x : columns;
  const int32_t last = width - x < before ? before : width - x < columns ? width - x : columns;
  const auto zero = static_cast<uint8_t>(s.args->input_zero);
  for (int32_t y = 0; y < count; ++y, to += ptrdiff_t{columns} * kPixel) {
    memset(to, zero, static_cast<size_t>(before * kPixel));
    const int8_t* from = rows[y] + s.channel + (ptrdiff_t{x} + before) * s.in_pixel;
    for (int32_t i = before; i < last; ++i, from += s.in_pixel)
      vst1_s8(to + i * kPixel, vld1_s8(from));
    memset(to + last * kPixel, zero, static_cast<size_t>((columns - last) * kPixel));
  }
}

int32_t reach(int32_t taps, int32_t dilation) noexcept { return (taps - 1) * dilation + 1; }

void strip(const DepthwiseStrip& s) noexcept {
  const ConvShape& shape = s.args->shape;
  const int32_t height = shape.filter_height, stride = shape.stride_w;
  const int32_t wide = reach(shape.filter_width, shape.dilation_w);
  alignas(64) int8_t pixels[kRoom];
  const RowFunction row = row_function(shape, s.group->run);
  const int32_t most = ((kColumns - wide) / stride + 1) / kTile * kTile;
  for (int32_t begin = s.begin, count; begin < s.end; begin += count) {
    count = s.end - begin < most ? s.end - begin : most;
    // Whole tiles, so that the last one reads inside the copy.
    const int32_t columns = ((count + kTile - 1) / kTile * kTile - 1) * stride + wide;
    const int32_t room = kRoom / kPixel / columns;
    const int32_t rows = s.count > 1 ? (room - height) / s.row_step + 1 : 1;
    for (int32_t y = 0, some; y < s.count; y += some) {
      some = s.count - y < rows ? s.count - y : rows;
      copy(s, s.rows + y * s.row_step, (some - 1) * s.row_step + height,
           begin * stride - shape.pad_left, columns, pixels);
      Window window{pixels, ptrdiff_t{columns} * kPixel,
                    height, shape.filter_width,
                    stride, shape.dilation_w};
      for (int32_t i = 0; i < some; ++i, window.pixels += s.row_step * window.row_bytes)
        row(s, window, s.out + (y + i) * s.out_row + (begin - s.begin) * s.out_pixel, count);
    }
  }
}

void run(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  depthwise_walk<8>(args, block, depthwise_group_bytes(args.shape), strip);
}

// The copy holds the windows of a tile.
bool suits(const ConvShape& s) noexcept {
  return s.filter_height <= 16 && s.filter_width <= kColumns && s.dilation_w <= kColumns &&
         s.stride_w <= kColumns &&
         reach(s.filter_width, s.dilation_w) + (kTile - 1) * s.stride_w <= kColumns;
}

}  // namespace

extern const DepthwiseKernel depthwise_s8__neon;
const DepthwiseKernel depthwise_s8__neon{
    "depthwise_s8__neon",
    isa::neon,
    MacTypes::s8,
    suits,
    run,
    depthwise_packing<8>(depthwise_packed_bytes, depthwise_pack_runs)};

}  // namespace pinfer
