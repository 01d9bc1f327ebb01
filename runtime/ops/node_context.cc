// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/core/checked.h"
#include "runtime/ops/operator.h"

namespace pinfer {
namespace {

// Widens `bytes`, an array of Int, to int64.
template <class Int>
std::vector<std::int64_t> widen(std::span<const std::byte> bytes) {
  std::vector<std::int64_t> values(bytes.size() / sizeof(Int));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Int value;
    std::memcpy(&value, bytes.data() + i * sizeof(Int), sizeof(Int));
    values[i] = value;
  }
  return values;
}

bool zero_point_fits(DType type, std::int32_t zero_point) {
  switch (type) {
    case DType::i8:
      return zero_point >= -128 && zero_point <= 127;
    case DType::u8:
      return zero_point >= 0 && zero_point <= 255;
    default:
      return zero_point == 0;
  }
}

}  // namespace

Error NodeContext::located(ErrorCode code, std::string_view rule, std::string sentence) const {
  const std::string place = fmt::format("operator {} {}", node_.source_index, node_.op);
  if (code == ErrorCode::unsupported)
    return Error{code, fmt::format("{}: not supported: {}", place, sentence)};
  return Error{code, fmt::format("{}: {}: {}", rule, place, sentence)};
}

std::string NodeContext::name_of(TensorId id) const {
  if (id == kNoTensor) return "no tensor";
  const TensorInfo& info = graph_.tensor(id);
  return fmt::format("tensor {} '{}' {}{}", id, info.name, to_string(info.dtype),
                     to_string(info.shape));
}

Result<std::vector<std::int64_t>> NodeContext::index_values(int i, std::size_t max_count) const {
  if (!has_input(i)) return error("V2", "input {} is missing", i);
  const TensorInfo& info = input(i);
  if (info.data.empty() && elements(info.shape) != 0)
    return unsupported("input {} ({}) must be known at load", i, name_of(input_id(i)));
  if (static_cast<std::size_t>(elements(info.shape)) > max_count)
    return error("V7", "input {} ({}) has more than {} entries", i, name_of(input_id(i)),
                 max_count);
  switch (info.dtype) {
    case DType::i32:
      return widen<std::int32_t>(info.data);
    case DType::i64:
      return widen<std::int64_t>(info.data);
    case DType::i16:
      return widen<std::int16_t>(info.data);
    case DType::i8:
      return widen<std::int8_t>(info.data);
    case DType::u8:
      return widen<std::uint8_t>(info.data);
    default:
      return error("V7", "input {} ({}) must hold integers", i, name_of(input_id(i)));
  }
}

Result<void> NodeContext::expect_operands(int min_inputs, int max_inputs, int outputs) const {
  if (input_count() < min_inputs || input_count() > max_inputs)
    return error("V2", "it has {} inputs, it takes {} to {}", input_count(), min_inputs,
                 max_inputs);
  if (output_count() != outputs)
    return error("V2", "it has {} outputs, it makes {}", output_count(), outputs);
  for (int i = 0; i < min_inputs; ++i)
    if (!has_input(i)) return error("V2", "input {} is absent (-1), but it is not optional", i);
  return {};
}

Result<void> NodeContext::expect_type(int i, std::initializer_list<DType> allowed) const {
  if (std::find(allowed.begin(), allowed.end(), input(i).dtype) != allowed.end()) return {};
  return unsupported("input {} is {}", i, name_of(input_id(i)));
}

Result<void> NodeContext::expect_output_type(int i, DType type) const {
  if (output(i).dtype == type) return {};
  return unsupported("output {} is {}, expected {}", i, name_of(output_id(i)), to_string(type));
}

Result<void> NodeContext::expect_rank(int i, int min_rank, int max_rank) const {
  const auto rank = static_cast<int>(input(i).shape.size());
  if (rank >= min_rank && rank <= max_rank) return {};
  return error("V4", "input {} is {}, its rank must be {} to {}", i, name_of(input_id(i)), min_rank,
               max_rank);
}

Result<void> NodeContext::expect_per_tensor_quant(const TensorInfo& tensor) const {
  const auto id = static_cast<TensorId>(&tensor - graph_.tensors.data());
  if (tensor.quant.scale.size() != 1)
    return error("V10", "{} has {} scales, expected 1", name_of(id), tensor.quant.scale.size());
  return expect_channel_quant(tensor, 0);
}

Result<void> NodeContext::expect_affine_quant(const TensorInfo& tensor) const {
  const std::int32_t zero = tensor.zero_point();
  if (tensor.dtype != DType::i16 || tensor.quant.scale.size() != 1 || zero < -32768 || zero > 32767)
    return expect_per_tensor_quant(tensor);
  const auto id = static_cast<TensorId>(&tensor - graph_.tensors.data());
  if (!std::isfinite(tensor.scale()) || tensor.scale() <= 0.0f)
    return error("V10", "{} must have one scale, finite and above 0", name_of(id));
  return {};
}

Result<void> NodeContext::expect_channel_quant(const TensorInfo& tensor, int axis) const {
  const auto id = static_cast<TensorId>(&tensor - graph_.tensors.data());
  const Quant& quant = tensor.quant;
  if (quant.scale.empty()) return error("V10", "{} has no quantization", name_of(id));
  if (quant.zero_point.size() != 1 && quant.zero_point.size() != quant.scale.size())
    return error("V10", "{} has {} scales and {} zero points", name_of(id), quant.scale.size(),
                 quant.zero_point.size());
  if (quant.per_channel()) {
    const auto dim = axis < static_cast<int>(tensor.shape.size())
                         ? tensor.shape[static_cast<std::size_t>(axis)]
                         : -1;
    if (quant.axis != axis || static_cast<std::int64_t>(quant.scale.size()) != dim)
      return error("V10", "{} has {} scales along dimension {}, expected {} along {}", name_of(id),
                   quant.scale.size(), quant.axis, dim, axis);
  }
  for (std::size_t i = 0; i < quant.scale.size(); ++i) {
    if (!std::isfinite(quant.scale[i]) || quant.scale[i] <= 0.0f)
      return error("V10", "{}: scale {} is {}, it must be finite and above 0", name_of(id), i,
                   quant.scale[i]);
    if (!zero_point_fits(tensor.dtype, quant.zero_of(i)))
      return error("V10", "{}: zero point {} is {}, outside {}", name_of(id), i, quant.zero_of(i),
                   to_string(tensor.dtype));
  }
  return {};
}

Result<int> NodeContext::normalise_axis(std::int64_t axis, int rank) const {
  if (axis < -rank || axis >= rank)
    return error("V6", "axis {} is outside [{}, {}]", axis, -rank, rank - 1);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Result<void> NodeContext::set_output_shape(int i, const Shape& shape) const {
  std::int64_t count = 1;
  for (const std::int32_t dim : shape) {
    const auto product = checked_mul<std::int64_t>(count, dim);
    if (dim < 0 || !product || *product > kMaxElements)
      return error("V4", "output {} would have shape {}", i, to_string(shape));
    count = *product;
  }
  TensorInfo& info = output(i);
  info.shape = shape;
  info.shape_known = true;
  return {};
}

}  // namespace pinfer
