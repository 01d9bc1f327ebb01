// SPDX-License-Identifier: Apache-2.0
// lut: curves by table, element by element.
//
// - x8: out = table[in] on raw bytes (int8 and uint8 alike); the table has 256 bytes.
// - x16: the same on 16 bits, with 65536 entries.
// - s16: 513 samples over the whole range, linear in between: the high 9 bits of the input choose
//   the sample, the low 7 bits the point between it and the next.
// - logistic_s16, tanh_s16: in * multiplier / 2^shift is a fixed-point argument with 1/12288 as
//   unit; the samples are sigmoid(i / 24), mirrored for negative arguments.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"

namespace pinfer {

enum class LutOp : std::uint8_t { x8, x16, s16, logistic_s16, tanh_s16 };

struct LutArgs {
  const void* in = nullptr;
  void* out = nullptr;          // may be `in`
  const void* table = nullptr;  // x8: 256 uint8; x16: 65536 uint16; s16: 513 int16
  std::int32_t multiplier = 0;  // logistic_s16, tanh_s16: at least 0
  std::int32_t shift = 0;       // to the right, 0..31
  std::int64_t begin = 0, end = 0;
};

struct LutKernel {
  std::string_view name;
  LutOp op;
  IsaBits isa = 0;
  void (*run)(const LutArgs& args) noexcept = nullptr;
};

std::span<const LutKernel> lut_kernels() noexcept;
// There is one for each operation.
const LutKernel& select_lut(LutOp op, IsaBits isa) noexcept;

// One value of the interpolated s16 table.
constexpr std::int16_t interpolate_s16(std::int16_t value, const std::int16_t* table) noexcept {
  const int index = 256 + (value >> 7);
  const int slope = static_cast<std::int16_t>(table[index + 1] - table[index]);
  return static_cast<std::int16_t>(table[index] + ((slope * (value & 0x7f) + 64) >> 7));
}

}  // namespace pinfer
