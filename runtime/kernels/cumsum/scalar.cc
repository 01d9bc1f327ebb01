// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <type_traits>

#include "runtime/kernels/cumsum/cumsum.h"

namespace pinfer {
namespace {

template <class T>
T sum_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a + b;
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <class T>
void cumsum(const CumsumArgs& args) noexcept {
  const auto* in = static_cast<const T*>(args.in);
  auto* out = static_cast<T*>(args.out);
  for (std::int64_t line = args.begin; line < args.end; ++line) {
    const std::int64_t first = line / args.inner * args.depth * args.inner + line % args.inner;
    T sum = 0;
    for (std::int64_t k = 0; k < args.depth; ++k) {
      const std::int64_t at = first + (args.reverse ? args.depth - 1 - k : k) * args.inner;
      const T next = sum_of(sum, in[at]);
      out[at] = args.exclusive ? sum : next;
      sum = next;
    }
  }
}

}  // namespace

void cumsum_f32__scalar(const CumsumArgs& args) noexcept { cumsum<float>(args); }
void cumsum_s32__scalar(const CumsumArgs& args) noexcept { cumsum<std::int32_t>(args); }
void cumsum_s64__scalar(const CumsumArgs& args) noexcept { cumsum<std::int64_t>(args); }

}  // namespace pinfer
