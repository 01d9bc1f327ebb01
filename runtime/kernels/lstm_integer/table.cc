// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc: the only place that does.
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/lstm_integer/lstm_integer.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(extern const LstmIntegerKernel symbol;)
#include "runtime/kernels/lstm_integer/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa) PINFER_ON_##isa(&symbol, )
#include "runtime/kernels/lstm_integer/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const LstmIntegerKernel* const> lstm_integer_kernels() { return kKernels; }

const LstmIntegerKernel& select_lstm_integer(IsaBits have) {
  for (const LstmIntegerKernel* kernel : kKernels)
    if (covers(have, kernel->needs)) return *kernel;
  return *kKernels.back();  // not reached: there is a scalar variant
}

}  // namespace pinfer
