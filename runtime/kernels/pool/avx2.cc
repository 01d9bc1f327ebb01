// SPDX-License-Identifier: Apache-2.0
// AVX2 variants of the average and the maximum: 16 channels of bytes or 4 of floats at a time.
//
// Byte sums of up to 128 pixels fit 16 bits and are added to 32 bits in between. They are divided
// as floats, which is exact while they stay below 2^23; windows of more than 2^15 pixels are left
// to the judge.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/pool/pool.h"

namespace pinfer {

void pool_average_s8__scalar(const PoolArgs& args) noexcept;
void pool_average_u8__scalar(const PoolArgs& args) noexcept;

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

__m128i load(const uint8_t* from, int64_t count) {
  if (count == kStep) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  alignas(16) uint8_t bytes[kStep] = {};
  memcpy(bytes, from, static_cast<size_t>(count));
  return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes));
}
void store(uint8_t* to, __m128i x, int64_t count) {
  if (count == kStep) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), x);
  alignas(16) uint8_t bytes[kStep];
  _mm_store_si128(reinterpret_cast<__m128i*>(bytes), x);
  memcpy(to, bytes, static_cast<size_t>(count));
}

__m128i all(int32_t byte) { return _mm_set1_epi8(static_cast<char>(byte)); }

template <bool is_signed>
__m128i clamped(__m128i x, const ClampRange& range) {
  if constexpr (is_signed) return _mm_min_epi8(_mm_max_epi8(x, all(range.low)), all(range.high));
  return _mm_min_epu8(_mm_max_epu8(x, all(range.low)), all(range.high));
}

template <bool is_signed>
struct Maximum {
  __m128i most = all(is_signed ? INT8_MIN : 0);
  void add(__m128i pixel) {
    most = is_signed ? _mm_max_epi8(most, pixel) : _mm_max_epu8(most, pixel);
  }
  void fold() {}
  __m128i result(const PoolArgs& args, int64_t) const {
    return clamped<is_signed>(most, args.clamp);
  }
};

// To nearest, halves away from zero.
template <bool is_signed>
struct Average {
  __m256i low = _mm256_setzero_si256(), high = low, words = low;
  void add(__m128i pixel) {
    words = _mm256_add_epi16(words,
                             is_signed ? _mm256_cvtepi8_epi16(pixel) : _mm256_cvtepu8_epi16(pixel));
  }
  // 128 pixels stay below 2^15.
  void fold() {
    low = _mm256_add_epi32(low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(words)));
    high = _mm256_add_epi32(high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(words, 1)));
    words = _mm256_setzero_si256();
  }
  static __m256i quotient(__m256i sum, __m256i half, __m256 pixels) {
    const __m256i sign = _mm256_srai_epi32(sum, 31);
    sum = _mm256_add_epi32(sum, _mm256_sub_epi32(_mm256_xor_si256(half, sign), sign));
    return _mm256_cvttps_epi32(_mm256_div_ps(_mm256_cvtepi32_ps(sum), pixels));
  }
  __m128i result(const PoolArgs& args, int64_t pixels) const {
    const __m256i half = _mm256_set1_epi32(static_cast<int32_t>(pixels / 2));
    const __m256 divisor = _mm256_set1_ps(static_cast<float>(pixels));
    const __m256i mixed =
        _mm256_packs_epi32(quotient(low, half, divisor), quotient(high, half, divisor));
    const __m256i average = _mm256_permute4x64_epi64(mixed, 0xd8);
    const __m128i first = _mm256_castsi256_si128(average);
    const __m128i second = _mm256_extracti128_si256(average, 1);
    return clamped<is_signed>(
        is_signed ? _mm_packs_epi16(first, second) : _mm_packus_epi16(first, second), args.clamp);
  }
};

// Four floats as 16 bytes, added in the order of the judge.
__m128i clamped_floats(__m128 x, const FloatRange& range) {
  x = _mm_max_ps(x, _mm_set1_ps(range.low));
  return _mm_castps_si128(_mm_min_ps(x, _mm_set1_ps(range.high)));
}

struct MaximumF32 {
  __m128 most = _mm_set1_ps(kLowestFloat);
  void add(__m128i pixel) { most = _mm_max_ps(most, _mm_castsi128_ps(pixel)); }
  void fold() {}
  __m128i result(const PoolArgs& args, int64_t) const {
    return clamped_floats(most, args.float_clamp);
  }
};

struct AverageF32 {
  __m128 sum = _mm_setzero_ps();
  void add(__m128i pixel) { sum = _mm_add_ps(sum, _mm_castsi128_ps(pixel)); }
  void fold() {}
  __m128i result(const PoolArgs& args, int64_t pixels) const {
    return clamped_floats(_mm_div_ps(sum, _mm_set1_ps(static_cast<float>(pixels))),
                          args.float_clamp);
  }
};

// Calls add() for each pixel of the window and fold() after at most 128 of them.
template <class Fold>
void fold_window(Fold& fold, const Window& w, int64_t c, int64_t count) {
  int64_t room = 128;
  for (int64_t y = 0; y < w.height; ++y) {
    const uint8_t* from = w.first + y * w.row_bytes + c;
    for (int64_t left = w.width; left > 0;) {
      const int64_t now = smaller(left, room);
      for (int64_t x = 0; x < now; ++x, from += w.pixel_bytes) fold.add(load(from, count));
      left -= now;
      room -= now;
      if (room > 0) continue;
      fold.fold();
      room = 128;
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
    store(out + c, fold.result(args, pixels), kStep);
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

bool left_to_the_judge(const PoolShape& s) {
  return smaller(s.filter_h, s.in_h) * smaller(s.filter_w, s.in_w) > 1 << 15;
}

}  // namespace

void pool_maximum_s8__avx2(const PoolArgs& args) noexcept { pool<Maximum<true>>(args); }
void pool_maximum_u8__avx2(const PoolArgs& args) noexcept { pool<Maximum<false>>(args); }
void pool_maximum_f32__avx2(const PoolArgs& args) noexcept { pool_floats<MaximumF32>(args); }
void pool_average_f32__avx2(const PoolArgs& args) noexcept { pool_floats<AverageF32>(args); }
void pool_average_s8__avx2(const PoolArgs& args) noexcept {
  if (left_to_the_judge(args.shape)) return pool_average_s8__scalar(args);
  pool<Average<true>>(args);
}
void pool_average_u8__avx2(const PoolArgs& args) noexcept {
  if (left_to_the_judge(args.shape)) return pool_average_u8__scalar(args);
  pool<Average<false>>(args);
}

}  // namespace pinfer
