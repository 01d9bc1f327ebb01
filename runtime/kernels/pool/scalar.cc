// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/kernels/pool/pool.h"

namespace pinfer {
namespace {

using Args = PoolArgs;

// The part of a window that lies inside the picture, in input coordinates.
struct Window {
  std::int64_t y_begin, y_end, x_begin, x_end;
  [[nodiscard]] std::int64_t count() const { return (y_end - y_begin) * (x_end - x_begin); }
};

Window window_at(const PoolShape& s, std::int64_t out_y, std::int64_t out_x) {
  const std::int64_t y = out_y * s.stride_h - s.pad_top, x = out_x * s.stride_w - s.pad_left;
  return {std::max<std::int64_t>(y, 0), std::min<std::int64_t>(y + s.filter_h, s.in_h),
          std::max<std::int64_t>(x, 0), std::min<std::int64_t>(x + s.filter_w, s.in_w)};
}

// Calls fold(sum, value) over the window for one channel, starting from `start`.
template <class T, class Sum, class Fold>
Sum fold_window(const T* picture, const PoolShape& s, const Window& w, std::int64_t c, Sum start,
                const Fold& fold) {
  Sum sum = start;
  for (std::int64_t y = w.y_begin; y < w.y_end; ++y)
    for (std::int64_t x = w.x_begin; x < w.x_end; ++x)
      sum = fold(sum, picture[(y * s.in_w + x) * s.channels + c]);
  return sum;
}

template <class T, class Reduce>
void for_each_output(const Args& args, const Reduce& reduce) noexcept {
  const PoolShape& s = args.shape;
  const T* in = static_cast<const T*>(args.in);
  T* out = static_cast<T*>(args.out);
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const T* picture = in + row / s.out_h * s.in_h * s.in_w * s.channels;
    for (std::int64_t x = 0; x < s.out_w; ++x) {
      const Window window = window_at(s, row % s.out_h, x);
      T* to = out + (row * s.out_w + x) * s.channels;
      for (std::int64_t c = 0; c < s.channels; ++c) to[c] = reduce(picture, window, c);
    }
  }
}

template <class T>
T clamped(T value, const Args& args) {
  if constexpr (std::is_floating_point_v<T>)
    return std::min(std::max(value, args.float_clamp.low), args.float_clamp.high);
  else
    return std::clamp(value, static_cast<T>(args.clamp.low), static_cast<T>(args.clamp.high));
}

template <class T>
void average(const Args& args) noexcept {
  using Sum = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;
  for_each_output<T>(args, [&](const T* picture, const Window& w, std::int64_t c) {
    const Sum sum = fold_window(picture, args.shape, w, c, Sum{0},
                                [](Sum total, T value) { return total + value; });
    const std::int64_t n = w.count();
    if constexpr (std::is_floating_point_v<T>)
      return clamped(sum / static_cast<T>(n), args);
    else
      return clamped(static_cast<T>(sum > 0 ? (sum + n / 2) / n : (sum - n / 2) / n), args);
  });
}

template <class T>
void maximum(const Args& args) noexcept {
  for_each_output<T>(args, [&](const T* picture, const Window& w, std::int64_t c) {
    const T largest = fold_window(picture, args.shape, w, c, std::numeric_limits<T>::lowest(),
                                  [](T a, T b) { return std::max(a, b); });
    return clamped(largest, args);
  });
}

void root_mean_square(const Args& args) noexcept {
  for_each_output<float>(args, [&](const float* picture, const Window& w, std::int64_t c) {
    const float sum = fold_window(picture, args.shape, w, c, 0.0f,
                                  [](float total, float value) { return total + value * value; });
    return clamped(std::sqrt(sum / static_cast<float>(w.count())), args);
  });
}

}  // namespace

void pool_average_s8__scalar(const Args& args) noexcept { average<std::int8_t>(args); }
void pool_average_u8__scalar(const Args& args) noexcept { average<std::uint8_t>(args); }
void pool_average_s16__scalar(const Args& args) noexcept { average<std::int16_t>(args); }
void pool_average_f32__scalar(const Args& args) noexcept { average<float>(args); }
void pool_maximum_s8__scalar(const Args& args) noexcept { maximum<std::int8_t>(args); }
void pool_maximum_u8__scalar(const Args& args) noexcept { maximum<std::uint8_t>(args); }
void pool_maximum_s16__scalar(const Args& args) noexcept { maximum<std::int16_t>(args); }
void pool_maximum_f32__scalar(const Args& args) noexcept { maximum<float>(args); }
void pool_root_mean_square_f32__scalar(const Args& args) noexcept { root_mean_square(args); }

}  // namespace pinfer
