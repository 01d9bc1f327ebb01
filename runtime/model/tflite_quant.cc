// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_quant.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace pinfer {
namespace {

struct Range {
  std::int64_t min, max;
};

template <class Int>
constexpr Range range_of() {
  return {std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max()};
}

// What a zero point may be; min > max for types that are never quantized.
Range zero_point_range(DType dtype) {
  switch (dtype) {
    case DType::i8:
      return range_of<std::int8_t>();
    case DType::u8:
      return range_of<std::uint8_t>();
    case DType::i16:
      return range_of<std::int16_t>();
    case DType::u16:
      return range_of<std::uint16_t>();
    case DType::i32:
    case DType::i64:
      return range_of<std::int32_t>();
    default:
      return {1, 0};
  }
}

// The verifier does not check that 8-byte numbers are aligned, so they are copied out.
std::int64_t zero_point_at(const flatbuffers::Vector<std::int64_t>& vector, std::uint32_t i) {
  std::int64_t value;
  std::memcpy(&value, vector.Data() + std::size_t{i} * sizeof(value), sizeof(value));
  return value;
}

// Old writers give the bias of a depthwise convolution the axis of its weights.
std::int32_t axis_of(const wire::Quantization& quant, const Shape& shape) {
  return shape.size() == 1 ? 0 : quant.axis();
}

Result<void> check_counts(const wire::Quantization& quant, const Shape& shape) {
  const std::uint32_t scales = size_of_vector(quant.scale());
  const std::uint32_t zero_points = size_of_vector(quant.zero_point());
  if (zero_points > 1 && zero_points != scales)
    return fail(ErrorCode::invalid_model, "V10: it has {} scales but {} zero points", scales,
                zero_points);
  if (scales == 1) return {};
  const std::int32_t axis = axis_of(quant, shape);
  if (axis < 0 || axis >= static_cast<std::int32_t>(shape.size()))
    return fail(ErrorCode::invalid_model,
                "V10: its {} scales lie along dimension {}, but it has {} dimensions", scales, axis,
                shape.size());
  const std::int32_t dim = shape[static_cast<std::size_t>(axis)];
  if (static_cast<std::int64_t>(scales) != dim)
    return fail(ErrorCode::invalid_model, "V10: it has {} scales along dimension {}, which is {}",
                scales, axis, dim);
  return {};
}

// Of entry `at`, after those before it: one entry as long as all are the same.
void add_zero_point(Quant& quant, std::size_t at, std::int32_t zero_point) {
  std::vector<std::int32_t>& all = quant.zero_point;
  if (at == 0) all.push_back(zero_point);
  if (all.size() == 1 && all[0] != zero_point) all.resize(quant.scale.size(), all[0]);
  if (all.size() > 1) all[at] = zero_point;
}

}  // namespace

Result<Quant> read_quant(const wire::Tensor& wire_tensor, DType dtype, const Shape& shape,
                         Allowance& allowance) {
  Quant quant;
  const wire::Quantization* from = wire_tensor.quantization();
  const Range range = zero_point_range(dtype);
  if (from == nullptr || size_of_vector(from->scale()) == 0 || range.min > range.max) return quant;
  PINFER_CHECK(check_counts(*from, shape));
  const std::uint32_t count = from->scale()->size();
  PINFER_CHECK(allowance.take_entries(count, sizeof(float) + sizeof(std::int32_t)));
  quant.scale.resize(count);
  quant.axis = count > 1 ? axis_of(*from, shape) : 0;
  const std::uint32_t zero_points = size_of_vector(from->zero_point());
  for (std::uint32_t i = 0; i < count; ++i) {
    const float scale = from->scale()->Get(i);
    if (!std::isfinite(scale) || scale <= 0.0f)
      return fail(ErrorCode::invalid_model,
                  "V10: scale {} is {}, it must be a finite number above 0", i, scale);
    const std::int64_t zero_point =
        zero_points == 0 ? 0 : zero_point_at(*from->zero_point(), zero_points == 1 ? 0 : i);
    if (zero_point < range.min || zero_point > range.max)
      return fail(ErrorCode::invalid_model, "V10: zero point {} is {}, outside {} to {}", i,
                  zero_point, range.min, range.max);
    quant.scale[i] = scale;
    add_zero_point(quant, i, static_cast<std::int32_t>(zero_point));
  }
  return quant;
}

}  // namespace pinfer
