// SPDX-License-Identifier: Apache-2.0
// The svdf family: a matrix of low rank over the last `memory` inputs.
//
//   state[f] moves on by one; its last value = scaled(feature[f] . (x - input_zero))
//   sum      = bias[u] + over the filters f of unit u: time[f] . (state[f] - state_zero)
//   integer: y = sat8(output_zero + sum * output_multiplier)
//   float:   y = activation(sum)
//
// Unit u owns filters [u * rank, (u + 1) * rank). Feature weights are [filters][inputs], time
// weights [filters][memory], the state [batches][filters][memory]. Blocks are batches x units; the
// state is written, nothing else aliases.
#pragma once

#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/mac.h"

namespace pinfer {

enum class SvdfTypes : std::uint8_t {
  f32,         // float32 throughout
  hybrid,      // float32 input quantized at run time, int8 weights, float32 state
  s8_state16,  // int8 input and features, int16 time weights and state
  s8_state8,   // int8 throughout
};

struct SvdfShape {
  std::int32_t batches = 1, inputs = 1, units = 1, rank = 1, memory = 1;
};

struct SvdfArgs {
  SvdfShape shape;
  const void* input = nullptr;
  const void* feature = nullptr;
  const void* time = nullptr;
  const void* bias = nullptr;  // int32 or float, null: none
  void* state = nullptr;
  void* output = nullptr;
  std::int32_t input_zero = 0, state_zero = 0, output_zero = 0;
  Multiplier feature_multiplier, output_multiplier;
  Activation activation = Activation::none;   // float
  float time_scale = 1.0f;                    // hybrid
  const float* input_scales = nullptr;        // hybrid: one per batch, times the features' scale
  const std::int32_t* input_zeros = nullptr;  // hybrid: one per batch
};

struct SvdfKernel {
  std::string_view name;
  IsaBits needs = isa::scalar;
  SvdfTypes types = SvdfTypes::f32;
  void (*run)(const SvdfArgs& args, const MacBlock& block) noexcept = nullptr;
};

// All variants of this build, best first.
std::span<const SvdfKernel* const> svdf_kernels();
const SvdfKernel& select_svdf(IsaBits have, SvdfTypes types);

}  // namespace pinfer
