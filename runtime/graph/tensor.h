// SPDX-License-Identifier: Apache-2.0
// Shape, Quant, TensorInfo (a tensor described) and Tensor (a view of one in memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/core/fixed_vector.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

// Rule V4: no tensor has more dimensions or elements than this.
inline constexpr std::size_t kMaxRank = 6;
inline constexpr std::int64_t kMaxElements = 0x7fffffff;

// Dimensions, outermost first; each is 0 or more. Rank 0 is a scalar with one element.
using Shape = FixedVector<std::int32_t, kMaxRank>;

// Number of elements. Shapes in a graph are checked (V4), so the product fits.
constexpr std::int64_t elements(const Shape& shape) noexcept {
  std::int64_t count = 1;
  for (const std::int32_t dim : shape) count *= dim;
  return count;
}

// "[1x224x224x3]"
std::string to_string(const Shape& shape);

// real = scale * (q - zero_point). Empty scale: not quantized. One entry: per tensor. More: per
// channel along dimension `axis`.
struct Quant {
  std::vector<float> scale;
  std::vector<std::int32_t> zero_point;  // one where all are the same, else as many as scales
  std::int32_t axis = 0;

  [[nodiscard]] bool quantized() const noexcept { return !scale.empty(); }
  [[nodiscard]] bool per_channel() const noexcept { return scale.size() > 1; }
  [[nodiscard]] std::int32_t zero_of(std::size_t channel) const noexcept {
    return zero_point[zero_point.size() == 1 ? 0 : channel];
  }
  friend bool operator==(const Quant&, const Quant&) = default;
};

// Index into Graph::tensors; kNoTensor stands where an optional operand is absent.
using TensorId = std::int32_t;
inline constexpr TensorId kNoTensor = -1;

struct TensorInfo {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;
  Quant quant;

  // The value, when it is known at load: bytes of the model file or of Graph::blobs, row-major,
  // aligned for dtype, exactly elements * size_of(dtype) long. Empty when computed at run time.
  std::span<const std::byte> data;
  bool is_constant = false;       // data holds the value, and no node writes it
  bool is_variable = false;       // state kept from run to run, zero at first (LSTM, SVDF)
  bool shape_known = true;        // false until the node that makes it has been inferred
  bool dynamic_batch = false;     // the file says -1 for dimension 0
  std::int32_t variable = -1;     // resource tensors: index into Graph::variables
  TensorId alias_of = kNoTensor;  // shares the bytes of that tensor (a reshape that was dropped)

  [[nodiscard]] std::size_t bytes() const noexcept {
    return static_cast<std::size_t>(elements(shape)) * size_of(dtype);
  }
  // Per-tensor quantization; 1 and 0 where there is none.
  [[nodiscard]] float scale() const noexcept { return quant.scale.empty() ? 1.0f : quant.scale[0]; }
  [[nodiscard]] std::int32_t zero_point() const noexcept {
    return quant.zero_point.empty() ? 0 : quant.zero_point[0];
  }
};

// A view: never owns. `info` outlives it.
struct Tensor {
  const TensorInfo* info = nullptr;
  std::byte* data = nullptr;

  [[nodiscard]] std::size_t bytes() const noexcept { return info->bytes(); }
  template <class T>
  [[nodiscard]] std::span<T> as() const noexcept {
    return {reinterpret_cast<T*>(data), static_cast<std::size_t>(elements(info->shape))};
  }
};

}  // namespace pinfer
