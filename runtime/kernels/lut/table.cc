// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/lut/lut.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, op_name) \
  PINFER_ON_##isa_name(void symbol(const LutArgs& args) noexcept;)
#include "runtime/kernels/lut/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, op_name) \
  PINFER_ON_##isa_name(LutKernel{#symbol, LutOp::op_name, isa::isa_name, symbol}, )
#include "runtime/kernels/lut/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const LutKernel> lut_kernels() noexcept { return kKernels; }

const LutKernel& select_lut(LutOp op, IsaBits isa) noexcept {
  return *std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.op == op && covers(isa, kernel.isa);
  });
}

}  // namespace pinfer
