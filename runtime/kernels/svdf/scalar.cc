// SPDX-License-Identifier: Apache-2.0
// The svdf family in plain loops: the judge of the other variants.
#include <cmath>
#include <limits>

#include "runtime/kernels/scalar_mac.h"
#include "runtime/kernels/svdf/svdf.h"

namespace pinfer {
namespace {

// Moves the state of filter `f` of a batch on by one and lets `newest` be its last value.
template <class T>
T* push_state(const SvdfArgs& args, std::int64_t batch, std::int64_t f, T newest) {
  const SvdfShape& s = args.shape;
  const std::int64_t filters = static_cast<std::int64_t>(s.units) * s.rank;
  T* state = static_cast<T*>(args.state) + (batch * filters + f) * s.memory;
  std::copy(state + 1, state + s.memory, state);
  state[s.memory - 1] = newest;
  return state;
}

// Calls compute(batch, unit) for each element of the block.
template <class Compute>
inline void for_outputs(const MacBlock& block, const Compute& compute) {
  for (std::int64_t batch = block.row_begin; batch < block.row_end; ++batch)
    for (std::int32_t unit = block.channel_begin; unit < block.channel_end; ++unit)
      compute(batch, unit);
}

template <class State>
void svdf_s8(const SvdfArgs& args, const MacBlock& block) noexcept {
  const SvdfShape& s = args.shape;
  const auto* input = static_cast<const std::int8_t*>(args.input);
  const auto* feature = static_cast<const std::int8_t*>(args.feature);
  const auto* time = static_cast<const State*>(args.time);
  const auto* bias = static_cast<const std::int32_t*>(args.bias);
  auto* output = static_cast<std::int8_t*>(args.output);
  const ClampRange range{std::numeric_limits<State>::min(), std::numeric_limits<State>::max()};
  for_outputs(block, [&](std::int64_t batch, std::int64_t unit) {
    std::int64_t sum = bias != nullptr ? bias[unit] : 0;
    for (std::int64_t f = unit * s.rank; f < (unit + 1) * s.rank; ++f) {
      const std::int64_t product = scalar::dot(input + batch * s.inputs, feature + f * s.inputs,
                                               s.inputs, args.input_zero, 0);
      const std::int32_t scaled =
          scalar::place(multiply(scalar::wrap32(product), args.feature_multiplier), 0, range);
      // Set-up lets only 8-bit states have a zero point; the reference wraps there.
      const State* state = push_state(args, batch, f, static_cast<State>(scaled + args.state_zero));
      sum += scalar::dot(state, time + f * s.memory, s.memory, args.state_zero, 0);
    }
    const std::int32_t scaled = multiply(scalar::wrap32(sum), args.output_multiplier);
    output[batch * s.units + unit] =
        static_cast<std::int8_t>(scalar::place(scaled, args.output_zero, {-128, 127}));
  });
}

float activate(Activation activation, float value) {
  if (activation == Activation::tanh) return std::tanh(value);
  return scalar::clamp(value, float_clamp(activation));
}

void svdf_f32(const SvdfArgs& args, const MacBlock& block) noexcept {
  const SvdfShape& s = args.shape;
  const auto* input = static_cast<const float*>(args.input);
  const auto* feature = static_cast<const float*>(args.feature);
  const auto* time = static_cast<const float*>(args.time);
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_outputs(block, [&](std::int64_t batch, std::int64_t unit) {
    float sum = 0.0f;
    for (std::int64_t f = unit * s.rank; f < (unit + 1) * s.rank; ++f) {
      const float* state = push_state(
          args, batch, f, scalar::dot(input + batch * s.inputs, feature + f * s.inputs, s.inputs));
      sum += scalar::dot(state, time + f * s.memory, s.memory);
    }
    if (bias != nullptr) sum += bias[unit];
    output[batch * s.units + unit] = activate(args.activation, sum);
  });
}

void svdf_hybrid(const SvdfArgs& args, const MacBlock& block) noexcept {
  const SvdfShape& s = args.shape;
  const auto* input = static_cast<const std::int8_t*>(args.input);
  const auto* feature = static_cast<const std::int8_t*>(args.feature);
  const auto* time = static_cast<const std::int8_t*>(args.time);
  const auto* bias = static_cast<const float*>(args.bias);
  auto* output = static_cast<float*>(args.output);
  for_outputs(block, [&](std::int64_t batch, std::int64_t unit) {
    float sum = 0.0f;
    for (std::int64_t f = unit * s.rank; f < (unit + 1) * s.rank; ++f) {
      const std::int64_t product = scalar::dot(input + batch * s.inputs, feature + f * s.inputs,
                                               s.inputs, args.input_zeros[batch], 0);
      const float* state = push_state(
          args, batch, f, static_cast<float>(scalar::wrap32(product)) * args.input_scales[batch]);
      float part = 0.0f;
      for (std::int64_t i = 0; i < s.memory; ++i)
        part += state[i] * (static_cast<float>(time[f * s.memory + i]) * args.time_scale);
      sum += part;
    }
    if (bias != nullptr) sum += bias[unit];
    output[batch * s.units + unit] = activate(args.activation, sum);
  });
}

}  // namespace

extern const SvdfKernel svdf_f32__scalar, svdf_hybrid__scalar, svdf_s8_state16__scalar,
    svdf_s8_state8__scalar;

const SvdfKernel svdf_f32__scalar{"svdf_f32__scalar", isa::scalar, SvdfTypes::f32, svdf_f32};
const SvdfKernel svdf_hybrid__scalar{"svdf_hybrid__scalar", isa::scalar, SvdfTypes::hybrid,
                                     svdf_hybrid};
const SvdfKernel svdf_s8_state16__scalar{"svdf_s8_state16__scalar", isa::scalar,
                                         SvdfTypes::s8_state16, svdf_s8<std::int16_t>};
const SvdfKernel svdf_s8_state8__scalar{"svdf_s8_state8__scalar", isa::scalar, SvdfTypes::s8_state8,
                                        svdf_s8<std::int8_t>};

}  // namespace pinfer
