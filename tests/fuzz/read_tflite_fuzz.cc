// SPDX-License-Identifier: Apache-2.0
// Any bytes go to the reader: it answers with a model or a sentence, within its budgets.
#include <cstdlib>

#include "runtime/model/tflite_reader.h"
#include "tests/fuzz/in_place.h"

namespace {

// Reads every byte that the model says it has, so that AddressSanitizer can object.
std::uint64_t touch(const pinfer::Graph& graph) {
  std::uint64_t sum = 0;
  for (const pinfer::TensorInfo& tensor : graph.tensors) {
    for (const std::byte byte : tensor.data) sum += static_cast<std::uint64_t>(byte);
    if (!tensor.data.empty() && tensor.data.size() != tensor.bytes()) std::abort();
  }
  for (const pinfer::Node& node : graph.nodes)
    for (const pinfer::TensorId id : node.outputs) sum += graph.tensor(id).name.size();
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinfer::Budgets budgets;
  budgets.file_bytes = 1 << 20;
  budgets.constant_bytes = 8 << 20;
  const auto model = pinfer::read_tflite(std::as_bytes(std::span(data, size)), "fuzz", budgets);
  if (!model) return model.error().message.starts_with("fuzz: ") ? 0 : (std::abort(), 0);
  std::uint64_t sum = touch(model->graph);
  for (const pinfer::Graph& graph : model->subgraphs) sum += touch(graph);
  // The sum must be used, or the reads vanish.
  return sum == ~0ull ? -1 : 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  return pinfer::fuzz::mutate_in_place(data, size, max_size, seed);
}
