// SPDX-License-Identifier: Apache-2.0
#include "runtime/cpu/isa.h"

#include <array>
#include <cstdlib>

#include "runtime/core/suggest.h"

#if defined(__aarch64__) || defined(__arm__)
#include <sys/auxv.h>
#endif

namespace pinfer {
namespace {

struct Level {
  std::string_view name;
  IsaBits bit;
  IsaBits implies;  // everything that a machine capped to this level keeps
};

constexpr std::array kLevels{
    Level{"scalar", isa::scalar, isa::scalar},
    Level{"neon", isa::neon, isa::neon},
    Level{"neondot", isa::neondot, isa::neon | isa::neondot},
    Level{"i8mm", isa::i8mm, isa::neon | isa::neondot | isa::i8mm},
    Level{"avx2", isa::avx2, isa::avx2},
    Level{"avx512vnni", isa::avx512vnni, isa::avx2 | isa::avx512vnni},
};

IsaBits machine_isa() noexcept {
  IsaBits bits = isa::scalar;
#if defined(__aarch64__)
  // Bit numbers of the kernel's arch/arm64/include/uapi/asm/hwcap.h.
  constexpr unsigned long kAsimd = 1ul << 1, kAsimdDp = 1ul << 20, kI8mm2 = 1ul << 13;
  const unsigned long caps = ::getauxval(AT_HWCAP), caps2 = ::getauxval(AT_HWCAP2);
  if ((caps & kAsimd) != 0) bits |= isa::neon;
  if ((caps & kAsimdDp) != 0) bits |= isa::neondot;
  if ((caps2 & kI8mm2) != 0) bits |= isa::i8mm;
#elif defined(__arm__)
  constexpr unsigned long kNeon = 1ul << 12;
  if ((::getauxval(AT_HWCAP) & kNeon) != 0) bits |= isa::neon;
#elif defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) bits |= isa::avx2;
  if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vnni") != 0)
    bits |= isa::avx512vnni;
#endif
  return bits;
}

}  // namespace

IsaBits detect_isa() noexcept {
  const IsaBits bits = machine_isa();
  const char* cap = std::getenv("PINFER_ISA");
  if (cap == nullptr) return bits;
  // A word that is no level caps nothing here: programs refuse it with cap_isa's sentence.
  for (const Level& level : kLevels)
    if (level.name == cap) return bits & level.implies;
  return bits;
}

Result<IsaBits> cap_isa(IsaBits have, std::string_view name) {
  if (name.empty() || name == "auto") return have;
  std::string known;
  std::array<std::string_view, kLevels.size()> names;
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i].name == name) return have & kLevels[i].implies;
    names[i] = kLevels[i].name;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", kLevels[i].name);
  }
  const auto near = nearest(name, names);
  return fail(ErrorCode::invalid_argument, "unknown ISA level '{}'{}; known: auto, {}", name,
              near ? fmt::format(" (did you mean {}?)", *near) : "", known);
}

std::string to_string_isa(IsaBits bits) {
  std::string text;
  for (const Level& level : kLevels)
    if (level.bit != 0 && (bits & level.bit) != 0)
      text += fmt::format("{}{}", text.empty() ? "" : " ", level.name);
  return text.empty() ? "scalar" : text;
}

}  // namespace pinfer
