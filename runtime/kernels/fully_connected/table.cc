// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/fully_connected/fully_connected.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const FullyConnectedKernel symbol;)
#include "runtime/kernels/fully_connected/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/fully_connected/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const FullyConnectedKernel* const> fully_connected_kernels() { return kKernels; }

const FullyConnectedKernel& select_fully_connected(IsaBits have, MacTypes types,
                                                   const FullyConnectedShape& shape,
                                                   bool constant) {
  for (const FullyConnectedKernel* kernel : kKernels)
    if (kernel->types == types && covers(have, kernel->needs) &&
        (constant || kernel->packing.pack == nullptr) &&
        (kernel->suits == nullptr || kernel->suits(shape)))
      return *kernel;
  return *kKernels.back();  // not reached: every type has a scalar variant
}

}  // namespace pinfer
