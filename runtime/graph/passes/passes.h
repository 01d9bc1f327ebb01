// SPDX-License-Identifier: Apache-2.0
// Graph passes: rewrites that make a graph cheaper and change no byte of its outputs.
//
// They run after shapes and known values have been resolved, in the order of passes.inc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/graph/graph.h"

namespace pinfer {

struct Pass {
  std::string_view name;
  // Rewrites in place; returns how many changes it made.
  std::int32_t (*run)(Graph& graph) = nullptr;
};

std::span<const Pass> passes();

// Who reads each tensor. Graph outputs count as one more reader.
class Uses final {
 public:
  explicit Uses(const Graph& graph);

  [[nodiscard]] std::int32_t count(TensorId id) const {
    return count_[static_cast<std::size_t>(id)];
  }
  // Index of the only node that reads `id`; -1 when there is none, more than one, or `id` is a
  // graph output.
  [[nodiscard]] std::int32_t only_reader(TensorId id) const {
    return count(id) == 1 ? reader_[static_cast<std::size_t>(id)] : -1;
  }
  // Index of the node that makes `id`; -1 for inputs, constants and state.
  [[nodiscard]] std::int32_t producer(TensorId id) const {
    return producer_[static_cast<std::size_t>(id)];
  }

 private:
  std::vector<std::int32_t> count_, reader_, producer_;
};

// Removes the nodes for which `drop[i]` is true.
void remove_nodes(Graph& graph, const std::vector<bool>& drop);

// Makes every reader of `from` (nodes and graph outputs) read `to`.
void replace_uses(Graph& graph, TensorId from, TensorId to);

// A new constant tensor; the graph owns its bytes.
Result<TensorId> add_constant(Graph& graph, std::string name, DType dtype, const Shape& shape,
                              std::span<const std::byte> bytes);

}  // namespace pinfer
