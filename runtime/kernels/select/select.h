// SPDX-License-Identifier: Apache-2.0
// select: out[i] = condition[i] ? x[i] : y[i] with broadcasting; elements are moved as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/kernels/broadcast.h"

namespace pinfer {

struct SelectArgs {
  const std::uint8_t* condition = nullptr;  // bools: any byte but 0 is true
  const void* x = nullptr;
  const void* y = nullptr;
  void* out = nullptr;  // may be x or y where that operand is as large as the output
  Broadcast broadcast;  // of condition, x, y
  std::int64_t begin = 0, end = 0;
};

struct SelectKernel {
  std::string_view name;
  std::size_t element_bytes;
  IsaBits isa = 0;
  void (*run)(const SelectArgs& args) noexcept = nullptr;
};

std::span<const SelectKernel> select_kernels() noexcept;
// Null where there are no elements of that size.
const SelectKernel* select_select(std::size_t element_bytes, IsaBits isa) noexcept;

}  // namespace pinfer
