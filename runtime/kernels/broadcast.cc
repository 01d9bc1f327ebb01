// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/broadcast.h"

namespace pinfer {
namespace {

using Steps = std::array<std::int64_t, kMaxOperands>;

// Dimension `d` of `shape` padded to `rank` dimensions.
std::int64_t padded_dim(std::span<const std::int32_t> shape, std::size_t d, std::size_t rank) {
  const std::size_t missing = rank - shape.size();
  return d < missing ? 1 : shape[d - missing];
}

// One dimension of the loop.
struct Loop {
  std::int64_t dim = 1;
  Steps steps{};
};

// Does `outer` continue `inner` for every operand?
bool joins(const Loop& outer, const Loop& inner) {
  for (std::size_t k = 0; k < kMaxOperands; ++k)
    if (outer.steps[k] != inner.steps[k] * inner.dim) return false;
  return true;
}

}  // namespace

Broadcast make_broadcast(std::initializer_list<std::span<const std::int32_t>> operands,
                         std::span<const std::int32_t> out) noexcept {
  std::array<Loop, kMaxDims> loops{};  // innermost first
  std::size_t used = 0;
  Steps spans{1, 1, 1};
  for (std::size_t d = out.size(); d-- > 0;) {
    Loop loop{.dim = out[d]};
    std::size_t k = 0;
    for (const auto& operand : operands) {
      const std::int64_t dim = padded_dim(operand, d, out.size());
      loop.steps[k] = dim == 1 ? 0 : spans[k];
      spans[k++] *= dim;
    }
    if (loop.dim == 1) continue;
    if (used > 0 && joins(loop, loops[used - 1]))
      loops[used - 1].dim *= loop.dim;
    else
      loops[used++] = loop;
  }
  Broadcast plan;
  plan.rank = std::max<std::size_t>(1, used);
  plan.dims[0] = 1;
  for (std::size_t i = 0; i < used; ++i) {
    const Loop& loop = loops[used - 1 - i];
    plan.dims[i] = loop.dim;
    for (std::size_t k = 0; k < kMaxOperands; ++k) plan.steps[k][i] = loop.steps[k];
  }
  return plan;
}

}  // namespace pinfer
