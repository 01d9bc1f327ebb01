// SPDX-License-Identifier: Apache-2.0
// split_walks of the reduce family.
#include "runtime/kernels/reduce/reduce.h"

namespace pinfer {
namespace {

// Puts a dimension in front of the walk, or into its first one where the two are neighbours.
void prepend(Walk& walk, std::int64_t dim, std::int64_t step, bool joins) {
  walk.count *= dim;
  if (joins) {
    walk.dims[0] *= dim;
    return;
  }
  for (auto d = static_cast<std::size_t>(walk.rank); d > 0; --d) {
    walk.dims[d] = walk.dims[d - 1];
    walk.steps[d] = walk.steps[d - 1];
  }
  walk.dims[0] = dim;
  walk.steps[0] = step;
  ++walk.rank;
}

}  // namespace

void split_walks(std::span<const std::int32_t> shape, std::span<const bool> is_reduced, Walk& kept,
                 Walk& reduced) noexcept {
  kept = {};
  reduced = {};
  std::int64_t step = 1;
  const Walk* before = nullptr;
  for (std::size_t d = shape.size(); d-- > 0;) {
    if (shape[d] == 1) continue;
    Walk& walk = is_reduced[d] ? reduced : kept;
    prepend(walk, shape[d], step, before == &walk);
    before = &walk;
    step *= shape[d];
  }
}

}  // namespace pinfer
