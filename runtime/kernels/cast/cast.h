// SPDX-License-Identifier: Apache-2.0
// cast: numbers of one type as numbers of another.
//
// - Between integers: two's complement wrap. To bool: 0 or 1. From bool: any byte but 0 is 1.
// - Floats to integers: towards zero, saturated; NaN gives the highest value.
// - To float16: rounded to nearest even. Complex numbers give their real part; real numbers become
//   complex ones with the imaginary part 0.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

struct CastArgs {
  const void* in = nullptr;
  void* out = nullptr;  // does not overlap `in`
  DType to = DType::f32;
  std::int64_t begin = 0, end = 0;
};

// One kernel a source type: it knows all destinations.
struct CastKernel {
  std::string_view name;
  DType from;
  IsaBits isa = 0;
  void (*run)(const CastArgs& args) noexcept = nullptr;
};

std::span<const CastKernel> cast_kernels() noexcept;
// Null where there is no such source type.
const CastKernel* select_cast(DType from, IsaBits isa) noexcept;

}  // namespace pinfer
