// SPDX-License-Identifier: Apache-2.0
// cumsum: running sums along one dimension of a tensor seen as [outer, depth, inner].
//
// `exclusive` leaves the element itself out; `reverse` starts at the end. Integers wrap around.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

struct CumsumArgs {
  const void* in = nullptr;
  void* out = nullptr;  // may be `in`
  std::int64_t depth = 0, inner = 1;
  bool exclusive = false, reverse = false;
  std::int64_t begin = 0, end = 0;  // lines (outer * inner) to compute
};

struct CumsumKernel {
  std::string_view name;
  DType type;
  IsaBits isa = 0;
  void (*run)(const CumsumArgs& args) noexcept = nullptr;
};

std::span<const CumsumKernel> cumsum_kernels() noexcept;
// Null where there is no such type.
const CumsumKernel* select_cumsum(DType type, IsaBits isa) noexcept;

}  // namespace pinfer
