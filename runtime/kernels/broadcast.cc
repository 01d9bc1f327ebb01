// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/broadcast.h"

namespace pinfer {
namespace {

// Dimension `d` of `shape` padded to `rank` dimensions.
std::int64_t padded_dim(std::span<const std::int32_t> shape, std::size_t d, std::size_t rank) {
  const std::size_t missing = rank - shape.size();
  return d < missing ? 1 : shape[d - missing];
}

// Can an outer dimension of `step` join an inner one that spans `inner_span` elements?
bool joins(std::int64_t step, std::int64_t inner_step, std::int64_t inner_dim) {
  return step == inner_step * inner_dim;
}

}  // namespace

Broadcast make_broadcast(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
                         std::span<const std::int32_t> out) noexcept {
  Broadcast plan;
  plan.dims[0] = 1;
  const std::size_t rank = out.size();
  std::array<std::int64_t, kMaxDims> dims{}, a_steps{}, b_steps{};  // innermost first
  std::size_t used = 0;
  std::int64_t a_span = 1, b_span = 1;
  for (std::size_t d = rank; d-- > 0;) {
    const std::int64_t dim = out[d];
    const std::int64_t a_dim = padded_dim(a, d, rank), b_dim = padded_dim(b, d, rank);
    const std::int64_t a_step = a_dim == 1 ? 0 : a_span, b_step = b_dim == 1 ? 0 : b_span;
    a_span *= a_dim;
    b_span *= b_dim;
    if (dim == 1) continue;
    if (used > 0 && joins(a_step, a_steps[used - 1], dims[used - 1]) &&
        joins(b_step, b_steps[used - 1], dims[used - 1])) {
      dims[used - 1] *= dim;
    } else {
      dims[used] = dim;
      a_steps[used] = a_step;
      b_steps[used] = b_step;
      ++used;
    }
  }
  plan.rank = std::max(1, static_cast<int>(used));
  for (std::size_t i = 0; i < used; ++i) {
    plan.dims[i] = dims[used - 1 - i];
    plan.a_step[i] = a_steps[used - 1 - i];
    plan.b_step[i] = b_steps[used - 1 - i];
  }
  return plan;
}

}  // namespace pinfer
