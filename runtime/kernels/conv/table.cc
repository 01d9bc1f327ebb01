// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/conv/conv.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const ConvKernel symbol;)
#include "runtime/kernels/conv/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/conv/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const ConvKernel* const> conv_kernels() { return kKernels; }

const ConvKernel& select_conv(IsaBits have, MacTypes types, const ConvShape& shape, bool constant) {
  for (const ConvKernel* kernel : kKernels)
    if (kernel->types == types && covers(have, kernel->needs) &&
        (constant || kernel->packing.pack == nullptr || types == MacTypes::f32) &&
        (kernel->suits == nullptr || kernel->suits(shape)))
      return *kernel;
  return *kKernels.back();  // not reached: every type has a scalar variant
}

}  // namespace pinfer
