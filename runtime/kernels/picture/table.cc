// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/picture/picture.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const PictureKernel symbol;)
#include "runtime/kernels/picture/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/picture/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const PictureKernel* const> picture_kernels() { return kKernels; }

const PictureKernel& select_picture(IsaBits isa, const PictureShape& shape) {
  for (const PictureKernel* kernel : kKernels)
    if (covers(isa, kernel->isa) && (kernel->suits == nullptr || kernel->suits(shape)))
      return *kernel;
  return *kKernels.back();
}

}  // namespace pinfer
