// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/svdf/svdf.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const SvdfKernel symbol;)
#include "runtime/kernels/svdf/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/svdf/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const SvdfKernel* const> svdf_kernels() { return kKernels; }

const SvdfKernel& select_svdf(IsaBits have, SvdfTypes types) {
  for (const SvdfKernel* kernel : kKernels)
    if (kernel->types == types && covers(have, kernel->needs)) return *kernel;
  return *kKernels.back();  // not reached: every type has a scalar variant
}

}  // namespace pinfer
