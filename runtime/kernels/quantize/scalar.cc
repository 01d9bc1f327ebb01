// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/kernels/fixed_point.h"
#include "runtime/kernels/half.h"
#include "runtime/kernels/quantize/quantize.h"

namespace pinfer {
namespace {

using Args = QuantizeArgs;

std::int64_t channel_of(std::int64_t i, const Args& args) {
  return (i / args.inner) % args.channels;
}

template <class T>
T quantized(float value, float scale, std::int32_t zero) {
  constexpr double kLow = std::numeric_limits<T>::min(), kHigh = std::numeric_limits<T>::max();
  const float rounded = std::round(value / scale);
  if (std::isnan(rounded)) return static_cast<T>(zero);
  return static_cast<T>(std::clamp(static_cast<double>(rounded) + zero, kLow, kHigh));
}

template <class T>
void quantize(const Args& args) noexcept {
  const auto* in = static_cast<const float*>(args.in);
  auto* out = static_cast<T*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) {
    if (args.scales == nullptr) {
      out[i] = quantized<T>(in[i], args.scale, args.zero);
    } else {
      const std::int64_t c = channel_of(i, args);
      out[i] = quantized<T>(in[i], args.scales[c], args.zeros[c]);
    }
  }
}

template <class T>
void dequantize(const Args& args) noexcept {
  const auto* in = static_cast<const T*>(args.in);
  auto* out = static_cast<float*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) {
    if (args.scales == nullptr) {
      out[i] = static_cast<float>(in[i] - args.zero) * args.scale;
    } else {
      const std::int64_t c = channel_of(i, args);
      out[i] = static_cast<float>(in[i] - args.zeros[c]) * args.scales[c];
    }
  }
}

template <class From, class To>
void requantize(const Args& args) noexcept {
  const auto* in = static_cast<const From*>(args.in);
  auto* out = static_cast<To*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i)
    out[i] = static_cast<To>(requantized(in[i], args));
}

using s8 = std::int8_t;
using u8 = std::uint8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;

}  // namespace

std::int32_t requantized(std::int32_t value, const Args& args) noexcept {
  const auto centred = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) -
                                                 static_cast<std::uint32_t>(args.in_zero));
  if (centred >= 0)
    return clamped_sum(multiply(centred, args.positive_scale), args.out_zero, args.clamp);
  const Multiplier scale = args.negative_scale;
  if (scale.mantissa >= 0) return clamped_sum(multiply(centred, scale), args.out_zero, args.clamp);
  const std::int32_t magnitude = multiply(centred, {-scale.mantissa, scale.shift});
  const std::int64_t result = static_cast<std::int64_t>(args.out_zero) - magnitude;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(result, args.clamp.low, args.clamp.high));
}

void quantize_f16_f32__scalar(const Args& args) noexcept {
  const auto* in = static_cast<const std::uint16_t*>(args.in);
  auto* out = static_cast<float*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) out[i] = half_to_float(in[i]);
}

void quantize_f32_s8__scalar(const Args& args) noexcept { quantize<s8>(args); }
void quantize_f32_u8__scalar(const Args& args) noexcept { quantize<u8>(args); }
void quantize_f32_s16__scalar(const Args& args) noexcept { quantize<s16>(args); }
void quantize_s8_f32__scalar(const Args& args) noexcept { dequantize<s8>(args); }
void quantize_u8_f32__scalar(const Args& args) noexcept { dequantize<u8>(args); }
void quantize_s16_f32__scalar(const Args& args) noexcept { dequantize<s16>(args); }
void quantize_s8_s8__scalar(const Args& args) noexcept { requantize<s8, s8>(args); }
void quantize_s8_u8__scalar(const Args& args) noexcept { requantize<s8, u8>(args); }
void quantize_s8_s16__scalar(const Args& args) noexcept { requantize<s8, s16>(args); }
void quantize_s8_s32__scalar(const Args& args) noexcept { requantize<s8, s32>(args); }
void quantize_u8_s8__scalar(const Args& args) noexcept { requantize<u8, s8>(args); }
void quantize_u8_u8__scalar(const Args& args) noexcept { requantize<u8, u8>(args); }
void quantize_u8_s16__scalar(const Args& args) noexcept { requantize<u8, s16>(args); }
void quantize_u8_s32__scalar(const Args& args) noexcept { requantize<u8, s32>(args); }
void quantize_s16_s8__scalar(const Args& args) noexcept { requantize<s16, s8>(args); }
void quantize_s16_u8__scalar(const Args& args) noexcept { requantize<s16, u8>(args); }
void quantize_s16_s16__scalar(const Args& args) noexcept { requantize<s16, s16>(args); }
void quantize_s16_s32__scalar(const Args& args) noexcept { requantize<s16, s32>(args); }
void quantize_s32_s8__scalar(const Args& args) noexcept { requantize<s32, s8>(args); }
void quantize_s32_u8__scalar(const Args& args) noexcept { requantize<s32, u8>(args); }
void quantize_s32_s16__scalar(const Args& args) noexcept { requantize<s32, s16>(args); }
void quantize_s32_s32__scalar(const Args& args) noexcept { requantize<s32, s32>(args); }

}  // namespace pinfer
