// SPDX-License-Identifier: Apache-2.0
// Depthwise 3 x 3 in int8 for ARMv8.0: eight channels slide along two rows of output, so that each
// input pixel is loaded once for six taps and stays in a register.
//
// A lane of 16 bits holds the products of several taps where the group's weights allow it for any
// input (layout.h); smlal then needs one widening addition for all of them.
#include <arm_neon.h>

#include "runtime/kernels/depthwise/finish_neon.h"

namespace pinfer {
namespace {

// One input column of a strip: the pixels of kCount rows.
template <int kCount>
struct Bytes {
  int8x8_t row[kCount];
};
template <int kCount>
struct Words {
  int16x8_t row[kCount];
};

[[gnu::always_inline]] inline Sums widen_add(Sums to, int16x8_t v) noexcept {
#if defined(__aarch64__)
  return {vaddw_s16(to.low, vget_low_s16(v)), vaddw_high_s16(to.high, v)};
#else
  return {vaddw_s16(to.low, vget_low_s16(v)), vaddw_s16(to.high, vget_high_s16(v))};
#endif
}

// The taps 0..8 after which the 16-bit sums are added to the 32-bit ones, as bits.
constexpr int flush_after(int sum) noexcept {
  return sum == kSumPairs ? 0x1aa : sum == kSumThrees ? 0x124 : sum == kSumHalves ? 0x110 : 0x100;
}

// Nine int8 weights and the sum of one output.
template <int kSum>
struct Weights {
  template <int kCount>
  using Column = Bytes<kCount>;
  int8x8_t tap[9];

  explicit Weights(const DepthwiseGroup& group) noexcept {
    const auto* from = reinterpret_cast<const int8_t*>(&group + 1);
    for (int i = 0; i < 9; ++i) tap[i] = vld1_s8(from + 8 * i);
  }
  [[gnu::always_inline]] static int8x8_t load(const int8_t* from) noexcept { return vld1_s8(from); }
  [[gnu::always_inline]] static int8x8_t fill(int32_t value) noexcept {
    return vdup_n_s8(static_cast<int8_t>(value));
  }

  template <int kRow, class C>
  [[gnu::always_inline]] Sums sum(Sums total, const C& a, const C& b, const C& c) const noexcept {
    int16x8_t part = vmull_s8(a.row[kRow], tap[0]);
    add<1>(total, part, b.row[kRow]);
    add<2>(total, part, c.row[kRow]);
    add<3>(total, part, a.row[kRow + 1]);
    add<4>(total, part, b.row[kRow + 1]);
    add<5>(total, part, c.row[kRow + 1]);
    add<6>(total, part, a.row[kRow + 2]);
    add<7>(total, part, b.row[kRow + 2]);
    add<8>(total, part, c.row[kRow + 2]);
    return widen_add(total, part);
  }

 private:
  // One more tap, in the 16-bit sum of the tap before where that fits.
  template <int kTap>
  [[gnu::always_inline]] void add(Sums& total, int16x8_t& part, int8x8_t x) const noexcept {
    if constexpr ((flush_after(kSum) >> (kTap - 1) & 1) != 0) {
      total = widen_add(total, part);
      part = vmull_s8(x, tap[kTap]);
    } else {
      part = vmlal_s8(part, x, tap[kTap]);
    }
  }
};

// Weights beyond int8: everything as int16, products in 32 bits.
template <>
struct Weights<kSumWide> {
  template <int kCount>
  using Column = Words<kCount>;
  int16x8_t tap[9];

  explicit Weights(const DepthwiseGroup& group) noexcept {
    const auto* from = reinterpret_cast<const int16_t*>(&group + 1);
    for (int i = 0; i < 9; ++i) tap[i] = vld1q_s16(from + 8 * i);
  }
  [[gnu::always_inline]] static int16x8_t load(const int8_t* from) noexcept {
    return vmovl_s8(vld1_s8(from));
  }
  [[gnu::always_inline]] static int16x8_t fill(int32_t value) noexcept {
    return vdupq_n_s16(static_cast<int16_t>(value));
  }

