// SPDX-License-Identifier: Apache-2.0
// NEON variants of the average and the maximum: 16 channels of bytes or 4 of floats at a time.
//
// Byte sums of up to 256 pixels fit 16 bits and are added to 32 bits in between. They are divided
// as floats, which is exact while they stay below 2^23: windows of more than 2^15 pixels, and
// 32-bit ARM, which has no vector division, are left to the judge.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/pool/pool.h"

namespace pinfer {

void pool_average_s8__scalar(const PoolArgs& args) noexcept;
void pool_average_u8__scalar(const PoolArgs& args) noexcept;
void pool_average_f32__scalar(const PoolArgs& args) noexcept;

namespace {

constexpr int kStep = 16;
constexpr float kLowestFloat = -0x1.fffffep127f;

int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

// The part of a window that lies inside the picture: `height` rows of `width` pixels.
struct Window {
  const uint8_t* first;
  int64_t height, width, row_bytes, pixel_bytes;
};

Window window_at(const PoolShape& s, const uint8_t* picture, int64_t out_y, int64_t out_x) {
  const int64_t y = out_y * s.stride_h - s.pad_top, x = out_x * s.stride_w - s.pad_left;
  const int64_t y_begin = larger(y, 0), x_begin = larger(x, 0);
  const int64_t row_bytes = int64_t{s.in_w} * s.channels;
  return {picture + y_begin * row_bytes + x_begin * s.channels,
          smaller(y + s.filter_h, s.in_h) - y_begin, smaller(x + s.filter_w, s.in_w) - x_begin,
          row_bytes, s.channels};
}

// `count` bytes, at most 16.
uint8x16_t load(const uint8_t* from, int64_t count) {
  if (count == kStep) return vld1q_u8(from);
  uint8_t bytes[kStep] = {};
  memcpy(bytes, from, static_cast<size_t>(count));
  return vld1q_u8(bytes);
}
void store(uint8_t* to, uint8x16_t x, int64_t count) {
  if (count == kStep) return vst1q_u8(to, x);
  uint8_t bytes[kStep];
  vst1q_u8(bytes, x);
  memcpy(to, bytes, static_cast<size_t>(count));
}

uint8x16_t clamped_s8(int8x16_t x, const ClampRange& range) {
  x = vmaxq_s8(x, vdupq_n_s8(static_cast<int8_t>(range.low)));
  return vreinterpretq_u8_s8(vminq_s8(x, vdupq_n_s8(static_cast<int8_t>(range.high))));
}
uint8x16_t clamped_u8(uint8x16_t x, const ClampRange& range) {
  x = vmaxq_u8(x, vdupq_n_u8(static_cast<uint8_t>(range.low)));
  return vminq_u8(x, vdupq_n_u8(static_cast<uint8_t>(range.high)));
}

struct MaximumS8 {
  int8x16_t most = vdupq_n_s8(INT8_MIN);
  void add(uint8x16_t pixel) { most = vmaxq_s8(most, vreinterpretq_s8_u8(pixel)); }
  void fold() {}
  uint8x16_t result(const PoolArgs& args, int64_t) const { return clamped_s8(most, args.clamp); }
};

// Four floats as 16 bytes.
struct MaximumF32 {
  float32x4_t most = vdupq_n_f32(kLowestFloat);
  void add(uint8x16_t pixel) { most = vmaxq_f32(most, vreinterpretq_f32_u8(pixel)); }
  void fold() {}
  uint8x16_t result(const PoolArgs& args, int64_t) const {
    const float32x4_t x = vmaxq_f32(most, vdupq_n_f32(args.float_clamp.low));
    return vreinterpretq_u8_f32(vminq_f32(x, vdupq_n_f32(args.float_clamp.high)));
  }
};

struct MaximumU8 {
  uint8x16_t most = vdupq_n_u8(0);
  void add(uint8x16_t pixel) { most = vmaxq_u8(most, pixel); }
  void fold() {}
  uint8x16_t result(const PoolArgs& args, int64_t) const { return clamped_u8(most, args.clamp); }
};

// Calls add() for each pixel of the window and fold() after at most 256 of them.
template <class Fold>
void fold_window(Fold& fold, const Window& w, int64_t c, int64_t count) {
  int64_t room = 256;
  for (int64_t y = 0; y < w.height; ++y) {
    const uint8_t* from = w.first + y * w.row_bytes + c;
    for (int64_t left = w.width; left > 0;) {
      const int64_t now = smaller(left, room);
      for (int64_t x = 0; x < now; ++x, from += w.pixel_bytes) fold.add(load(from, count));
      left -= now;
      room -= now;
      if (room > 0) continue;
      fold.fold();
      room = 256;
    }
  }
  fold.fold();
}

template <class Fold>
void pool_pixel(const PoolArgs& args, const Window& window, uint8_t* out) {
  const int64_t channels = args.shape.channels, pixels = window.height * window.width;
  int64_t c = 0;
  for (; c + kStep <= channels; c += kStep) {
    Fold fold;
    fold_window(fold, window, c, kStep);
    vst1q_u8(out + c, fold.result(args, pixels));
  }
  if (c == channels) return;
  Fold fold;
  fold_window(fold, window, c, channels - c);
  store(out + c, fold.result(args, pixels), channels - c);
}

template <class Fold>
void pool(const PoolArgs& args) {
  const PoolShape& s = args.shape;
  const int64_t picture_bytes = int64_t{s.in_h} * s.in_w * s.channels;
  auto* out = static_cast<uint8_t*>(args.out) + args.begin * s.out_w * s.channels;
  int64_t batch = args.begin / s.out_h, y = args.begin % s.out_h;
  for (int64_t row = args.begin; row < args.end; ++row) {
    const uint8_t* picture = static_cast<const uint8_t*>(args.in) + batch * picture_bytes;
    for (int64_t x = 0; x < s.out_w; ++x, out += s.channels)
      pool_pixel<Fold>(args, window_at(s, picture, y, x), out);
    if (++y < s.out_h) continue;
    y = 0;
    ++batch;
  }
}

// The walk counts bytes.
template <class Fold>
void pool_floats(PoolArgs args) {
  args.shape.channels *= 4;
  pool<Fold>(args);
}

#if defined(__aarch64__)

// Sixteen sums, and their averages to nearest, halves away from zero.
struct Sums {
  int32x4_t part[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};

