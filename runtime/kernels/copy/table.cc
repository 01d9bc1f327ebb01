// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "runtime/kernels/copy/copy.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, level) void symbol(const CopyArgs& args) noexcept;
#include "runtime/kernels/copy/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, level) CopyKernel{#symbol, isa::level, symbol},
#include "runtime/kernels/copy/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const CopyKernel> copy_kernels() { return kKernels; }

const CopyKernel& select_copy(IsaBits isa) {
  for (const CopyKernel& kernel : kKernels)
    if (covers(isa, kernel.isa)) return kernel;
  return kKernels.back();
}

CopyPlan plan_copy(std::span<const CopyDim> dims, std::int64_t element_bytes) {
  CopyPlan plan;
  for (const CopyDim& dim : dims) {
    if (dim.extent == 0) return CopyPlan{};
    if (dim.extent == 1) continue;
    if (plan.rank > 0) {
      // The loop outside steps exactly over this one: one longer loop does both.
      CopyDim& outer = plan.dims[plan.rank - 1];
      if (outer.in_stride == dim.in_stride * dim.extent &&
          outer.out_stride == dim.out_stride * dim.extent) {
        outer = {outer.extent * dim.extent, dim.in_stride, dim.out_stride};
        continue;
      }
    }
    plan.dims[plan.rank++] = dim;
  }
  plan.block = element_bytes;
  if (plan.rank > 0) {
    const CopyDim& inner = plan.dims[plan.rank - 1];
    if (inner.in_stride == element_bytes && inner.out_stride == element_bytes) {
      plan.block *= inner.extent;
      --plan.rank;
    }
  }
  return plan;
}

}  // namespace pinfer
