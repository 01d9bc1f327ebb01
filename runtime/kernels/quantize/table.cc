// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/quantize/quantize.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, from_name, to_name) \
  PINFER_ON_##isa_name(void symbol(const QuantizeArgs& args) noexcept;)
#include "runtime/kernels/quantize/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, from_name, to_name) \
  PINFER_ON_##isa_name(                                     \
      QuantizeKernel{#symbol, DType::from_name, DType::to_name, isa::isa_name, symbol}, )
#include "runtime/kernels/quantize/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const QuantizeKernel> quantize_kernels() noexcept { return kKernels; }

const QuantizeKernel* select_quantize(DType from, DType to, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.from == from && kernel.to == to && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
