// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/depthwise/depthwise.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const DepthwiseKernel symbol;)
#include "runtime/kernels/depthwise/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/depthwise/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const DepthwiseKernel* const> depthwise_kernels() { return kKernels; }

const DepthwiseKernel& select_depthwise(IsaBits have, MacTypes types, const ConvShape& shape,
                                        bool constant) {
  for (const DepthwiseKernel* kernel : kKernels)
    if (kernel->types == types && covers(have, kernel->needs) &&
        (constant || kernel->packing.pack == nullptr) &&
        (kernel->suits == nullptr || kernel->suits(shape)))
      return *kernel;
  return *kKernels.back();  // not reached: every type has a scalar variant
}

}  // namespace pinfer
