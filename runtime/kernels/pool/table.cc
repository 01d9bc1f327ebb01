// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/pool/pool.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, op_name, type_name) \
  PINFER_ON_##isa_name(void symbol(const PoolArgs& args) noexcept;)
#include "runtime/kernels/pool/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, op_name, type_name) \
  PINFER_ON_##isa_name(                                     \
      PoolKernel{#symbol, PoolOp::op_name, DType::type_name, isa::isa_name, symbol}, )
#include "runtime/kernels/pool/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const PoolKernel> pool_kernels() noexcept { return kKernels; }

const PoolKernel* select_pool(PoolOp op, DType type, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.op == op && kernel.type == type && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
