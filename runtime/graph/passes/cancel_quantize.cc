// SPDX-License-Identifier: Apache-2.0
// cancel_quantize: QUANTIZE nodes that give back the very integers they started from.
//
// - QUANTIZE(DEQUANTIZE(x)) with the type, scale and zero point of x: |q - zp| <= 65535, so that
// the
//   float product and quotient are each off by at most 2^-24 relative and round back to q.
// - QUANTIZE(x) between equal integer types, scales and zero points multiplies by exactly 1.
#include "runtime/graph/passes/passes.h"

namespace pinfer {

std::int32_t cancel_quantize(Graph& graph);

namespace {

bool small_integer(DType type) {
  return type == DType::i8 || type == DType::u8 || type == DType::i16;
}

bool same_numbers(const TensorInfo& a, const TensorInfo& b) {
  return a.dtype == b.dtype && small_integer(a.dtype) && a.shape == b.shape &&
         a.quant.scale.size() == 1 && a.quant == b.quant;
}

}  // namespace

std::int32_t cancel_quantize(Graph& graph) {
  std::int32_t changes = 0;
  for (;;) {
    const Uses uses(graph);
    const std::int32_t before = changes;
    for (const Node& node : graph.nodes) {
      if (node.op != "QUANTIZE") continue;
      const TensorId in = node.inputs[0], out = node.outputs[0];
      if (uses.count(out) == 0) continue;
      TensorId origin = in;
      const std::int32_t producer = uses.producer(in);
      if (producer >= 0 && graph.nodes[static_cast<std::size_t>(producer)].op == "DEQUANTIZE")
        origin = graph.nodes[static_cast<std::size_t>(producer)].inputs[0];
      // State may change between the two readings.
      if (graph.tensor(origin).is_variable) continue;
      if (!same_numbers(graph.tensor(origin), graph.tensor(out))) continue;
      replace_uses(graph, out, origin);
      ++changes;
      break;
    }
    if (changes == before) return changes;
  }
}

}  // namespace pinfer
