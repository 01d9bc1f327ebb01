// SPDX-License-Identifier: Apache-2.0
// pool: average, maximum and root mean square over windows of an NHWC tensor.
//
// - Only elements inside the picture count; each window has at least one (set-up checks).
// - Integer averages round to nearest, halves away from zero.
// - The result is clamped to [low, high]; integers keep their quantization.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"
#include "runtime/kernels/arithmetic.h"

namespace pinfer {

enum class PoolOp : std::uint8_t { average, maximum, root_mean_square };

struct PoolShape {
  std::int32_t batch = 1, in_h = 0, in_w = 0, out_h = 0, out_w = 0, channels = 0;
  std::int32_t filter_h = 1, filter_w = 1, stride_h = 1, stride_w = 1;
  std::int32_t pad_top = 0, pad_left = 0;
};

struct PoolArgs {
  const void* in = nullptr;
  void* out = nullptr;  // does not overlap `in`
  PoolShape shape;
  ClampRange clamp;                 // integers
  FloatRange float_clamp;           // floats
  std::int64_t begin = 0, end = 0;  // output rows (batch * out_h) to compute
};

struct PoolKernel {
  std::string_view name;
  PoolOp op;
  DType type;
  IsaBits isa = 0;
  void (*run)(const PoolArgs& args) noexcept = nullptr;
};

std::span<const PoolKernel> pool_kernels() noexcept;
// Null where the operation does not exist for the type.
const PoolKernel* select_pool(PoolOp op, DType type, IsaBits isa) noexcept;

}  // namespace pinfer
