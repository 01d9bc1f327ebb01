// SPDX-License-Identifier: Apache-2.0
// Metadata and the zip of label files behind the model.
#include <zlib.h>

#include "runtime/model/tflite_metadata_generated.h"
#include "tests/support/model_builder_wire.h"

namespace pinfer::test {
namespace {

namespace about = wire::about;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// Little-endian fields of zip records.
class Record final {
 public:
  Record& u16(std::size_t value) { return put(value, 2); }
  Record& u32(std::size_t value) { return put(value, 4); }
  Record& text(const std::string& value) {
    bytes_ += value;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  Record& put(std::size_t value, int width) {
    for (int i = 0; i < width; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
    return *this;
  }
  std::string bytes_;
};

std::string deflate_raw(const std::string& text) {
  std::string packed(compressBound(static_cast<uLong>(text.size())) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

std::string label_file_name(std::size_t output) {
  return "labels_" + std::to_string(output) + ".txt";
}

std::vector<std::uint8_t> write_description(const MetadataSpec& metadata) {
  FlatBufferBuilder fbb;
  std::vector<Offset<about::TensorDescription>> inputs, outputs;
  if (!metadata.mean.empty() || !metadata.stddev.empty()) {
    const auto mean = fbb.CreateVector(metadata.mean);
    const auto stddev = fbb.CreateVector(metadata.stddev);
    const auto unit =
        about::CreateProcessUnit(fbb, about::UnitOptions::Normalization,
                                 about::CreateNormalization(fbb, mean, stddev).Union());
    inputs.push_back(about::CreateTensorDescription(fbb, 0, 0, 0, fbb.CreateVector(&unit, 1)));
  }
  for (std::size_t i = 0; i < metadata.labels.size(); ++i) {
    const auto file = about::CreateAssociatedFile(fbb, fbb.CreateString(label_file_name(i)), 0,
                                                  about::FileUse::TENSOR_AXIS_LABELS);
    outputs.push_back(
        about::CreateTensorDescription(fbb, 0, 0, 0, 0, 0, fbb.CreateVector(&file, 1)));
  }
  const auto inputs_at = fbb.CreateVector(inputs);
  const auto outputs_at = fbb.CreateVector(outputs);
  const auto graph = about::CreateSubGraphDescription(fbb, 0, 0, inputs_at, outputs_at);
  const auto graphs = fbb.CreateVector(&graph, 1);
  const auto name = fbb.CreateString(metadata.name);
  const auto description = fbb.CreateString(metadata.description);
  about::FinishModelDescriptionBuffer(
      fbb, about::CreateModelDescription(fbb, name, description, 0, graphs));
  return {fbb.GetBufferPointer(), fbb.GetBufferPointer() + fbb.GetSize()};
}

std::vector<std::byte> make_zip(const std::vector<std::pair<std::string, std::string>>& members,
                                bool deflate, std::size_t file_offset) {
  std::string archive, directory;
  for (const auto& [name, text] : members) {
    const std::string packed = deflate ? deflate_raw(text) : text;
    const uLong crc =
        ::crc32(0L, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
    const std::size_t at = file_offset + archive.size();
    Record common;
    common.u16(20).u16(0).u16(deflate ? 8 : 0).u32(0).u32(crc).u32(packed.size());
    common.u32(text.size()).u16(name.size()).u16(0);
    archive += Record().u32(0x04034b50).bytes() + common.bytes() + name + packed;
    directory += Record().u32(0x02014b50).u16(20).bytes() + common.bytes();
    directory += Record().u16(0).u16(0).u16(0).u32(0).u32(at).text(name).bytes();
  }
  Record end;
  end.u32(0x06054b50).u16(0).u16(0).u16(members.size()).u16(members.size());
  end.u32(directory.size()).u32(file_offset + archive.size()).u16(0);
  const std::string all = archive + directory + end.bytes();
  const auto* first = reinterpret_cast<const std::byte*>(all.data());
  return {first, first + all.size()};
}

}  // namespace pinfer::test
