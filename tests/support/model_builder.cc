// SPDX-License-Identifier: Apache-2.0
#include "tests/support/model_builder.h"

#include <algorithm>

#include "tests/support/model_builder_wire.h"

namespace pinfer::test {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

wire::ElementType wire_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return wire::ElementType::FLOAT32;
    case DType::f16:
      return wire::ElementType::FLOAT16;
    case DType::f64:
      return wire::ElementType::FLOAT64;
    case DType::i8:
      return wire::ElementType::INT8;
    case DType::u8:
      return wire::ElementType::UINT8;
    case DType::i16:
      return wire::ElementType::INT16;
    case DType::u16:
      return wire::ElementType::UINT16;
    case DType::i32:
      return wire::ElementType::INT32;
    case DType::u32:
      return wire::ElementType::UINT32;
    case DType::i64:
      return wire::ElementType::INT64;
    case DType::u64:
      return wire::ElementType::UINT64;
    case DType::boolean:
      return wire::ElementType::BOOL;
    case DType::c64:
      return wire::ElementType::COMPLEX64;
    case DType::resource:
      return wire::ElementType::RESOURCE;
  }
  return wire::ElementType::FLOAT32;
}

std::int32_t builtin_number(const OpSpec& op) {
  if (op.raw_builtin) return *op.raw_builtin;
  const char* const* names = wire::EnumNamesBuiltin();
  for (std::int32_t i = 0; names[i] != nullptr; ++i)
    if (op.name == names[i]) return i;
  return static_cast<std::int32_t>(wire::Builtin::CUSTOM);
}

// Collects what the whole file shares while the graphs are written.
struct FileWriter {
  FlatBufferBuilder fbb;
  std::vector<Offset<wire::Buffer>> buffers;
  std::vector<Offset<wire::OperatorCode>> codes;
  std::vector<std::pair<std::int32_t, std::string>> known_codes;

  std::uint32_t add_buffer(const std::byte* data, std::size_t size) {
    // Constants of real files lie on 16 bytes.
    fbb.ForceVectorAlignment(size, 1, 16);
    const auto bytes = fbb.CreateVector(reinterpret_cast<const std::uint8_t*>(data), size);
    buffers.push_back(wire::CreateBuffer(fbb, bytes));
    return static_cast<std::uint32_t>(buffers.size() - 1);
  }

  std::uint32_t buffer_of(const TensorSpec& tensor) {
    if (tensor.raw_buffer) return *tensor.raw_buffer;
    if (tensor.outside_offset) {
      buffers.push_back(wire::CreateBuffer(fbb, 0, *tensor.outside_offset, tensor.outside_size));
      return static_cast<std::uint32_t>(buffers.size() - 1);
    }
    return tensor.data.empty() ? 0 : add_buffer(tensor.data.data(), tensor.data.size());
  }

  Offset<wire::Tensor> add(const TensorSpec& tensor) {
    const std::uint32_t buffer = buffer_of(tensor);
    Offset<wire::Quantization> quant = 0;
    if (!tensor.scale.empty() || !tensor.zero_point.empty() || tensor.blockwise) {
      const auto scale = fbb.CreateVector(tensor.scale);
      const auto zero_point = fbb.CreateVector(tensor.zero_point);
      const auto details =
          tensor.blockwise ? wire::QuantizationDetails::Blockwise : wire::QuantizationDetails::NONE;
      const Offset<void> blocks = tensor.blockwise ? wire::CreateOpaque(fbb).Union() : 0;
      quant = wire::CreateQuantization(fbb, 0, 0, scale, zero_point, details, blocks, tensor.axis);
    }
    const auto shape = fbb.CreateVector(tensor.shape);
    const auto name = fbb.CreateString(tensor.name);
    const auto sparsity = tensor.sparse ? wire::CreateOpaque(fbb) : 0;
    const auto signature = tensor.shape_signature.empty()
                               ? Offset<flatbuffers::Vector<std::int32_t>>(0)
                               : fbb.CreateVector(tensor.shape_signature);
    const auto type = tensor.raw_type ? static_cast<wire::ElementType>(*tensor.raw_type)
                                      : wire_type(tensor.dtype);
    return wire::CreateTensor(fbb, shape, type, buffer, name, quant, tensor.is_variable, sparsity,
                              signature, tensor.has_rank);
  }