  template <int kRow, class C>
  [[gnu::always_inline]] Sums sum(Sums total, const C& a, const C& b, const C& c) const noexcept {
    total = add(total, a.row[kRow], tap[0]);
    total = add(total, b.row[kRow], tap[1]);
    total = add(total, c.row[kRow], tap[2]);
    total = add(total, a.row[kRow + 1], tap[3]);
    total = add(total, b.row[kRow + 1], tap[4]);
    total = add(total, c.row[kRow + 1], tap[5]);
    total = add(total, a.row[kRow + 2], tap[6]);
    total = add(total, b.row[kRow + 2], tap[7]);
    return add(total, c.row[kRow + 2], tap[8]);
  }

 private:
  [[gnu::always_inline]] static Sums add(Sums to, int16x8_t x, int16x8_t w) noexcept {
    const int32x4_t low = vmlal_s16(to.low, vget_low_s16(x), vget_low_s16(w));
#if defined(__aarch64__)
    return {low, vmlal_high_s16(to.high, x, w)};
#else
    return {low, vmlal_s16(to.high, vget_high_s16(x), vget_high_s16(w))};
#endif
  }
};

// kRows rows of output at once; their windows are kStride apart in both directions.
template <int kSum, int kFinish, int kStride, int kRows>
struct Slide {
  static constexpr int kIn = kRows == 1 ? 3 : 3 + kStride;
  using W = Weights<kSum>;
  using Column = typename W::template Column<kIn>;

  const Finish<kFinish>& finish;
  const W& weights;
  const int8_t* row[kIn];
  ptrdiff_t pixel;

