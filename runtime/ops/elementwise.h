// SPDX-License-Identifier: Apache-2.0
// What the element-wise operators share: shapes, multipliers, and how a step splits its work.
#pragma once

#include <array>
#include <cmath>

#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/binary/binary.h"
#include "runtime/ops/operator.h"

namespace pinfer {

// Elements that one thread takes at a time.
inline constexpr std::int64_t kElementBlock = 8192;

// The common shape of two operands (rule V8).
Result<Shape> broadcast_shape(const NodeContext& context, const Shape& a, const Shape& b);

// The Multiplier of `real` (rule V10): finite, at least 0, and its shift at most `max_shift`.
Result<Multiplier> checked_multiplier(const NodeContext& context, double real, int max_shift = 30);

// [lowest, highest] of an integer type of 8, 16 or 32 bits.
ClampRange range_of(DType type) noexcept;

// Are both types the same, and the output of that type too?
Result<void> expect_same_types(const NodeContext& context);

// One operand of type `allowed`, one output of the same type and shape.
Result<void> infer_same(const NodeContext& context, std::initializer_list<DType> allowed);

constexpr bool is_small_integer(DType type) noexcept {
  return type == DType::i8 || type == DType::u8 || type == DType::i16;
}

// The step of a binary kernel on inputs 0 and 1, which chains run part by part.
class BinaryStep final : public Step {
 public:
  BinaryStep(const BinaryKernel& kernel, const BinaryArgs& args, std::array<TensorId, 3> ids,
             std::int64_t count)
      : Step({.kernel = kernel.name}), args_(args), kernel_(kernel), ids_(ids), count_(count) {}

  Status run(const RunContext& context) const noexcept override;
  // Elements [begin, end) of the output.
  void run_part(const RunContext& context, std::int64_t begin, std::int64_t end) const noexcept;

  [[nodiscard]] BinaryOp op() const noexcept { return kernel_.op; }
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  [[nodiscard]] const BinaryArgs& args() const noexcept { return args_; }

 private:
  BinaryArgs args_;
  const BinaryKernel& kernel_;
  std::array<TensorId, 3> ids_;  // a, b, out
  std::int64_t count_ = 0;
};
Result<std::unique_ptr<Step>> binary_step(const NodeContext& context, BinaryOp op,
                                          const BinaryParams& params);

// log2(scale) when it is a whole number (within the tolerance of the reference).
bool log2_of_scale(float scale, int& log2) noexcept;

}  // namespace pinfer
