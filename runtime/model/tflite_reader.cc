// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_reader.h"

#include <cstring>

#include "runtime/model/tflite_calls.h"
#include "runtime/model/tflite_metadata.h"
#include "runtime/model/tflite_operators.h"
#include "runtime/model/tflite_order.h"
#include "runtime/model/tflite_source.h"
#include "runtime/model/tflite_tensors.h"

namespace pinfer {
namespace {

// The generated accessors read numbers in place, and writers align constants to this.
constexpr std::size_t kFileAlignment = 16;

Result<Graph> read_graph(TfliteSource& source, const wire::SubGraph& from) {
  Graph graph;
  PINFER_TRY(const UnusableTensors unusable, read_tensors(source, from, graph));
  PINFER_CHECK(read_operators(source, from, unusable, graph));
  PINFER_CHECK(check_order(graph));
  return graph;
}

// Bytes that start on the wrong boundary are copied into `model`.
Result<std::span<const std::byte>> aligned(std::span<const std::byte> bytes, const Budgets& budgets,
                                           AlignedBuffer& copy) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kFileAlignment == 0) return bytes;
  if (bytes.size() > budgets.constant_bytes)
    return fail(ErrorCode::over_budget,
                "V12: a misaligned model of {} bytes must be copied, the budget is {}",
                bytes.size(), budgets.constant_bytes);
  PINFER_TRY(copy, AlignedBuffer::create(bytes.size()));
  std::memcpy(copy.data(), bytes.data(), bytes.size());
  return std::span<const std::byte>(copy.span());
}

Result<void> read_into(std::span<const std::byte> file, const Budgets& budgets, Model& model) {
  AlignedBuffer copy;
  PINFER_TRY(const auto bytes, aligned(file, budgets, copy));
  PINFER_TRY(TfliteSource source, open_tflite(bytes, budgets));
  PINFER_CHECK(check_calls(source));
  const auto& graphs = *source.root->subgraphs();
  PINFER_TRY(model.graph, read_graph(source, *graphs.Get(0)));
  for (std::uint32_t i = 1; i < graphs.size(); ++i) {
    auto graph = read_graph(source, *graphs.Get(i));
    if (!graph) return fail(graph.error().code, "subgraph {}: {}", i, graph.error().message);
    model.subgraphs.push_back(*std::move(graph));
  }
  number_variables(model);
  model.metadata = read_metadata(source);
  if (copy.size() != 0) model.graph.blobs.push_back(std::move(copy));
  return {};
}

Result<Model> with_path(Result<void> read, Model model) {
  if (!read) return fail(read.error().code, "{}: {}", model.path, read.error().message);
  return model;
}

}  // namespace

Result<Model> read_tflite(const std::string& path, const Budgets& budgets) {
  Model model;
  model.path = path;
  PINFER_TRY(model.file, MappedFile::open(path, budgets.file_bytes));
  Result<void> read = read_into(model.file.span(), budgets, model);
  return with_path(std::move(read), std::move(model));
}

Result<Model> read_tflite(std::span<const std::byte> bytes, const std::string& name,
                          const Budgets& budgets) {
  Model model;
  model.path = name;
  Result<void> read = read_into(bytes, budgets, model);
  return with_path(std::move(read), std::move(model));
}

}  // namespace pinfer
