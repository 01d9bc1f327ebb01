// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/unary/unary.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, op_name, type_name) \
  PINFER_ON_##isa_name(void symbol(const UnaryArgs& args) noexcept;)
#include "runtime/kernels/unary/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, op_name, type_name) \
  PINFER_ON_##isa_name(                                     \
      UnaryKernel{#symbol, UnaryOp::op_name, DType::type_name, isa::isa_name, symbol}, )
#include "runtime/kernels/unary/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const UnaryKernel> unary_kernels() noexcept { return kKernels; }

const UnaryKernel* select_unary(UnaryOp op, DType type, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.op == op && kernel.type == type && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
