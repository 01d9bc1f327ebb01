// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "runtime/kernels/unary/unary.h"

namespace pinfer {
namespace {

using Args = UnaryArgs;

template <class T, class Function>
void map(const Args& args, const Function& function) noexcept {
  const T* in = static_cast<const T*>(args.in);
  T* out = static_cast<T*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) out[i] = function(in[i]);
}

template <class Function>
void map_f32(const Args& args, const Function& function) noexcept {
  map<float>(args, function);
}

template <class T>
T negated(T x) {
  return static_cast<T>(0 - static_cast<std::uint64_t>(x));
}
template <class T>
void negate(const Args& args) noexcept {
  map<T>(args, negated<T>);
}
template <class T>
void absolute(const Args& args) noexcept {
  map<T>(args, [](T x) { return x < 0 ? negated(x) : x; });
}

float round_to_even(float x) {
  const float low = std::floor(x);
  const float rest = x - low;
  const bool down = rest < 0.5f || (rest == 0.5f && std::fmod(low, 2.0f) == 0.0f);
  return down ? low : low + 1.0f;
}

float logistic(float x) {
  if (x > 16.619047164916992188f) return 1.0f;
  if (x < -9.0f) return std::exp(x);
  return 1.0f / (1.0f + std::exp(-x));
}

float gelu(float x) { return 0.5f * x * std::erfc(x * -std::numbers::sqrt2_v<float> * 0.5f); }

float gelu_tanh(float x) {
  constexpr float kRootOfTwoOverPi = 0.7978845608028654f;
  return 0.5f * x * (1.0f + std::tanh(kRootOfTwoOverPi * (x + 0.044715f * x * x * x)));
}

}  // namespace

void unary_abs_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::abs(x); });
}
void unary_neg_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return -x; });
}
void unary_sign_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::isnan(x) ? x : x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; });
}
void unary_square_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return x * x; });
}
void unary_sqrt_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::sqrt(x); });
}
void unary_rsqrt_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return 1.0f / std::sqrt(x); });
}
void unary_exp_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::exp(x); });
}
void unary_log_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::log(x); });
}
void unary_sin_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::sin(x); });
}
void unary_cos_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::cos(x); });
}
void unary_floor_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::floor(x); });
}
void unary_ceil_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::ceil(x); });
}
void unary_round_f32__scalar(const Args& args) noexcept { map_f32(args, round_to_even); }
void unary_logistic_f32__scalar(const Args& args) noexcept { map_f32(args, logistic); }
void unary_tanh_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return std::tanh(x); });
}
void unary_hard_swish_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return x * std::min(6.0f, std::max(0.0f, x + 3.0f)) / 6.0f; });
}
void unary_elu_f32__scalar(const Args& args) noexcept {
  map_f32(args, [](float x) { return x < 0.0f ? std::expm1(x) : x; });
}
void unary_gelu_f32__scalar(const Args& args) noexcept { map_f32(args, gelu); }
void unary_gelu_tanh_f32__scalar(const Args& args) noexcept { map_f32(args, gelu_tanh); }
void unary_leaky_relu_f32__scalar(const Args& args) noexcept {
  map_f32(args, [&](float x) { return x > 0.0f ? x : x * args.alpha; });
}
void unary_clamp_f32__scalar(const Args& args) noexcept {
  map_f32(args, [&](float x) { return x > args.high ? args.high : x < args.low ? args.low : x; });
}

void unary_abs_s32__scalar(const Args& args) noexcept { absolute<std::int32_t>(args); }
void unary_abs_s16__scalar(const Args& args) noexcept { absolute<std::int16_t>(args); }
void unary_neg_s8__scalar(const Args& args) noexcept { negate<std::int8_t>(args); }
void unary_neg_s16__scalar(const Args& args) noexcept { negate<std::int16_t>(args); }
void unary_neg_s32__scalar(const Args& args) noexcept { negate<std::int32_t>(args); }
void unary_neg_s64__scalar(const Args& args) noexcept { negate<std::int64_t>(args); }
void unary_sign_s32__scalar(const Args& args) noexcept {
  map<std::int32_t>(args, [](std::int32_t x) { return x > 0 ? 1 : x < 0 ? -1 : 0; });
}
// Bools are bytes: any value but 0 counts as true.
void unary_logical_not_b8__scalar(const Args& args) noexcept {
  map<std::uint8_t>(args, [](std::uint8_t x) { return static_cast<std::uint8_t>(x == 0); });
}
void unary_complex_abs_c64__scalar(const Args& args) noexcept {
  const auto* in = static_cast<const float*>(args.in);
  auto* out = static_cast<float*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i)
    out[i] = std::hypot(in[2 * i], in[2 * i + 1]);
}

}  // namespace pinfer
