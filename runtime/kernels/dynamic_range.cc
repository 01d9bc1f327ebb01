// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_range.h"

#include <algorithm>
#include <cmath>

namespace pinfer {
namespace {

struct Range {
  float low = 0.0f, high = 0.0f;
};

Range range_of(const float* values, std::int64_t count) noexcept {
  if (count <= 0) return {};
  Range range{values[0], values[0]};
  for (std::int64_t i = 1; i < count; ++i) {
    if (values[i] < range.low) range.low = values[i];
    if (values[i] > range.high) range.high = values[i];
  }
  return range;
}

// Rounded, halves away from zero, within [low, 127]; not a number becomes `low`.
std::int8_t to_s8(float value, float low) noexcept {
  const float rounded = std::round(value);
  if (!(rounded > low)) return static_cast<std::int8_t>(low);
  return static_cast<std::int8_t>(std::min(rounded, 127.0f));
}

}  // namespace

DynamicQuant quantize_symmetric(const float* values, std::int64_t count,
                                std::int8_t* out) noexcept {
  const Range found = range_of(values, count);
  const float range = std::max(std::abs(found.low), std::abs(found.high));
  if (range == 0.0f) {
    std::fill_n(out, count, std::int8_t{0});
    return {};
  }
  const float inverse = 127.0f / range;
  for (std::int64_t i = 0; i < count; ++i) out[i] = to_s8(values[i] * inverse, -127.0f);
  return {range / 127.0f, 0};
}

DynamicQuant quantize_asymmetric(const float* values, std::int64_t count,
                                 std::int8_t* out) noexcept {
  const Range found = range_of(values, count);
  const double low = std::min(0.0f, found.low), high = std::max(0.0f, found.high);
  if (low == high) {
    std::fill_n(out, count, std::int8_t{0});
    return {};
  }
  const double scale = (high - low) / 255.0;
  // Of the two ends, the one that is nearer to zero fixes the zero point more exactly.
  const double from_low = -128.0 - low / scale, from_high = 127.0 - high / scale;
  const bool low_is_exact = 128.0 + std::abs(low / scale) < 127.0 + std::abs(high / scale);
  const double zero = low_is_exact ? from_low : from_high;
  DynamicQuant quant;
  quant.scale = static_cast<float>(scale);
  quant.zero = to_s8(static_cast<float>(std::clamp(std::round(zero), -128.0, 127.0)), -128.0f);
  const float inverse = 1.0f / quant.scale;
  for (std::int64_t i = 0; i < count; ++i)
    out[i] = to_s8(static_cast<float>(quant.zero) + values[i] * inverse, -128.0f);
  return quant;
}

}  // namespace pinfer
