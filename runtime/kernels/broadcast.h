// SPDX-License-Identifier: Apache-2.0
// Broadcast: how two or three operands line up with an output of up to six dimensions.
//
// - Operands are padded with 1 in front; a dimension of 1 repeats (step 0).
// - Neighbouring dimensions that all operands walk alike are fused, so that equal shapes and
//   scalars become one long row.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace pinfer {

inline constexpr std::size_t kMaxDims = 6;
inline constexpr std::size_t kMaxOperands = 3;

struct Broadcast {
  using Dims = std::array<std::int64_t, kMaxDims>;
  std::size_t rank = 1;                    // after fusing; at least 1
  Dims dims{};                             // of the output, outermost first
  std::array<Dims, kMaxOperands> steps{};  // elements of each operand; 0 repeats
};

// Precondition: the shapes agree by the broadcasting rules and `out` is their common shape.
Broadcast make_broadcast(std::initializer_list<std::span<const std::int32_t>> operands,
                         std::span<const std::int32_t> out) noexcept;

// A stretch of the innermost dimension: output out + i takes elements at[k] + i * step[k] of the
// operands, for i in [0, count).
struct BroadcastRow {
  std::int64_t out = 0, count = 0;
  std::array<std::int64_t, kMaxOperands> at{}, step{};  // steps are 0 or 1
};

// Calls row(BroadcastRow) for stretches that cover the flat outputs [begin, end), in order.
template <class Row>
void for_each_row(const Broadcast& plan, std::int64_t begin, std::int64_t end, const Row& row) {
  const std::size_t last = plan.rank - 1;
  Broadcast::Dims at{};
  BroadcastRow stretch;
  std::int64_t rest = begin;
  for (std::size_t d = last + 1; d-- > 0;) {
    at[d] = rest % plan.dims[d];
    rest /= plan.dims[d];
    for (std::size_t k = 0; k < kMaxOperands; ++k) stretch.at[k] += at[d] * plan.steps[k][d];
  }
  for (std::size_t k = 0; k < kMaxOperands; ++k) stretch.step[k] = plan.steps[k][last];
  for (std::int64_t out = begin; out < end;) {
    stretch.out = out;
    stretch.count = std::min(plan.dims[last] - at[last], end - out);
    row(stretch);
    out += stretch.count;
    at[last] += stretch.count;
    for (std::size_t k = 0; k < kMaxOperands; ++k) stretch.at[k] += stretch.count * stretch.step[k];
    for (std::size_t d = last; d > 0 && at[d] == plan.dims[d]; --d) {
      for (std::size_t k = 0; k < kMaxOperands; ++k)
        stretch.at[k] += plan.steps[k][d - 1] - at[d] * plan.steps[k][d];
      at[d] = 0;
      ++at[d - 1];
    }
  }
}

}  // namespace pinfer
