// SPDX-License-Identifier: Apache-2.0
// Percentiles by nearest rank: the smallest value that at least so many percent do not exceed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace pinfer {

// Of sorted values, at least one; percent 0..100.
template <class T>
T percentile(std::span<const T> sorted, double percent) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(percent / 100.0 * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace pinfer
