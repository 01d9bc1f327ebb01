// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/cast/cast.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, from_name) \
  PINFER_ON_##isa_name(void symbol(const CastArgs& args) noexcept;)
#include "runtime/kernels/cast/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, from_name) \
  PINFER_ON_##isa_name(CastKernel{#symbol, DType::from_name, isa::isa_name, symbol}, )
#include "runtime/kernels/cast/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const CastKernel> cast_kernels() noexcept { return kKernels; }

const CastKernel* select_cast(DType from, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.from == from && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
