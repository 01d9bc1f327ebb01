// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/lstm_float/lstm_float.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const LstmFloatKernel symbol;)
#include "runtime/kernels/lstm_float/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/lstm_float/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const LstmFloatKernel* const> lstm_float_kernels() { return kKernels; }

const LstmFloatKernel& select_lstm_float(IsaBits have, bool hybrid) {
  for (const LstmFloatKernel* kernel : kKernels)
    if (kernel->hybrid == hybrid && covers(have, kernel->needs)) return *kernel;
  return *kKernels.back();  // not reached: both have a scalar variant
}

}  // namespace pinfer
