// SPDX-License-Identifier: Apache-2.0
// For the tests that hold each variant of this machine against the scalar judge of its family.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "runtime/cpu/isa.h"
#include "tests/runtime/kernels/mac_cases.h"

namespace pinfer::test {

// How many random cases a variant must pass; PINFER_CASES multiplies them. A tenth under a
// sanitizer, which looks for other mistakes and takes ten times as long.
inline int cases(int count) {
#if defined(PINFER_SANITIZER_ADDRESS) || defined(PINFER_SANITIZER_THREAD)
  count = std::max(1, count / 10);
#endif
  const char* factor = std::getenv("PINFER_CASES");
  return factor == nullptr ? count : count * std::max(1, std::atoi(factor));
}

// Calls check(variant) for each kernel that this machine can run and that is not scalar.
template <class Kernels, class Check>
void for_each_variant(const Kernels& kernels, const Check& check) {
  const IsaBits isa = detect_isa();
  for (const auto& kernel : kernels)
    if (kernel.isa != isa::scalar && covers(isa, kernel.isa)) check(kernel);
}

// The range of an 8-bit or 16-bit type, or part of it.
inline ClampRange random_clamp(Random& random, std::int32_t low, std::int32_t high) {
  if (pick(random, 0, 2) != 0) return {low, high};
  const auto a = static_cast<std::int32_t>(pick(random, low, high));
  return {a, static_cast<std::int32_t>(pick(random, a, high))};
}

// As random_values, but cheap: there are many of them.
template <class T>
std::vector<T> quick_values(Random& random, std::size_t count) {
  if constexpr (std::is_floating_point_v<T>) {
    return random_values<T>(random, static_cast<std::int64_t>(count));
  } else {
    std::vector<T> values(count);
    for (T& value : values) {
      const auto bits = random();
      value = (bits & 7) == 0   ? std::numeric_limits<T>::min()
              : (bits & 7) == 1 ? std::numeric_limits<T>::max()
                                : static_cast<T>(bits >> 8);
    }
    return values;
  }
}

// A vector that begins 0..15 elements into its memory, with others before and behind it.
template <class T>
class Guarded {
 public:
  Guarded(Random& random, std::int64_t count)
      : offset_(static_cast<std::size_t>(pick(random, 0, 15))),
        values_(quick_values<T>(random, static_cast<std::size_t>(count) + 15 + 16)) {}
  T* data() { return values_.data() + offset_; }
  const T* data() const { return values_.data() + offset_; }
  // Everything, what lies around it included.
  const std::vector<T>& all() const { return values_; }

 private:
  std::size_t offset_;
  std::vector<T> values_;
};

}  // namespace pinfer::test
