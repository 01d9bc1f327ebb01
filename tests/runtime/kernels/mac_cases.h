// SPDX-License-Identifier: Apache-2.0
// Random operands and an independent requantization for the tests of the multiply-accumulate
// families. Nothing here shares code with the kernels.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "runtime/core/aligned_buffer.h"
#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/mac.h"

namespace pinfer::test {

using Random = std::mt19937;

inline std::int64_t pick(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

// Full-range values, with the ends of the range in every fourth place.
template <class T>
std::vector<T> random_values(Random& random, std::int64_t count) {
  std::vector<T> values(static_cast<std::size_t>(count));
  if constexpr (std::is_floating_point_v<T>) {
    std::normal_distribution<T> normal;
    for (T& value : values) value = normal(random);
  } else {
    constexpr auto low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    for (T& value : values) {
      const std::int64_t kind = pick(random, 0, 7);
      value = kind == 0 ? low : kind == 1 ? high : static_cast<T>(pick(random, low, high));
    }
  }
  return values;
}

// A multiplier of about 2^-shift / 2, as quantized nets have.
inline Multiplier random_multiplier(Random& random, int low_shift, int high_shift) {
  return {static_cast<std::int32_t>(pick(random, 1ll << 30, (1ll << 31) - 1)),
          static_cast<std::int32_t>(pick(random, low_shift, high_shift))};
}

// sum * multiplier, rounded twice: halves up at 2^-31, then halves away from zero.
inline std::int64_t scaled32(std::int64_t sum, Multiplier multiplier) {
  const int left = multiplier.shift > 0 ? multiplier.shift : 0;
  const int right = multiplier.shift > 0 ? 0 : -multiplier.shift;
  const auto wrapped = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) << left);
  const std::int64_t product = static_cast<std::int64_t>(wrapped) * multiplier.mantissa;
  const std::int64_t high = (product + (1ll << 30)) >> 31;
  return std::llround(static_cast<double>(high) / std::ldexp(1.0, right));
}

// The 64-bit scheme: a mantissa of 16 bits, halves up.
inline std::int64_t scaled64(std::int64_t sum, Multiplier multiplier) {
  const auto mantissa = std::min<std::int64_t>((multiplier.mantissa + 0x8000ll) >> 16, 0x7fff);
  const long double exact =
      std::ldexp(static_cast<long double>(sum) * static_cast<long double>(mantissa), -15);
  return static_cast<std::int64_t>(std::floor(std::ldexp(exact, multiplier.shift) + 0.5L));
}

// Weights and input in the order that the variant wants; sets args.packed and args.scratch.
class PackedCase final {
 public:
  template <class Kernel, class Args>
  PackedCase(const Kernel& kernel, Args& args) {
    const auto& packing = kernel.packing;
    if (packing.pack == nullptr) return;
    packed_ = AlignedBuffer::create(packing.packed_bytes(args)).value();
    packing.pack(args, packed_.data());
    args.packed = packed_.data();
    if (packing.scratch_bytes != nullptr)
      scratch_ = AlignedBuffer::create(packing.scratch_bytes(args)).value();
    args.scratch = scratch_.data();
    if (packing.arrange == nullptr) return;
    const std::int64_t units = packing.arrange_units(args);
    packing.arrange(args, units / 2, units);
    packing.arrange(args, 0, units / 2);
  }

 private:
  AlignedBuffer packed_, scratch_;
};

inline std::int64_t clamped(std::int64_t value, ClampRange range) {
  return value < range.low ? range.low : value > range.high ? range.high : value;
}

}  // namespace pinfer::test
