// SPDX-License-Identifier: Apache-2.0
// Expands passes.inc (the only place that does) and holds what several passes need.
#include "runtime/graph/passes/passes.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace pinfer {

#define PINFER_PASS(name) std::int32_t name(Graph& graph);
#include "runtime/graph/passes/passes.inc"
#undef PINFER_PASS

namespace {

constexpr std::array kPasses{
#define PINFER_PASS(name) Pass{#name, name},
#include "runtime/graph/passes/passes.inc"
#undef PINFER_PASS
};

}  // namespace

std::span<const Pass> passes() { return kPasses; }

Uses::Uses(const Graph& graph)
    : count_(graph.tensors.size(), 0),
      reader_(graph.tensors.size(), -1),
      producer_(graph.tensors.size(), -1) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const TensorId id : graph.nodes[i].inputs) {
      if (id == kNoTensor) continue;
      ++count_[static_cast<std::size_t>(id)];
      reader_[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(i);
    }
    for (const TensorId id : graph.nodes[i].outputs)
      producer_[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(i);
  }
  for (const TensorId id : graph.outputs) {
    ++count_[static_cast<std::size_t>(id)];
    reader_[static_cast<std::size_t>(id)] = -1;
  }
}

void remove_nodes(Graph& graph, const std::vector<bool>& drop) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (drop[i]) continue;
    if (kept != i) graph.nodes[kept] = std::move(graph.nodes[i]);
    ++kept;
  }
  graph.nodes.resize(kept);
}

void replace_uses(Graph& graph, TensorId from, TensorId to) {
  for (Node& node : graph.nodes) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  std::replace(graph.outputs.begin(), graph.outputs.end(), from, to);
}

Result<TensorId> add_constant(Graph& graph, std::string name, DType dtype, const Shape& shape,
                              std::span<const std::byte> bytes) {
  PINFER_TRY(AlignedBuffer blob, AlignedBuffer::create(bytes.size()));
  if (!bytes.empty()) std::memcpy(blob.data(), bytes.data(), bytes.size());
  TensorInfo info;
  info.name = std::move(name);
  info.dtype = dtype;
  info.shape = shape;
  info.is_constant = true;
  info.data = graph.blobs.emplace_back(std::move(blob)).span();
  graph.tensors.push_back(std::move(info));
  return static_cast<TensorId>(graph.tensors.size() - 1);
}

}  // namespace pinfer
