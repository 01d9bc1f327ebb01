// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/batch_matmul/batch_matmul.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const MatMulKernel symbol;)
#include "runtime/kernels/batch_matmul/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/batch_matmul/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const MatMulKernel* const> batch_matmul_kernels() { return kKernels; }

const MatMulKernel& select_batch_matmul(IsaBits have, MatMulTypes types, const MatMulShape& shape) {
  for (const MatMulKernel* kernel : kKernels)
    if (kernel->types == types && covers(have, kernel->needs) &&
        (kernel->suits == nullptr || kernel->suits(shape)))
      return *kernel;
  return *kKernels.back();  // not reached: every type has a scalar variant
}

}  // namespace pinfer
