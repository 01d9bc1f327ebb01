// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_metadata.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "runtime/model/text.h"
#include "runtime/model/tflite_metadata_generated.h"
#include "runtime/model/zip_directory.h"

namespace pinfer {
namespace {

namespace about = wire::about;

constexpr std::size_t kMaxDescriptionBytes = 1 << 20;
constexpr flatbuffers::uoffset_t kMaxDepth = 16, kMaxTables = 2000;
constexpr std::uint32_t kMaxTensors = 64, kMaxChannels = 1024;
constexpr std::size_t kMaxLabelFileBytes = 2 << 20, kMaxLabels = 100'000, kMaxLabelBytes = 256;
constexpr std::size_t kMaxTextBytes = 4096;

// Every output may name every member of the archive: names and bytes are counted for the whole
// file.
constexpr std::size_t kMaxLabelFiles = 64, kMaxFileNameBytes = 256, kMaxUnpackedBytes = 8 << 20;

struct Archive {
  std::span<const std::byte> file;
  std::vector<ZipEntry> entries;
  std::size_t files_left = kMaxLabelFiles, bytes_left = kMaxUnpackedBytes;

  // The text of a member; nothing when it is absent, damaged or beyond what one model may have.
  std::optional<std::string> text_of(std::string_view name) {
    if (files_left == 0 || name.size() > kMaxFileNameBytes) return std::nullopt;
    --files_left;
    const auto entry = std::find_if(entries.begin(), entries.end(),
                                    [&](const ZipEntry& e) { return e.name == name; });
    if (entry == entries.end() || entry->unpacked > bytes_left) return std::nullopt;
    bytes_left -= entry->unpacked;
    auto text = unpack(file, *entry, kMaxLabelFileBytes);
    if (!text) return std::nullopt;
    return *std::move(text);
  }
};

// The bytes of the description on an aligned place, or nothing.
std::vector<std::uint64_t> description_of(const TfliteSource& source, std::size_t& size) {
  const auto* entries = source.root->metadata();
  for (std::uint32_t i = 0; i < size_of_vector(entries); ++i) {
    if (view(entries->Get(i)->name()) != "TFLITE_METADATA") continue;
    const auto bytes = buffer_bytes(source, entries->Get(i)->buffer());
    if (!bytes || bytes->size() < 8 || bytes->size() > kMaxDescriptionBytes) return {};
    std::vector<std::uint64_t> aligned((bytes->size() + 7) / 8);
    std::memcpy(aligned.data(), bytes->data(), bytes->size());
    size = bytes->size();
    return aligned;
  }
  return {};
}

std::vector<float> finite_values(const flatbuffers::Vector<float>* from, bool positive) {
  std::vector<float> values;
  const std::uint32_t count = size_of_vector(from);
  if (count > kMaxChannels) return {};
  for (std::uint32_t i = 0; i < count; ++i) {
    const float value = from->Get(i);
    if (!std::isfinite(value) || (positive && value <= 0.0f)) return {};
    values.push_back(value);
  }
  return values;
}

InputMetadata read_input(const about::TensorDescription& tensor) {
  InputMetadata input;
  for (std::uint32_t i = 0; i < size_of_vector(tensor.process_units()); ++i) {
    const auto* from = tensor.process_units()->Get(i)->options_as_Normalization();
    if (from == nullptr) continue;
    Normalisation normalisation{finite_values(from->mean(), false),
                                finite_values(from->std(), true)};
    if (normalisation.mean.size() != normalisation.stddev.size()) continue;
    input.normalisation = std::move(normalisation);
    break;
  }
  return input;
}

// One label a line; an empty line is a class without a name and keeps its place.
std::vector<std::string> split_labels(std::string_view text) {
  std::vector<std::string> labels;
  while (!text.empty() && labels.size() < kMaxLabels) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    labels.push_back(clean_text(line, kMaxLabelBytes));
  }
  return labels;
}

std::vector<std::string> read_labels(const about::TensorDescription& tensor, Archive& archive) {
  for (std::uint32_t i = 0; i < size_of_vector(tensor.associated_files()); ++i) {
    const about::AssociatedFile& file = *tensor.associated_files()->Get(i);
    if (file.use() != about::FileUse::TENSOR_AXIS_LABELS &&
        file.use() != about::FileUse::TENSOR_VALUE_LABELS)
      continue;
    // Translations follow the original; the first that unpacks is taken.
    if (const auto text = archive.text_of(view(file.name()))) return split_labels(*text);
  }
  return {};
}

}  // namespace

Metadata read_metadata(const TfliteSource& source) {
  Metadata metadata;
  metadata.description = clean_text(view(source.root->description()), kMaxTextBytes);
  std::size_t size = 0;
  const std::vector<std::uint64_t> bytes = description_of(source, size);
  if (bytes.empty()) return metadata;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(data, size, kMaxDepth, kMaxTables);
  if (!about::VerifyModelDescriptionBuffer(verifier)) return metadata;
  const about::ModelDescription& model = *about::GetModelDescription(data);
  metadata.name = clean_text(view(model.name()), kMaxTextBytes);
  if (model.description() != nullptr)
    metadata.description = clean_text(view(model.description()), kMaxTextBytes);
  if (size_of_vector(model.subgraphs()) == 0) return metadata;
  const about::SubGraphDescription& graph = *model.subgraphs()->Get(0);
  Archive archive{.file = source.bytes, .entries = {}};
  if (auto entries = read_zip_directory(source.bytes)) archive.entries = *std::move(entries);
  const std::uint32_t inputs = std::min(size_of_vector(graph.inputs()), kMaxTensors);
  for (std::uint32_t i = 0; i < inputs; ++i)
    metadata.inputs.push_back(read_input(*graph.inputs()->Get(i)));
  const std::uint32_t outputs = std::min(size_of_vector(graph.outputs()), kMaxTensors);
  for (std::uint32_t i = 0; i < outputs; ++i)
    metadata.outputs.push_back({read_labels(*graph.outputs()->Get(i), archive)});
  return metadata;
}

}  // namespace pinfer
