// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/transpose_conv/transpose_conv.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const TransposeConvKernel symbol;)
#include "runtime/kernels/transpose_conv/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/transpose_conv/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const TransposeConvKernel* const> transpose_conv_kernels() { return kKernels; }

const TransposeConvKernel& select_transpose_conv(IsaBits have, MacTypes types,
                                                 const ConvShape& shape) {
  for (const TransposeConvKernel* kernel : kKernels)
    if (kernel->types == types && covers(have, kernel->needs) &&
        (kernel->suits == nullptr || kernel->suits(shape)))
      return *kernel;
  return *kKernels.back();  // not reached: every type has a scalar variant
}

}  // namespace pinfer
