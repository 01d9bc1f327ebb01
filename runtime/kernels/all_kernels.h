// SPDX-License-Identifier: Apache-2.0
// all_kernels: every kernel of this build by name, for people (`pinfer info`). CMake writes the
// list from the same kernels.inc files that each family's table.cc expands.
#pragma once

#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"

namespace pinfer {

struct KernelName {
  std::string_view family;  // "conv"
  std::string_view name;    // "conv_s8__scalar"
  IsaBits isa = 0;          // what it needs
};

// Families in order of build, each best variant first.
std::span<const KernelName> all_kernels() noexcept;

}  // namespace pinfer
