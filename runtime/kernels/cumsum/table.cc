// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/cumsum/cumsum.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, type_name) \
  PINFER_ON_##isa_name(void symbol(const CumsumArgs& args) noexcept;)
#include "runtime/kernels/cumsum/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, type_name) \
  PINFER_ON_##isa_name(CumsumKernel{#symbol, DType::type_name, isa::isa_name, symbol}, )
#include "runtime/kernels/cumsum/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const CumsumKernel> cumsum_kernels() noexcept { return kKernels; }

const CumsumKernel* select_cumsum(DType type, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.type == type && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
