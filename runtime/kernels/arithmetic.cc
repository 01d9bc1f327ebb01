// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/arithmetic.h"

#include <algorithm>
#include <cmath>

namespace pinfer {

bool quantize_multiplier(double real, Multiplier& out) noexcept {
  if (!std::isfinite(real) || real < 0.0) return false;
  if (real == 0.0) {
    out = {};
    return true;
  }
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  auto mantissa = static_cast<std::int64_t>(std::round(fraction * static_cast<double>(1ll << 31)));
  if (mantissa == (1ll << 31)) {
    mantissa /= 2;
    ++shift;
  }
  if (shift < -31) {
    out = {};
    return true;
  }
  if (shift > 30) return false;
  out = {static_cast<std::int32_t>(mantissa), shift};
  return true;
}

std::int32_t multiply_wide(std::int64_t value, Multiplier multiplier) noexcept {
  const std::int32_t reduced =
      multiplier.mantissa < 0x7fff0000 ? ((multiplier.mantissa + (1 << 15)) >> 16) : 0x7fff;
  // Set-up refuses shifts of 8 and more (V10), so the clamp only keeps a defect from being
  // undefined.
  const int total_shift = std::clamp(15 - multiplier.shift, 1, 62);
  const auto product = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) *
                                                 static_cast<std::uint64_t>(reduced));
  const std::int64_t nudge = std::int64_t{1} << (total_shift - 1);
  const auto rounded = static_cast<std::int64_t>(static_cast<std::uint64_t>(product) +
                                                 static_cast<std::uint64_t>(nudge));
  return static_cast<std::int32_t>(rounded >> total_shift);
}

ClampRange quantized_clamp(Activation activation, float scale, std::int32_t zero_point,
                           std::int32_t type_low, std::int32_t type_high) noexcept {
  const auto quantize = [&](float real) {
    const double q = std::round(static_cast<double>(real / scale)) + zero_point;
    return static_cast<std::int32_t>(
        std::clamp(q, static_cast<double>(type_low), static_cast<double>(type_high)));
  };
  switch (activation) {
    case Activation::relu:
      return {std::max(type_low, quantize(0.0f)), type_high};
    case Activation::relu6:
      return {std::max(type_low, quantize(0.0f)), std::min(type_high, quantize(6.0f))};
    case Activation::relu_n1_to_1:
      return {std::max(type_low, quantize(-1.0f)), std::min(type_high, quantize(1.0f))};
    default:
      return {type_low, type_high};
  }
}

FloatRange float_clamp(Activation activation) noexcept {
  constexpr float kMax = std::numeric_limits<float>::max();
  switch (activation) {
    case Activation::relu:
      return {0.0f, kMax};
    case Activation::relu6:
      return {0.0f, 6.0f};
    case Activation::relu_n1_to_1:
      return {-1.0f, 1.0f};
    default:
      return {-kMax, kMax};
  }
}

std::int32_t window_output(Padding padding, std::int32_t in, std::int32_t filter,
                           std::int32_t stride, std::int32_t dilation) noexcept {
  const std::int64_t effective = static_cast<std::int64_t>(filter - 1) * dilation + 1;
  if (padding == Padding::same)
    return static_cast<std::int32_t>((static_cast<std::int64_t>(in) + stride - 1) / stride);
  const std::int64_t span = in - effective + stride;
  return span <= 0 ? 0 : static_cast<std::int32_t>(span / stride);
}

std::int32_t window_padding(std::int32_t in, std::int32_t out, std::int32_t filter,
                            std::int32_t stride, std::int32_t dilation) noexcept {
  const std::int64_t effective = static_cast<std::int64_t>(filter - 1) * dilation + 1;
  const std::int64_t total = static_cast<std::int64_t>(out - 1) * stride + effective - in;
  return total > 0 ? static_cast<std::int32_t>(total / 2) : 0;
}

}  // namespace pinfer
