// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <type_traits>

#include "runtime/kernels/resize/resize.h"

namespace pinfer {
namespace {

// The four neighbours of one output pixel.
template <class T>
struct Corners {
  const T *v00, *v01, *v10, *v11;  // row, column
};

template <class T>
Corners<T> corners(const T* image, const ResizeArgs& args, const ResizeTap& row,
                   const ResizeTap& column) {
  const auto at = [&](std::int32_t y, std::int32_t x) {
    return image + (y * args.in_width + x) * args.channels;
  };
  return {at(row.low, column.low), at(row.low, column.high), at(row.high, column.low),
          at(row.high, column.high)};
}

template <class T>
void blend_float(const Corners<T>& v, const ResizeTap& row, const ResizeTap& column,
                 std::int64_t channels, T* out) {
  constexpr float kRound = static_cast<T>(0.5f) == T{0} ? 0.5f : 0.0f;  // integers only
  const float y1 = row.weight, y0 = 1.0f - y1, x1 = column.weight, x0 = 1.0f - x1;
  for (std::int64_t c = 0; c < channels; ++c)
    out[c] = static_cast<T>(
        static_cast<float>(v.v00[c]) * y0 * x0 + static_cast<float>(v.v10[c]) * y1 * x0 +
        static_cast<float>(v.v01[c]) * y0 * x1 + static_cast<float>(v.v11[c]) * y1 * x1 + kRound);
}

template <class T>
void blend_integer(const Corners<T>& v, const ResizeTap& row, const ResizeTap& column,
                   std::int64_t channels, T* out) {
  // Weights sum up to 2^20, so sums of bytes fit 32 bits.
  using Sum = std::conditional_t<sizeof(T) == 1, std::int32_t, std::int64_t>;
  const Sum y1 = row.weight_1024, y0 = 1024 - y1;
  const Sum x1 = column.weight_1024, x0 = 1024 - x1;
  const Sum w00 = y0 * x0, w01 = y0 * x1, w10 = y1 * x0, w11 = y1 * x1;
  const T *v00 = v.v00, *v01 = v.v01, *v10 = v.v10, *v11 = v.v11;
  for (std::int64_t c = 0; c < channels; ++c) {
    const Sum sum = v00[c] * w00 + v01[c] * w01 + v10[c] * w10 + v11[c] * w11;
    const Sum half = sum > 0 ? 1 << 19 : -(1 << 19);
    out[c] = static_cast<T>((sum + half) / (1 << 20));
  }
}

template <class T,
          void (*kBlend)(const Corners<T>&, const ResizeTap&, const ResizeTap&, std::int64_t, T*)>
void resize(const ResizeArgs& args) {
  for (std::int64_t i = args.begin; i < args.end; ++i) {
    const std::int64_t image = i / args.out_height;
    const ResizeTap& row = args.rows[i % args.out_height];
    const T* in =
        static_cast<const T*>(args.in) + image * args.in_height * args.in_width * args.channels;
    T* out = static_cast<T*>(args.out) + i * args.out_width * args.channels;
    for (std::int64_t x = 0; x < args.out_width; ++x, out += args.channels)
      kBlend(corners(in, args, row, args.columns[x]), row, args.columns[x], args.channels, out);
  }
}

void take_nearest(const Corners<std::uint8_t>& v, const ResizeTap&, const ResizeTap&,
                  std::int64_t channels, std::uint8_t* out) {
  memcpy(out, v.v00, static_cast<std::size_t>(channels));
}

}  // namespace

void resize_nearest_x8__scalar(const ResizeArgs& args) noexcept {
  resize<std::uint8_t, take_nearest>(args);
}

void resize_bilinear_f32__scalar(const ResizeArgs& args) noexcept {
  resize<float, blend_float<float>>(args);
}

void resize_bilinear_u8__scalar(const ResizeArgs& args) noexcept {
  resize<std::uint8_t, blend_float<std::uint8_t>>(args);
}

void resize_bilinear_s8__scalar(const ResizeArgs& args) noexcept {
  resize<std::int8_t, blend_integer<std::int8_t>>(args);
}

void resize_bilinear_s16__scalar(const ResizeArgs& args) noexcept {
  resize<std::int16_t, blend_integer<std::int16_t>>(args);
}

}  // namespace pinfer
