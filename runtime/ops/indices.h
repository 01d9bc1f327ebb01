// SPDX-License-Identifier: Apache-2.0
// Indices: an operand of int16, int32 or int64 indices, read when the step runs (rule V7).
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/ops/operator.h"

namespace pinfer {

struct Indices {
  TensorId tensor = kNoTensor;
  std::size_t element_bytes = 4;

  static Result<Indices> of(const NodeContext& context, int input) {
    PINFER_CHECK(context.expect_type(input, {DType::i16, DType::i32, DType::i64}));
    return Indices{context.input_id(input), size_of(context.input(input).dtype)};
  }

  [[nodiscard]] std::int64_t at(const RunContext& run, std::int64_t i) const noexcept {
    const std::byte* from =
        run.data<std::byte>(tensor) + i * static_cast<std::int64_t>(element_bytes);
    if (element_bytes == 4) return load<std::int32_t>(from);
    return element_bytes == 8 ? load<std::int64_t>(from) : load<std::int16_t>(from);
  }

 private:
  template <class Int>
  static std::int64_t load(const std::byte* from) noexcept {
    Int value;
    std::memcpy(&value, from, sizeof(value));
    return value;
  }
};

// Elements of dimensions [begin, end); shapes are checked, so the product fits.
inline std::int64_t extent_between(const Shape& shape, std::size_t begin,
                                   std::size_t end) noexcept {
  std::int64_t count = 1;
  for (std::size_t d = begin; d < end; ++d) count *= shape[d];
  return count;
}

}  // namespace pinfer