  int16x8_t pair(int i, int32x4_t half, float32x4_t pixels) const {
    return vmovn_high_s32(vmovn_s32(average(part[i], half, pixels)),
                          average(part[i + 1], half, pixels));
  }
  static int32x4_t average(int32x4_t sum, int32x4_t half, float32x4_t pixels) {
    const int32x4_t sign = vshrq_n_s32(sum, 31);
    sum = vaddq_s32(sum, vsubq_s32(veorq_s32(half, sign), sign));
    return vcvtq_s32_f32(vdivq_f32(vcvtq_f32_s32(sum), pixels));
  }
  // The low byte of each average.
  uint8x16_t averages(int64_t pixels) const {
    const int32x4_t half = vdupq_n_s32(static_cast<int32_t>(pixels / 2));
    const float32x4_t divisor = vdupq_n_f32(static_cast<float>(pixels));
    const uint8x16_t low = vreinterpretq_u8_s16(pair(0, half, divisor));
    return vuzp1q_u8(low, vreinterpretq_u8_s16(pair(2, half, divisor)));
  }
};

struct AverageS8 {
  Sums sums;
  int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
  void add(uint8x16_t pixel) {
    const int8x16_t x = vreinterpretq_s8_u8(pixel);
    low = vaddw_s8(low, vget_low_s8(x));
    high = vaddw_high_s8(high, x);
  }
  void fold() {
    sums.part[0] = vaddw_s16(sums.part[0], vget_low_s16(low));
    sums.part[1] = vaddw_high_s16(sums.part[1], low);
    sums.part[2] = vaddw_s16(sums.part[2], vget_low_s16(high));
    sums.part[3] = vaddw_high_s16(sums.part[3], high);
    low = high = vdupq_n_s16(0);
  }
  uint8x16_t result(const PoolArgs& args, int64_t pixels) const {
    return clamped_s8(vreinterpretq_s8_u8(sums.averages(pixels)), args.clamp);
  }
};

struct AverageU8 {
  Sums sums;
  uint16x8_t low = vdupq_n_u16(0), high = vdupq_n_u16(0);
  static int32x4_t plus(int32x4_t sum, uint16x4_t x) {
    return vreinterpretq_s32_u32(vaddw_u16(vreinterpretq_u32_s32(sum), x));
  }
  void add(uint8x16_t pixel) {
    low = vaddw_u8(low, vget_low_u8(pixel));
    high = vaddw_high_u8(high, pixel);
  }
  void fold() {
    sums.part[0] = plus(sums.part[0], vget_low_u16(low));
    sums.part[1] = plus(sums.part[1], vget_high_u16(low));
    sums.part[2] = plus(sums.part[2], vget_low_u16(high));
    sums.part[3] = plus(sums.part[3], vget_high_u16(high));
    low = high = vdupq_n_u16(0);
  }
  uint8x16_t result(const PoolArgs& args, int64_t pixels) const {
    return clamped_u8(sums.averages(pixels), args.clamp);
  }
};

// Four floats as 16 bytes, added in the order of the judge.
struct AverageF32 {
  float32x4_t sum = vdupq_n_f32(0.0f);
  void add(uint8x16_t pixel) { sum = vaddq_f32(sum, vreinterpretq_f32_u8(pixel)); }
  void fold() {}
  uint8x16_t result(const PoolArgs& args, int64_t pixels) const {
    float32x4_t x = vdivq_f32(sum, vdupq_n_f32(static_cast<float>(pixels)));
    x = vmaxq_f32(x, vdupq_n_f32(args.float_clamp.low));
    return vreinterpretq_u8_f32(vminq_f32(x, vdupq_n_f32(args.float_clamp.high)));
  }
};

bool left_to_the_judge(const PoolShape& s) {
  return smaller(s.filter_h, s.in_h) * smaller(s.filter_w, s.in_w) > 1 << 15;
}

#endif

}  // namespace

void pool_maximum_s8__neon(const PoolArgs& args) noexcept { pool<MaximumS8>(args); }
void pool_maximum_u8__neon(const PoolArgs& args) noexcept { pool<MaximumU8>(args); }
void pool_maximum_f32__neon(const PoolArgs& args) noexcept { pool_floats<MaximumF32>(args); }

#if defined(__aarch64__)
void pool_average_s8__neon(const PoolArgs& args) noexcept {
  if (left_to_the_judge(args.shape)) return pool_average_s8__scalar(args);
  pool<AverageS8>(args);
}
void pool_average_u8__neon(const PoolArgs& args) noexcept {
  if (left_to_the_judge(args.shape)) return pool_average_u8__scalar(args);
  pool<AverageU8>(args);
}
void pool_average_f32__neon(const PoolArgs& args) noexcept { pool_floats<AverageF32>(args); }
#else
void pool_average_s8__neon(const PoolArgs& args) noexcept { pool_average_s8__scalar(args); }
void pool_average_u8__neon(const PoolArgs& args) noexcept { pool_average_u8__scalar(args); }
void pool_average_f32__neon(const PoolArgs& args) noexcept { pool_average_f32__scalar(args); }
#endif

}  // namespace pinfer
