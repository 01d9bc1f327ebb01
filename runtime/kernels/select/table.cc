// SPDX-License-Identifier: Apache-2.0
// Expands kernels.inc of this family: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/kernels/isa_lines.h"
#include "runtime/kernels/select/select.h"

namespace pinfer {

#define PINFER_KERNEL(symbol, isa_name, bytes) \
  PINFER_ON_##isa_name(void symbol(const SelectArgs& args) noexcept;)
#include "runtime/kernels/select/kernels.inc"
#undef PINFER_KERNEL

namespace {

constexpr std::array kKernels = {
#define PINFER_KERNEL(symbol, isa_name, bytes) \
  PINFER_ON_##isa_name(SelectKernel{#symbol, bytes, isa::isa_name, symbol}, )
#include "runtime/kernels/select/kernels.inc"
#undef PINFER_KERNEL
};

}  // namespace

std::span<const SelectKernel> select_kernels() noexcept { return kKernels; }

const SelectKernel* select_select(std::size_t element_bytes, IsaBits isa) noexcept {
  const auto found = std::find_if(kKernels.begin(), kKernels.end(), [&](const auto& kernel) {
    return kernel.element_bytes == element_bytes && covers(isa, kernel.isa);
  });
  return found == kKernels.end() ? nullptr : &*found;
}

}  // namespace pinfer
