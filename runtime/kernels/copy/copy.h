// SPDX-License-Identifier: Apache-2.0
// copy: moves bytes between two strided arrays; what transpose, slice, pad, concat and tile become.
//
// A plan is a loop nest, outermost first; at each point `block` bytes go from `in` to `out`.
// Strides are in bytes and may be negative (reverse) or, on the input side, 0 (repeat).
// With `lut`, each byte b becomes lut[b] on the way (8-bit requantization); block is 1 element then
// or any run of them. `in` and `out` do not overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"

namespace pinfer {

struct CopyDim {
  std::int64_t extent = 1, in_stride = 0, out_stride = 0;
};

inline constexpr int kMaxCopyRank = 12;

struct CopyPlan {
  int rank = 0;
  CopyDim dims[kMaxCopyRank];
  std::int64_t block = 0;  // contiguous bytes; 0: nothing to do

  // Size of the outermost loop: what can be shared between threads.
  [[nodiscard]] std::int64_t outer() const noexcept {
    return block == 0 ? 0 : (rank == 0 ? 1 : dims[0].extent);
  }
  [[nodiscard]] std::int64_t bytes() const noexcept {
    std::int64_t total = block;
    for (int i = 0; i < rank; ++i) total *= dims[i].extent;
    return total;
  }
};

// The shortest plan for these loops over elements of `element_bytes`: loops of 1 dropped, loops
// that run on merged, contiguous inner loops made one block. Precondition: dims.size() <=
// kMaxCopyRank.
CopyPlan plan_copy(std::span<const CopyDim> dims, std::int64_t element_bytes);

struct CopyArgs {
  const CopyPlan* plan = nullptr;
  const std::byte* in = nullptr;
  std::byte* out = nullptr;
  std::int64_t begin = 0, end = 0;    // the part of the outermost loop
  const std::uint8_t* lut = nullptr;  // 256 entries, or null
};

struct CopyKernel {
  std::string_view name;
  IsaBits isa = 0;
  void (*run)(const CopyArgs& args) noexcept = nullptr;
};

std::span<const CopyKernel> copy_kernels();
const CopyKernel& select_copy(IsaBits isa);

}  // namespace pinfer