  std::uint32_t code_of(const OpSpec& op) {
    if (op.raw_opcode_index) return *op.raw_opcode_index;
    const std::int32_t number = builtin_number(op);
    const bool custom = number == static_cast<std::int32_t>(wire::Builtin::CUSTOM);
    const std::pair key(number, custom ? op.name : std::string());
    const auto found = std::find(known_codes.begin(), known_codes.end(), key);
    if (found != known_codes.end()) return static_cast<std::uint32_t>(found - known_codes.begin());
    const auto custom_code = custom ? fbb.CreateString(op.name) : Offset<flatbuffers::String>(0);
    codes.push_back(
        wire::CreateOperatorCode(fbb, static_cast<std::int8_t>(std::clamp(number, -128, 127)),
                                 custom_code, 1, static_cast<wire::Builtin>(number)));
    known_codes.push_back(key);
    return static_cast<std::uint32_t>(known_codes.size() - 1);
  }

  Offset<wire::Operator> add(const OpSpec& op) {
    const std::uint32_t code = code_of(op);
    const WireOptions options = write_options(fbb, op, op.options_as.value_or(op.name));
    const auto inputs = fbb.CreateVector(op.inputs);
    const auto outputs = fbb.CreateVector(op.outputs);
    const auto custom = fbb.CreateVector(write_custom_options(op));
    const auto intermediates = fbb.CreateVector(op.intermediates);
    wire::OperatorBuilder out(fbb);
    out.add_opcode_index(code);
    out.add_inputs(inputs);
    out.add_outputs(outputs);
    out.add_custom_options(custom);
    out.add_intermediates(intermediates);
    if (options.type != wire::Options::NONE) {
      out.add_options_type(options.type);
      out.add_options(options.table);
    }
    if (options.type_2 != wire::Options2::NONE) {
      out.add_options_2_type(options.type_2);
      out.add_options_2(options.table);
    }
    return out.Finish();
  }

  Offset<wire::SubGraph> add(const GraphSpec& graph) {
    std::vector<Offset<wire::Tensor>> tensors;
    for (const TensorSpec& tensor : graph.tensors) tensors.push_back(add(tensor));
    std::vector<Offset<wire::Operator>> ops;
    for (const OpSpec& op : graph.ops) ops.push_back(add(op));
    const auto tensors_at = fbb.CreateVector(tensors);
    const auto inputs = fbb.CreateVector(graph.inputs);
    const auto outputs = fbb.CreateVector(graph.outputs);
    const auto ops_at = fbb.CreateVector(ops);
    return wire::CreateSubGraph(fbb, tensors_at, inputs, outputs, ops_at);
  }
};

void append_labels(std::vector<std::byte>& file, const MetadataSpec& metadata) {
  std::vector<std::pair<std::string, std::string>> members;
  for (std::size_t i = 0; i < metadata.labels.size(); ++i) {
    std::string text;
    for (const std::string& label : metadata.labels[i]) text += label + "\n";
    if (!text.empty()) members.emplace_back(label_file_name(i), std::move(text));
  }
  if (members.empty()) return;
  const auto zip = make_zip(members, metadata.deflate, file.size());
  file.insert(file.end(), zip.begin(), zip.end());
}

}  // namespace

std::vector<std::byte> ModelBuilder::finish() const {
  FileWriter file;
  FlatBufferBuilder& fbb = file.fbb;
  file.buffers.push_back(wire::CreateBuffer(fbb));  // buffer 0: no data
  std::vector<Offset<wire::SubGraph>> subgraphs;
  for (const GraphSpec& graph : graphs) subgraphs.push_back(file.add(graph));
  std::vector<Offset<wire::MetadataEntry>> entries;
  if (metadata) {
    const std::vector<std::uint8_t> about = write_description(*metadata);
    const std::uint32_t buffer =
        file.add_buffer(reinterpret_cast<const std::byte*>(about.data()), about.size());
    entries.push_back(wire::CreateMetadataEntry(fbb, fbb.CreateString("TFLITE_METADATA"), buffer));
  }
  const auto codes = fbb.CreateVector(file.codes);
  const auto graphs_at = fbb.CreateVector(subgraphs);
  const auto text = fbb.CreateString(description);
  const auto buffers = fbb.CreateVector(file.buffers);
  const auto entries_at = fbb.CreateVector(entries);
  wire::FinishModelBuffer(
      fbb, wire::CreateModel(fbb, version, codes, graphs_at, text, buffers, 0, entries_at));
  const auto* first = reinterpret_cast<const std::byte*>(fbb.GetBufferPointer());
  std::vector<std::byte> bytes(first, first + fbb.GetSize());
  if (metadata) append_labels(bytes, *metadata);
  return bytes;
}

}  // namespace pinfer::test
