// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "runtime/kernels/resize/resize.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, level, kind, dtype) void symbol(const ResizeArgs& args) noexcept;
#include "runtime/kernels/resize/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, level, kind, dtype) \
  ResizeKernel{#symbol, isa::level, ResizeKind::kind, DType::dtype, symbol},
#include "runtime/kernels/resize/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const ResizeKernel> resize_kernels() { return kKernels; }

const ResizeKernel* select_resize(IsaBits isa, ResizeKind kind, DType dtype) {
  for (const ResizeKernel& kernel : kKernels)
    if (covers(isa, kernel.isa) && kernel.kind == kind && kernel.dtype == dtype) return &kernel;
  return nullptr;
}

}  // namespace pinfer
