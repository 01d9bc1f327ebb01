// SPDX-License-Identifier: Apache-2.0
// Broadcast: how two operands line up with an output of up to six dimensions.
//
// - Operands are padded with 1 in front; a dimension of 1 repeats (stride 0).
// - Neighbouring dimensions that both operands walk alike are fused, so that equal shapes and
//   scalars become one long row.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace pinfer {

inline constexpr std::size_t kMaxDims = 6;

struct Broadcast {
  int rank = 1;                                           // after fusing; at least 1
  std::array<std::int64_t, kMaxDims> dims{};              // of the output, outermost first
  std::array<std::int64_t, kMaxDims> a_step{}, b_step{};  // elements; 0 repeats
};

// Precondition: the shapes agree by the broadcasting rules and `out` is their common shape.
Broadcast make_broadcast(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
                         std::span<const std::int32_t> out) noexcept;

// A stretch of the innermost dimension: out[i], a[i * a_step], b[i * b_step] for i in [0, count).
struct BroadcastRow {
  std::int64_t out = 0, a = 0, b = 0;  // first elements
  std::int64_t count = 0;
  std::int64_t a_step = 0, b_step = 0;  // 0 or 1
};

// Calls row(BroadcastRow) for stretches that cover the flat outputs [begin, end), in order.
template <class Row>
void for_each_row(const Broadcast& plan, std::int64_t begin, std::int64_t end, const Row& row) {
  const auto last = static_cast<std::size_t>(plan.rank - 1);
  std::array<std::int64_t, kMaxDims> at{};
  std::int64_t rest = begin, a = 0, b = 0;
  for (std::size_t d = last + 1; d-- > 0;) {
    at[d] = rest % plan.dims[d];
    rest /= plan.dims[d];
    a += at[d] * plan.a_step[d];
    b += at[d] * plan.b_step[d];
  }
  for (std::int64_t out = begin; out < end;) {
    const std::int64_t count = std::min(plan.dims[last] - at[last], end - out);
    row(BroadcastRow{out, a, b, count, plan.a_step[last], plan.b_step[last]});
    out += count;
    at[last] += count;
    a += count * plan.a_step[last];
    b += count * plan.b_step[last];
    for (std::size_t d = last; d > 0 && at[d] == plan.dims[d]; --d) {
      a += plan.a_step[d - 1] - at[d] * plan.a_step[d];
      b += plan.b_step[d - 1] - at[d] * plan.b_step[d];
      at[d] = 0;
      ++at[d - 1];
    }
  }
}

}  // namespace pinfer
