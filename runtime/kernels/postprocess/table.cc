// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "runtime/kernels/postprocess/postprocess.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, level)                      \
  void regular_##symbol(const DetectArgs& args) noexcept; \
  void fast_##symbol(const DetectArgs& args) noexcept;
#include "runtime/kernels/postprocess/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, level) \
  DetectKernel{#symbol, isa::level, regular_##symbol, fast_##symbol},
#include "runtime/kernels/postprocess/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const DetectKernel> detect_kernels() { return kKernels; }

const DetectKernel& select_detect(IsaBits isa) {
  for (const DetectKernel& kernel : kKernels)
    if (covers(isa, kernel.isa)) return kernel;
  return kKernels.back();
}

}  // namespace pinfer