  [[gnu::always_inline]] Column load(ptrdiff_t at) const noexcept {
    Column c;
    for (int i = 0; i < kIn; ++i) c.row[i] = W::load(row[i] + at);
    return c;
  }
  [[gnu::always_inline]] Column load_checked(int32_t x, int32_t width,
                                             int32_t zero) const noexcept {
    if (x >= 0 && x < width) return load(x * pixel);
    Column c;
    for (int i = 0; i < kIn; ++i) c.row[i] = W::fill(zero);
    return c;
  }
  // Results of one column of output.
  [[gnu::always_inline]] void step(int8_t* out, ptrdiff_t out_row, const Column& a, const Column& b,
                                   const Column& c) const noexcept {
    const int16x8_t first = finish.scale(weights.template sum<0>(finish.bias, a, b, c));
    if constexpr (kRows == 1) {
      vst1_s8(out, finish.place(first));
    } else {
      const int16x8_t second = finish.scale(weights.template sum<kStride>(finish.bias, a, b, c));
      const int8x16_t both = finish.place(first, second);
      vst1_s8(out, vget_low_s8(both));
      vst1_s8(out + out_row, vget_high_s8(both));
    }
  }
  // Columns [begin, end) of output, all windows inside; `a` and `b` are the left columns of the
  // first window, and of the one behind the last when it returns. kStride 2 has no `b`.
  [[gnu::always_inline]] void inside(const DepthwiseStrip& s, ptrdiff_t at, int32_t count,
                                     int8_t*& out, Column& a, Column& b) const noexcept {
    const ptrdiff_t p = pixel;
    for (;;) {
      if constexpr (kStride == 1) {
        Column c = load(at);
        step(out, s.out_row, a, b, c);
        at += p, out += s.out_pixel;
        if (--count == 0) {
          a = b, b = c;
          return;
        }
        a = load(at);
        step(out, s.out_row, b, c, a);
        at += p, out += s.out_pixel;
        if (--count == 0) {
          b = a, a = c;
          return;
        }
        b = load(at);
        step(out, s.out_row, c, a, b);
        at += p, out += s.out_pixel;
        if (--count == 0) return;
      } else {
        b = load(at);
        Column c = load(at + p);
        step(out, s.out_row, a, b, c);
        at += 2 * p, out += s.out_pixel;
        if (--count == 0) {
          a = c;
          return;
        }
        b = load(at);
        a = load(at + p);
        step(out, s.out_row, c, b, a);
        at += 2 * p, out += s.out_pixel;
        if (--count == 0) return;
      }
    }
  }
  [[gnu::always_inline]] void run(const DepthwiseStrip& s, int8_t* out) const noexcept {
    const int32_t width = s.args->shape.in_width, zero = s.args->input_zero;
    const int32_t pad = s.args->shape.pad_left;
    // Columns of output for which step() finds what inside() loads inside the input.
    const int32_t first = kStride == 1 ? pad - 2 : pad / 2;
    const int32_t last = s.inside_end < s.end ? s.inside_end : s.end;
    int32_t x = s.begin * kStride - pad;
    Column a = load_checked(x, width, zero), b = a;
    if constexpr (kStride == 1) b = load_checked(x + 1, width, zero);
    for (int32_t column = s.begin; column < s.end; x += kStride, ++column) {
      const int32_t next = kStride == 1 ? x + 2 : x + 1;
      if (column >= first && column < last) {
        const int32_t count = last - column;
        inside(s, next * pixel, count, out, a, b);
        column += count - 1, x += (count - 1) * kStride;
        continue;
      }
      if constexpr (kStride == 2) b = load_checked(next, width, zero);
      const Column c = load_checked(x + 2, width, zero);
      step(out, s.out_row, a, b, c);
      out += s.out_pixel;
      if constexpr (kStride == 1) a = b, b = c;
      if constexpr (kStride == 2) a = c;
    }
  }
};

template <int kSum, int kFinish, int kStride>
void strip_of(const DepthwiseStrip& s) noexcept {
  const Finish<kFinish> finish(*s.group, *s.args);
  const Weights<kSum> weights(*s.group);
  const ptrdiff_t channel = s.group->channel;
  const int8_t* const* rows = s.rows;
  int8_t* out = s.out;
  int32_t left = s.count;
  for (; left >= 2; left -= 2, rows += 2 * kStride, out += 2 * s.out_row) {
    Slide<kSum, kFinish, kStride, 2> slide{finish, weights, {}, s.in_pixel};
    for (int i = 0; i < 3 + kStride; ++i) slide.row[i] = rows[i] + channel;
    slide.run(s, out);
  }
  if (left == 0) return;
  Slide<kSum, kFinish, kStride, 1> slide{finish, weights, {}, s.in_pixel};
  for (int i = 0; i < 3; ++i) slide.row[i] = rows[i] + channel;
  slide.run(s, out);
}

template <int kSum, int kFinish>
void strip_by_stride(const DepthwiseStrip& s) noexcept {
  s.args->shape.stride_w == 1 ? strip_of<kSum, kFinish, 1>(s) : strip_of<kSum, kFinish, 2>(s);
}
template <int kSum>
void strip_by_finish(const DepthwiseStrip& s) noexcept {
  s.group->finish == kFinishRelu ? strip_by_stride<kSum, kFinishRelu>(s)
                                 : strip_by_stride<kSum, kFinishRight>(s);
}

void strip(const DepthwiseStrip& s) noexcept {
  const int32_t sum = s.group->sum;
  if (s.group->finish == kFinishAny)
    sum == kSumWide ? strip_by_stride<kSumWide, kFinishAny>(s)
                    : strip_by_stride<kSumPairs, kFinishAny>(s);
  else if (sum == kSumWide)
    strip_by_finish<kSumWide>(s);
  else if (sum == kSumPairs)
    strip_by_finish<kSumPairs>(s);
  else if (sum == kSumThrees)
    strip_by_finish<kSumThrees>(s);
  else if (sum == kSumHalves)
    strip_by_finish<kSumHalves>(s);
  else
    strip_by_finish<kSumWhole>(s);
}

void run(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  depthwise_walk(args, block, strip);
}

bool suits(const ConvShape& s) noexcept {
  return s.filter_height == 3 && s.filter_width == 3 && s.dilation_w == 1 && s.stride_w <= 2;
}

}  // namespace

extern const DepthwiseKernel depthwise_s8_3x3__neon;
const DepthwiseKernel depthwise_s8_3x3__neon{
    "depthwise_s8_3x3__neon",
    isa::neon,
    MacTypes::s8,
    suits,
    run,
    {depthwise_packed_bytes, depthwise_pack, depthwise_scratch_bytes, depthwise_arrange_units,
     depthwise_arrange}};

}  // namespace pinfer
