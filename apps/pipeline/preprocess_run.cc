// SPDX-License-Identifier: Apache-2.0
// The hot half of Preprocess: one row of floats at a time, then quantized into the tensor.
#include <algorithm>
#include <limits>

#include "apps/pipeline/preprocess.h"

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

}  // namespace

Status Preprocess::run(const Frame& frame, std::byte* input) noexcept {
  if (geometry_of(frame) != frame_) return Status::bad_value;
  switch (dtype_) {
    case DType::f32:
      store_rows(frame, reinterpret_cast<float*>(input));
      return Status::ok;
    case DType::i8:
      store_rows(frame, reinterpret_cast<std::int8_t*>(input));
      return Status::ok;
    case DType::u8:
      store_rows(frame, reinterpret_cast<std::uint8_t*>(input));
      return Status::ok;
    case DType::i16:
      store_rows(frame, reinterpret_cast<std::int16_t*>(input));
      return Status::ok;
    default:
      return Status::bad_value;
  }
}

template <class T>
void Preprocess::store_rows(const Frame& frame, T* input) noexcept {
  const std::size_t row_step = static_cast<std::size_t>(layout_.width) * layout_.pixel_step;
  for (int y = 0; y < layout_.height; ++y) {
    const int row = y - to_.y;
    if (row >= 0 && row < to_.height)
      resize_row(frame, rows_[static_cast<std::size_t>(row)]);
    else
      std::fill(row_.begin(), row_.end(), 0.0f);
    store_row(input + static_cast<std::size_t>(y) * row_step);
  }
}

void Preprocess::resize_row(const Frame& frame, const Tap& tap) noexcept {
  const std::uint8_t* top = frame.data + static_cast<std::size_t>(tap.lower) * frame.stride;
  const std::uint8_t* bottom = frame.data + static_cast<std::size_t>(tap.upper) * frame.stride;
  const auto channels = static_cast<std::size_t>(layout_.channels);
  const auto begin = row_.begin();
  std::fill(begin, begin + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(to_.x) * channels),
            0.0f);
  std::fill(
      begin + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(to_.x + to_.width) * channels),
      row_.end(), 0.0f);
  if (layout_.channels == 3)
    resize_pixels<3, 3>(top, bottom, tap.fraction);
  else if (to_gray_)
    resize_pixels<3, 1>(top, bottom, tap.fraction);
  else
    resize_pixels<1, 1>(top, bottom, tap.fraction);
}

// `source_channels` values are interpolated at each place; three may then make one of gray.
template <int source_channels, int channels>
void Preprocess::resize_pixels(const std::uint8_t* top, const std::uint8_t* bottom,
                               float fraction) noexcept {
  float* out = row_.data() + static_cast<std::size_t>(to_.x) * channels;
  for (const Tap& tap : columns_) {
    std::array<float, source_channels> values;
    for (std::size_t c = 0; c < source_channels; ++c) {
      const int byte = source_channel_[c];
      const float top_left = top[tap.lower + byte];
      const float top_right = top[tap.upper + byte];
      const float bottom_left = bottom[tap.lower + byte];
      const float bottom_right = bottom[tap.upper + byte];
      const float upper = top_left + (top_right - top_left) * tap.fraction;
      const float lower = bottom_left + (bottom_right - bottom_left) * tap.fraction;
      values[c] = upper + (lower - upper) * fraction;
    }
    if constexpr (channels == source_channels) {
      out = std::copy(values.begin(), values.end(), out);
    } else {
      *out++ = 0.299f * values[0] + 0.587f * values[1] + 0.114f * values[2];
    }
  }
}

template <class T>
void Preprocess::store_row(T* input) const noexcept {
  const float* value = row_.data();
  const auto channels = static_cast<std::size_t>(layout_.channels);
  for (int x = 0; x < layout_.width; ++x, input += layout_.pixel_step) {
    for (std::size_t c = 0; c < channels; ++c) {
      T& target = input[c * layout_.channel_step];
      if constexpr (std::is_same_v<T, float>) {
        target = (*value++ - mean_[c]) / std_[c];
      } else if (plain_) {
        target = clamp_to<T>(round_half_away(*value++) + zero_point_);
      } else {
        const float scaled = (*value++ - mean_[c]) / std_[c] / scale_;
        // Far outside the type's range already, and inside int32.
        target = clamp_to<T>(round_half_away(std::clamp(scaled, -1e6f, 1e6f)) + zero_point_);
      }
    }
  }
}

}  // namespace pinfer
