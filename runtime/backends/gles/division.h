// SPDX-License-Identifier: Apache-2.0
// Division: which nodes run on the GPU, and which small ones before and after it on the CPU.
//
// - The GPU takes every node for which there is a shader.
// - Others may stand at the ends: `head` nodes need nothing from the GPU (QUANTIZE of a float
//   input), `tail` nodes feed nothing to it (DEQUANTIZE, the post-processing of a detector). They
//   must not multiply and accumulate, nor keep state. One crossing each way is all there is.
// - Any other net is refused, naming each node that stands in the way.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/backends/gles/lowering.h"
#include "runtime/core/result.h"
#include "runtime/graph/graph.h"
#include "runtime/model/model.h"

namespace pinfer::gles {

enum class Place : std::uint8_t { head, device, tail };

struct Division {
  std::vector<Place> places;                      // by node
  std::vector<std::int64_t> macs;                 // by node
  std::vector<std::vector<Dispatch>> dispatches;  // by node; empty unless on the device
  Constants constants;

  // Roots (memory_plan.h) that go to the GPU before it runs, and come back after.
  std::vector<TensorId> uploads, downloads;

  [[nodiscard]] std::vector<std::size_t> nodes_at(Place place) const;
};

// `graph` has been resolved. Error unsupported: the nodes that stand in the way, each with its
// reason; over_budget: rule V12.
Result<Division> divide(Graph& graph, const Budgets& budgets);

}  // namespace pinfer::gles
