// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/fft/fft.h"
#include "runtime/kernels/isa_lines.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, type_name) \
  PINFER_ON_##isa_name(void symbol(const FftArgs& args) noexcept;)
#include "runtime/kernels/fft/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, type_name) \
  PINFER_ON_##isa_name(FftKernel{#symbol, DType::type_name, isa::isa_name, symbol}, )
#include "runtime/kernels/fft/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const FftKernel> fft_kernels() noexcept { return kKernels; }

const FftKernel* select_fft(DType type, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.type == type && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
