// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/compare/compare.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, type_name, is_quantized) \
  PINFER_ON_##isa_name(void symbol(const CompareArgs& args) noexcept;)
#include "runtime/kernels/compare/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, type_name, is_quantized) \
  PINFER_ON_##isa_name(                                          \
      CompareKernel{#symbol, DType::type_name, is_quantized, isa::isa_name, symbol}, )
#include "runtime/kernels/compare/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const CompareKernel> compare_kernels() noexcept { return kKernels; }

const CompareKernel* select_compare(DType type, bool quantized, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.type == type && kernel.quantized == quantized && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
