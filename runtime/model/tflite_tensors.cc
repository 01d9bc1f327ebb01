// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_tensors.h"

#include <cstring>
#include <optional>

#include "runtime/core/checked.h"
#include "runtime/model/text.h"
#include "runtime/model/tflite_quant.h"

namespace pinfer {
namespace {

constexpr std::size_t kMaxNameBytes = 512;

std::optional<DType> dtype_of_wire(wire::ElementType type) {
  switch (type) {
    case wire::ElementType::FLOAT32:
      return DType::f32;
    case wire::ElementType::FLOAT16:
      return DType::f16;
    case wire::ElementType::FLOAT64:
      return DType::f64;
    case wire::ElementType::INT8:
      return DType::i8;
    case wire::ElementType::UINT8:
      return DType::u8;
    case wire::ElementType::INT16:
      return DType::i16;
    case wire::ElementType::UINT16:
      return DType::u16;
    case wire::ElementType::INT32:
      return DType::i32;
    case wire::ElementType::UINT32:
      return DType::u32;
    case wire::ElementType::INT64:
      return DType::i64;
    case wire::ElementType::UINT64:
      return DType::u64;
    case wire::ElementType::BOOL:
      return DType::boolean;
    case wire::ElementType::COMPLEX64:
      return DType::c64;
    case wire::ElementType::RESOURCE:
      return DType::resource;
    default:
      return std::nullopt;
  }
}

// Why this build cannot hold the tensor; empty when it can.
std::string why_unusable(const wire::Tensor& from) {
  if (!dtype_of_wire(from.type())) {
    const char* name = wire::EnumNameElementType(from.type());
    return fmt::format("its element type {} ({}) is not supported", static_cast<int>(from.type()),
                       *name == '\0' ? "unknown" : name);
  }
  if (from.sparsity() != nullptr) return "sparse tensors are not supported: convert without them";
  const wire::Quantization* quant = from.quantization();
  if (quant != nullptr && quant->details_type() != wire::QuantizationDetails::NONE)
    return "blockwise or custom quantization is not supported";
  return {};
}

// Rule V4. A dimension of -1 becomes 1; dimension 0 of -1, here or in the signature, is the batch.
Result<void> read_shape(const wire::Tensor& from, TensorInfo& info) {
  const auto* dims = from.shape();
  const auto* signature = from.shape_signature();
  const std::uint32_t rank = size_of_vector(dims);
  const bool has_signature = size_of_vector(signature) == rank;
  if (rank > kMaxRank)
    return fail(ErrorCode::invalid_model, "V4: it has {} dimensions, at most {} are allowed", rank,
                kMaxRank);
  std::int64_t count = 1;
  for (std::uint32_t i = 0; i < rank; ++i) {
    const std::int32_t stated = dims->Get(i);
    const bool dynamic = stated == -1 || (has_signature && signature->Get(i) == -1);
    const std::int32_t dim = stated == -1 ? 1 : stated;
    const auto product = checked_mul<std::int64_t>(count, dim);
    if (dim < 0) return fail(ErrorCode::invalid_model, "V4: dimension {} is {}", i, dim);
    if (!product || *product > kMaxElements)
      return fail(ErrorCode::invalid_model, "V4: it has more than {} elements at dimension {} ({})",
                  kMaxElements, i, dim);
    count = *product;
    if (i == 0 && dynamic) info.dynamic_batch = true;
    if (!info.shape.push_back(dim)) return fail(ErrorCode::internal, "rank was checked");
  }
  // Scalars of old writers look like tensors of unknown rank; those with data are scalars.
  info.shape_known = rank > 0 || from.has_rank();
  return {};
}

// Rule V9. Data that is not aligned for its type is copied.
Result<void> read_constant(TfliteSource& source, const wire::Tensor& from, TensorInfo& info,
                           Graph& graph) {
  PINFER_TRY(const auto bytes, buffer_bytes(source, from.buffer()));
  if (bytes.empty()) return {};
  if (info.dtype == DType::resource)
    return fail(ErrorCode::invalid_model, "V9: a resource handle cannot have data in the file");
  if (info.is_variable)
    return fail(ErrorCode::invalid_model, "V9: a variable cannot have data in the file");
  const std::size_t expected = info.bytes();
  if (bytes.size() != expected)
    return fail(ErrorCode::invalid_model, "V9: its buffer {} has {} bytes, {}{} needs {}",
                from.buffer(), bytes.size(), to_string(info.dtype), to_string(info.shape),
                expected);
  info.is_constant = true;
  info.shape_known = true;
  info.data = bytes;
  const std::size_t alignment = info.dtype == DType::c64 ? sizeof(float) : size_of(info.dtype);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0) return {};
  PINFER_CHECK(source.allowance.take(bytes.size()));
  PINFER_TRY(AlignedBuffer copy, AlignedBuffer::create(bytes.size()));
  std::memcpy(copy.data(), bytes.data(), bytes.size());
  graph.blobs.push_back(std::move(copy));
  info.data = graph.blobs.back().span();
  return {};
}

Result<void> read_tensor(TfliteSource& source, const wire::Tensor& from, Graph& graph,
                         TensorInfo& info) {
  info.dtype = *dtype_of_wire(from.type());
  info.is_variable = from.is_variable();
  PINFER_CHECK(read_shape(from, info));
  PINFER_TRY(info.quant, read_quant(from, info.dtype, info.shape, source.allowance));
  return read_constant(source, from, info, graph);
}

}  // namespace

Result<UnusableTensors> read_tensors(TfliteSource& source, const wire::SubGraph& from,
                                     Graph& graph) {
  UnusableTensors unusable;
  const std::uint32_t count = size_of_vector(from.tensors());
  graph.tensors.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const wire::Tensor& tensor = *from.tensors()->Get(i);
    TensorInfo& info = graph.tensors[i];
    const std::string_view name = view(tensor.name());
    PINFER_CHECK(source.allowance.take(std::min(name.size(), kMaxNameBytes)));
    info.name = clean_text(name, kMaxNameBytes);
    std::string reason = why_unusable(tensor);
    if (!reason.empty()) {
      unusable.emplace(static_cast<TensorId>(i), std::move(reason));
      continue;
    }
    if (auto read = read_tensor(source, tensor, graph, info); !read) {
      Error error = std::move(read.error());
      // "V9: sentence" -> "V9: tensor 4 'conv/weights': sentence"
      const std::size_t rule_end = error.message.find(": ");
      if (rule_end != std::string::npos)
        error.message.insert(rule_end + 2, fmt::format("tensor {} '{}': ", i, info.name));
      return tl::unexpected(std::move(error));
    }
  }
  return unusable;
}

}  // namespace pinfer
