// SPDX-License-Identifier: Apache-2.0
// quantize: between real and quantized numbers, and between two quantizations, element by element.
//
// - f32 to integer: round(x / scale) + zero, halves away from zero, saturated; NaN gives zero.
// - integer to f32: (q - zero) * scale; f16 to f32 is exact.
// - integer to integer, with q' = q - in_zero: out = multiply(q', q' >= 0 ? scale : negative_scale)
//   + out_zero, clamped. RELU and LEAKY_RELU are of this form too. negative_scale may have a
//   negative mantissa.
// Per channel, `scales` and `zeros` have one entry a channel; element i is of channel
// (i / inner) % channels.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"
#include "runtime/kernels/arithmetic.h"

namespace pinfer {

struct QuantizeArgs {
  const void* in = nullptr;
  void* out = nullptr;  // may be `in` where both types are of one size
  float scale = 1.0f;
  std::int32_t zero = 0;
  const float* scales = nullptr;  // null: per tensor
  const std::int32_t* zeros = nullptr;
  std::int64_t channels = 1, inner = 1;
  std::int32_t in_zero = 0, out_zero = 0;
  Multiplier positive_scale, negative_scale;
  ClampRange clamp;
  std::int64_t begin = 0, end = 0;
};

struct QuantizeKernel {
  std::string_view name;
  DType from, to;
  IsaBits isa = 0;
  void (*run)(const QuantizeArgs& args) noexcept = nullptr;
};

std::span<const QuantizeKernel> quantize_kernels() noexcept;
// Null where there is no such conversion.
const QuantizeKernel* select_quantize(DType from, DType to, IsaBits isa) noexcept;

// One value from a quantization to another.
std::int32_t requantized(std::int32_t value, const QuantizeArgs& args) noexcept;

}  // namespace pinfer
