// SPDX-License-Identifier: Apache-2.0
// fuse_pad: PAD in front of a convolution becomes part of the convolution's own padding.
//
// The padded elements are the input's zero point (or 0.0), and contribute exactly 0 to every sum,
// as the convolution's own padding does. Floats: only with finite weights, since 0 * inf is not 0.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/graph/passes/passes.h"

namespace pinfer {

std::int32_t fuse_pad(Graph& graph);

namespace {

std::int64_t entry(const TensorInfo& info, std::size_t i) {
  if (info.dtype == DType::i64) {
    std::int64_t wide;
    std::memcpy(&wide, info.data.data() + i * sizeof wide, sizeof wide);
    return wide;
  }
  std::int32_t narrow;
  std::memcpy(&narrow, info.data.data() + i * sizeof narrow, sizeof narrow);
  return narrow;
}

// The padding of rows and columns; false when it is not known, or pads batch or channels.
bool spatial_padding(const TensorInfo& paddings, ExtraPadding& out) {
  const bool integers = paddings.dtype == DType::i32 || paddings.dtype == DType::i64;
  if (!integers || elements(paddings.shape) != 8 || paddings.data.size() != paddings.bytes())
    return false;
  for (const std::size_t i : {0u, 1u, 6u, 7u})
    if (entry(paddings, i) != 0) return false;
  for (std::size_t i = 2; i < 6; ++i)
    if (entry(paddings, i) < 0 || entry(paddings, i) > 4096) return false;
  out = {
      static_cast<std::int32_t>(entry(paddings, 2)), static_cast<std::int32_t>(entry(paddings, 3)),
      static_cast<std::int32_t>(entry(paddings, 4)), static_cast<std::int32_t>(entry(paddings, 5))};
  return true;
}

bool finite_floats(const TensorInfo& info) {
  for (std::size_t i = 0; i + sizeof(float) <= info.data.size(); i += sizeof(float)) {
    float value;
    std::memcpy(&value, info.data.data() + i, sizeof value);
    if (!std::isfinite(value)) return false;
  }
  return !info.data.empty();
}

// The arithmetic of activations and weights makes padding contribute exactly 0.
bool padding_vanishes(const Graph& graph, const Node& conv) {
  const TensorInfo& in = graph.tensor(conv.inputs[0]);
  const TensorInfo& filter = graph.tensor(conv.inputs[1]);
  if (in.dtype == DType::f32) return filter.dtype == DType::f32 && finite_floats(filter);
  return in.dtype == DType::i8 || in.dtype == DType::u8 || in.dtype == DType::i16;
}

bool fuse(Graph& graph, const Uses& uses, const Node& pad) {
  if (pad.op != "PAD" || pad.inputs.size() < 2) return false;
  const TensorId out = pad.outputs[0];
  const TensorInfo &from = graph.tensor(pad.inputs[0]), &padded = graph.tensor(out);
  ExtraPadding extra;
  if (from.is_variable || from.shape.size() != 4 || from.quant != padded.quant ||
      !spatial_padding(graph.tensor(pad.inputs[1]), extra))
    return false;
  const std::int32_t reader = uses.only_reader(out);
  if (reader < 0) return false;
  Node& conv = graph.nodes[static_cast<std::size_t>(reader)];
  auto* params = std::get_if<ConvParams>(&conv.params);
  if (params == nullptr || conv.inputs[0] != out || params->extra != ExtraPadding{} ||
      !padding_vanishes(graph, conv))
    return false;
  params->extra = extra;
  conv.inputs[0] = pad.inputs[0];
  return true;
}

}  // namespace

std::int32_t fuse_pad(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> drop(graph.nodes.size(), false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) drop[i] = fuse(graph, uses, graph.nodes[i]);
  const auto changes = static_cast<std::int32_t>(std::count(drop.begin(), drop.end(), true));
  remove_nodes(graph, drop);
  return changes;
}

}  // namespace pinfer
