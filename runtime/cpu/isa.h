// SPDX-License-Identifier: Apache-2.0
// IsaBits: the instruction sets that kernels may need, found at run time and cappable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/core/result.h"

namespace pinfer {

// A set of bits: what a kernel needs must be a subset of what the machine has.
using IsaBits = std::uint32_t;

namespace isa {
inline constexpr IsaBits scalar = 0;
inline constexpr IsaBits neon = 1u << 0;
inline constexpr IsaBits neondot = 1u << 1;
inline constexpr IsaBits i8mm = 1u << 2;
inline constexpr IsaBits avx2 = 1u << 3;
inline constexpr IsaBits avx512vnni = 1u << 4;
}  // namespace isa

constexpr bool covers(IsaBits have, IsaBits need) noexcept { return (have & need) == need; }

// What this machine has (HWCAP on ARM, CPUID on x86).
IsaBits detect_isa() noexcept;

// `have` cut down to the level `name` and what it implies ("neon" drops neondot and i8mm; "scalar"
// drops all; "" or "auto" keeps all). Error invalid_argument with the known names for any other.
Result<IsaBits> cap_isa(IsaBits have, std::string_view name);

// "neon neondot", or "scalar".
std::string to_string_isa(IsaBits bits);

}  // namespace pinfer
