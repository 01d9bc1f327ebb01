// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_source.h"

#include <algorithm>
#include <bit>

#include "runtime/model/foreign_file.h"

namespace pinfer {
namespace {

static_assert(std::endian::native == std::endian::little,
              "constants are used as the file stores them: little-endian");

constexpr std::uint32_t kVersion = 3;
constexpr flatbuffers::uoffset_t kMaxDepth = 64;
constexpr flatbuffers::uoffset_t kMaxTables = 100'000;

// Counts of all subgraphs together (rule V12).
Result<void> check_counts(const wire::Model& root, const Budgets& budgets) {
  std::uint64_t tensors = 0, operators = 0;
  for (const wire::SubGraph* graph : *root.subgraphs()) {
    tensors += size_of_vector(graph->tensors());
    operators += size_of_vector(graph->operators());
  }
  if (tensors > budgets.tensors)
    return fail(ErrorCode::over_budget, "V12: the model has {} tensors, the budget is {}", tensors,
                budgets.tensors);
  if (operators > budgets.operators)
    return fail(ErrorCode::over_budget, "V12: the model has {} operators, the budget is {}",
                operators, budgets.operators);
  return {};
}

}  // namespace

Result<TfliteSource> open_tflite(std::span<const std::byte> bytes, const Budgets& budgets) {
  if (bytes.size() > budgets.file_bytes)
    return fail(ErrorCode::over_budget, "V12: the file has {} bytes, the budget is {}",
                bytes.size(), budgets.file_bytes);
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (bytes.size() < 8 || !wire::ModelBufferHasIdentifier(data))
    return fail(ErrorCode::invalid_model, "V1: {}", describe_foreign_file(bytes));
  // Offsets inside a flatbuffer have 31 bits; what lies behind is reached through outside_bytes().
  const std::size_t verified =
      std::min<std::size_t>(bytes.size(), std::size_t{FLATBUFFERS_MAX_BUFFER_SIZE} - 1);
  flatbuffers::Verifier verifier(data, verified, kMaxDepth, kMaxTables);
  if (!wire::VerifyModelBuffer(verifier))
    return fail(ErrorCode::invalid_model,
                "V1: the file is damaged or cut short: an offset or a size in its {} bytes points "
                "outside, or it has more than {} tables",
                bytes.size(), kMaxTables);
  TfliteSource source{bytes, wire::GetModel(data), Allowance(budgets.constant_bytes)};
  if (source.root->version() != kVersion)
    return fail(ErrorCode::invalid_model, "V1: the file has format version {}, expected {}",
                source.root->version(), kVersion);
  if (size_of_vector(source.root->subgraphs()) == 0)
    return fail(ErrorCode::invalid_model, "V1: the file has no subgraph, there is nothing to run");
  PINFER_CHECK(check_counts(*source.root, budgets));
  return source;
}

Result<std::span<const std::byte>> outside_bytes(const TfliteSource& source, std::uint64_t offset,
                                                 std::uint64_t size) {
  // Both come from the file: subtract, never add.
  if (offset > source.bytes.size() || size > source.bytes.size() - offset)
    return fail(ErrorCode::invalid_model,
                "V1: {} bytes at offset {} lie outside the file of {} bytes", size, offset,
                source.bytes.size());
  return source.bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

Result<std::span<const std::byte>> buffer_bytes(const TfliteSource& source, std::uint32_t index) {
  const auto* buffers = source.root->buffers();
  // Buffer 0 is "no data" by convention, even in a file without any buffers.
  if (index == 0 && size_of_vector(buffers) == 0) return std::span<const std::byte>{};
  if (index >= size_of_vector(buffers))
    return fail(ErrorCode::invalid_model, "V2: buffer {} does not exist, the file has {}", index,
                size_of_vector(buffers));
  const wire::Buffer& buffer = *buffers->Get(index);
  // 0 and 1 are placeholders that writers leave behind.
  if (buffer.offset() > 1 && buffer.size() > 1)
    return outside_bytes(source, buffer.offset(), buffer.size());
  if (buffer.data() == nullptr) return std::span<const std::byte>{};
  return std::as_bytes(std::span(buffer.data()->data(), buffer.data()->size()));
}

}  // namespace pinfer
