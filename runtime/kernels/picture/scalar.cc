// SPDX-License-Identifier: Apache-2.0
// The picture family in plain loops: the judge of the other variants.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "runtime/kernels/picture/picture.h"

namespace pinfer {
namespace {

// std::round without its call; |value| < 2^31. Exact: value - trunc(value) is.
std::int32_t round_half_away(float value) noexcept {
  const auto whole = static_cast<std::int32_t>(value);
  const float rest = value - static_cast<float>(whole);
  return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

template <class T>
T clamp_to(std::int32_t value) noexcept {
  return static_cast<T>(std::clamp<std::int32_t>(value, std::numeric_limits<T>::min(),
                                                 std::numeric_limits<T>::max()));
}

// One byte of a pixel at all four corners, blended.
float blend(const PictureArgs& args, const PictureTap& tap, int byte) noexcept {
  const float top_left = args.top[tap.lower + byte], top_right = args.top[tap.upper + byte];
  const float bottom_left = args.bottom[tap.lower + byte];
  const float bottom_right = args.bottom[tap.upper + byte];
  const float above = top_left + (top_right - top_left) * tap.fraction;
  const float below = bottom_left + (bottom_right - bottom_left) * tap.fraction;
  return above + (below - above) * args.fraction;
}

template <class T>
T stored(const PictureArgs& args, float value, int channel) noexcept {
  if constexpr (std::is_same_v<T, float>) {
    return (value - args.mean[channel]) / args.std[channel];
  } else if (args.shape.plain) {
    return clamp_to<T>(round_half_away(value) + args.zero);
  } else {
    const float scaled = (value - args.mean[channel]) / args.std[channel] / args.scale;
    // Far outside the type's range already, and inside int32.
    return clamp_to<T>(round_half_away(std::clamp(scaled, -1e6f, 1e6f)) + args.zero);
  }
}

template <class T>
void store_row(const PictureArgs& args) noexcept {
  T* out = static_cast<T*>(args.out);
  const bool to_gray = args.shape.channels == 1 && args.shape.source_channels == 3;
  for (std::int32_t x = 0; x < args.width; ++x, out += args.pixel_step) {
    const PictureTap& tap = args.taps[x];
    if (to_gray) {
      const float red = blend(args, tap, args.order[0]), green = blend(args, tap, args.order[1]);
      const float gray = 0.299f * red + 0.587f * green + 0.114f * blend(args, tap, args.order[2]);
      *out = stored<T>(args, gray, 0);
      continue;
    }
    for (int c = 0; c < args.shape.channels; ++c)
      out[static_cast<std::size_t>(c) * args.channel_step] =
          stored<T>(args, blend(args, tap, args.order[c]), c);
  }
}

void any(const PictureArgs& args) noexcept {
  switch (args.shape.dtype) {
    case DType::i8:
      return store_row<std::int8_t>(args);
    case DType::u8:
      return store_row<std::uint8_t>(args);
    case DType::i16:
      return store_row<std::int16_t>(args);
    default:
      return store_row<float>(args);
  }
}

}  // namespace

extern const PictureKernel picture_any__scalar;
const PictureKernel picture_any__scalar{"picture_any__scalar", isa::scalar, false, nullptr, any};

}  // namespace pinfer
