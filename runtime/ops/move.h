// SPDX-License-Identifier: Apache-2.0
// View and Moves: how operators that only move bytes are written.
//
//   Moves moves;                                      // TRANSPOSE
//   moves.copy(permuted(whole(context, in), order), whole(context, out));
//   return moves.step(context);
//
// A View names elements of a tensor by loops (extent, stride); functions below derive one view from
// another, as numpy does. Nothing is touched until the step runs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/core/fixed_vector.h"
#include "runtime/kernels/copy/copy.h"
#include "runtime/ops/operator.h"

namespace pinfer {

struct ViewDim {
  std::int64_t extent = 1, stride = 0;  // stride in elements
};

struct View {
  TensorId tensor = kNoTensor;
  std::int64_t element_bytes = 1;
  std::int64_t offset = 0;  // of the first element, in elements
  FixedVector<ViewDim, kMaxCopyRank> dims{};
};

// Preconditions of all below: the dimension exists, and what is named lies inside the tensor.
View whole(const NodeContext& context, TensorId tensor);
// Elements start, start + step, ... (`count` of them) along `dim`.
View narrowed(View view, int dim, std::int64_t start, std::int64_t step, std::int64_t count);
View permuted(const View& view, std::span<const int> order);
// Dimension `dim` becomes two: (extent / inner, inner).
View split(const View& view, int dim, std::int64_t inner);
// A new dimension in front of `dim` that repeats the rest `count` times.
View repeated(const View& view, int dim, std::int64_t count);
View without(const View& view, int dim);  // drops a dimension of extent 1

class Moves final {
 public:
  using Lut = std::array<std::uint8_t, 256>;

  // Every element of `tensor` becomes `value` (the bytes of one element), before all copies.
  void fill(const NodeContext& context, TensorId tensor, std::span<const std::byte> value);
  // The same with the value that the tensor `value` (one element) has at run time.
  void fill_from(const NodeContext& context, TensorId tensor, TensorId value);
  // Extents must agree.
  void copy(const View& from, const View& to);
  // The same for elements of one byte, each mapped by `lut`.
  void copy_mapped(const View& from, const View& to, const Lut& lut);

  // The step that does all of it, in that order; it shows the Moves.
  std::unique_ptr<Step> step(const NodeContext& context) &&;

  struct Fill {
    TensorId tensor = kNoTensor, value = kNoTensor;
    std::array<std::byte, 8> bytes{};
    std::size_t element_bytes = 1, total_bytes = 0;
  };
  struct Copy {
    TensorId from = kNoTensor, to = kNoTensor;
    std::int64_t from_offset = 0, to_offset = 0;  // bytes
    CopyPlan plan{};
    int lut = -1;
  };
  [[nodiscard]] std::span<const Fill> fills() const noexcept { return fills_; }
  [[nodiscard]] std::span<const Copy> copies() const noexcept { return copies_; }
  [[nodiscard]] std::span<const Lut> luts() const noexcept { return luts_; }

 private:
  std::vector<Fill> fills_;
  std::vector<Copy> copies_;
  std::vector<Lut> luts_;
};

// `bytes` bytes at `to` become repetitions of the element at `value`. They do not overlap.
void fill_bytes(std::byte* to, std::size_t bytes, const std::byte* value,
                std::size_t element_bytes) noexcept;

// The common beginning of the infer functions: so many operands, output 0 of the type of `input`.
Result<void> expect_move(const NodeContext& context, int min_inputs, int max_inputs, int input = 0);

}  // namespace pinfer
