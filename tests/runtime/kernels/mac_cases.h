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

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). Most of
// the time of a case is drawing its numbers.
class Random final {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed) : state_(seed) {}
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

// One of low..high; at most 2^32 values.
inline std::int64_t pick(Random& random, std::int64_t low, std::int64_t high) {
  const std::uint64_t count = static_cast<std::uint64_t>(high - low) + 1;
  return low + static_cast<std::int64_t>(((random() >> 32) * count) >> 32);
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
      const std::uint64_t bits = random();
      const std::uint64_t kind = bits & 7;
      value = kind == 0 ? low : kind == 1 ? high : static_cast<T>(bits >> 8);
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

constexpr std::size_t kMargin = 64;  // elements before and behind an output
constexpr std::int8_t kUntouched = 85;

// What an int8 kernel writes in blocks as steps cut them, between margins: rows cut anywhere,
// channels at `split`, which the kernel's grain divides.
template <class Kernel, class Args>
std::vector<std::int8_t> output_in_blocks(const Kernel& kernel, Args args, std::int64_t rows,
                                          std::int32_t split, Random random) {
  const ConvShape& s = args.shape;
  const std::int64_t size = std::int64_t{s.batches} * s.out_height * s.out_width * s.out_channels;
  std::vector<std::int8_t> out(static_cast<std::size_t>(size) + 2 * kMargin, kUntouched);
  args.output = out.data() + kMargin;
  const PackedCase packed(kernel, args);
  const std::int64_t middle = pick(random, 0, rows);
  kernel.run(args, {middle, rows, split, s.out_channels});
  kernel.run(args, {middle, rows, 0, split});
  kernel.run(args, {0, middle, 0, s.out_channels});
  return out;
}

inline std::int64_t clamped(std::int64_t value, ClampRange range) {
  return value < range.low ? range.low : value > range.high ? range.high : value;
}

}  // namespace pinfer::test
