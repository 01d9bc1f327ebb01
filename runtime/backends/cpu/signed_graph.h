// SPDX-License-Identifier: Apache-2.0
// uint8 nets on the int8 kernels: q - 128 with the zero point 128 lower is the same number, and
// vector hardware multiplies signed bytes better.
//
// Nodes whose int8 form gives the same bytes with bit 7 inverted, for every input, are rewritten;
// `flip` nodes stand where they meet other nodes, inputs and outputs.
#pragma once

#include <vector>

#include "runtime/core/aligned_buffer.h"
#include "runtime/core/result.h"
#include "runtime/graph/graph.h"

namespace pinfer {

// Rewrites the connected parts of `graph` that have a convolution or a FULLY_CONNECTED in them. All
// tensors keep their ids and types; int8 ones are added behind them. Returns, by id, the tensor
// that each stands for (most for themselves); empty when nothing was rewritten. The bytes of added
// constants are not made yet.
std::vector<TensorId> sign_uint8(Graph& graph);

// The int8 bytes of constants: made when a node is prepared, freed as soon as nobody reads them.
class FlippedConstants final {
 public:
  FlippedConstants() = default;
  FlippedConstants(const Graph& graph, std::vector<TensorId> stands_for);

  Result<void> make(Graph& graph, const Node& node);
  // `read_later`: the step of the node reads its constants in each run.
  void release(Graph& graph, const Node& node, bool read_later);

  // The tensor of the model that `id` stands for.
  [[nodiscard]] TensorId stands_for(TensorId id) const {
    return added(id) ? stands_for_[static_cast<std::size_t>(id)] : id;
  }

 private:
  [[nodiscard]] bool added(TensorId id) const {
    return id >= 0 && static_cast<std::size_t>(id) < stands_for_.size() &&
           stands_for_[static_cast<std::size_t>(id)] != id;
  }

  std::vector<TensorId> stands_for_;
  std::vector<std::int32_t> readers_;  // nodes that are still to be prepared
  std::vector<AlignedBuffer> bytes_;
};

}  // namespace pinfer
