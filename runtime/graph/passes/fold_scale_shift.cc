// SPDX-License-Identifier: Apache-2.0
// fold_scale_shift: a per-channel ADD or MUL by constants behind a float convolution or fully
// connected layer moves into its bias or weights, where the arithmetic gives the same bits:
//
// - ADD: when the layer has no bias or a bias of zeros, (sum + 0) + c == sum + c.
// - MUL: when every factor is a power of two: scaling by it commutes with rounding as long as
//   nothing underflows, so the exponents are bounded and the scaled weights must be normal.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "runtime/graph/passes/passes.h"

namespace pinfer {

std::int32_t fold_scale_shift(Graph& graph);

namespace {

constexpr int kMaxExponent = 32;

std::vector<float> floats_of(const TensorInfo& info) {
  std::vector<float> values(info.data.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), info.data.data(), info.data.size());
  return values;
}

struct Layer {
  Node* node = nullptr;
  Activation* activation = nullptr;
  std::size_t channel_axis = 0;  // of the weights
  std::int32_t channels = 0;
};

std::optional<Layer> layer_of(Graph& graph, Node& node) {
  Layer layer{.node = &node};
  if (auto* conv = std::get_if<ConvParams>(&node.params)) {
    layer.activation = &conv->activation;
    layer.channel_axis = node.op == "DEPTHWISE_CONV_2D" ? 3 : 0;
  } else if (auto* fc = std::get_if<FullyConnectedParams>(&node.params)) {
    layer.activation = &fc->activation;
  } else {
    return std::nullopt;
  }
  const TensorInfo& filter = graph.tensor(node.inputs[1]);
  const bool plain = graph.tensor(node.inputs[0]).dtype == DType::f32 &&
                     filter.dtype == DType::f32 && filter.is_constant &&
                     filter.shape.size() > layer.channel_axis &&
                     *layer.activation == Activation::none && node.inputs.size() <= 3;
  if (!plain) return std::nullopt;
  layer.channels = filter.shape[layer.channel_axis];
  return layer;
}

// The constant operand spread over the channels; nothing when it is not one value a channel.
std::optional<std::vector<float>> per_channel(const TensorInfo& info, std::int32_t channels) {
  if (!info.is_constant || info.dtype != DType::f32) return std::nullopt;
  std::vector<float> values = floats_of(info);
  if (values.size() == 1) values.resize(static_cast<std::size_t>(channels), values[0]);
  const bool last = !info.shape.empty() && info.shape[info.shape.size() - 1] == channels;
  if (values.size() != static_cast<std::size_t>(channels) || (elements(info.shape) != 1 && !last))
    return std::nullopt;
  return values;
}

bool set_bias(Graph& graph, const Layer& layer, const std::vector<float>& values) {
  auto bias = add_constant(graph, "folded bias", DType::f32, Shape{layer.channels},
                           std::as_bytes(std::span(values)));
  if (!bias) return false;
  layer.node->inputs.resize(3, kNoTensor);
  layer.node->inputs[2] = *bias;
  return true;
}

bool fold_add(Graph& graph, const Layer& layer, const std::vector<float>& shift) {
  const TensorId bias = layer.node->inputs.size() > 2 ? layer.node->inputs[2] : kNoTensor;
  if (bias != kNoTensor) {
    if (!graph.tensor(bias).is_constant) return false;
    const std::vector<float> old = floats_of(graph.tensor(bias));
    if (std::any_of(old.begin(), old.end(), [](float v) { return v != 0.0f || std::signbit(v); }))
      return false;
  }
  return set_bias(graph, layer, shift);
}

bool power_of_two(float value) {
  int exponent = 0;
  const float mantissa = std::frexp(std::fabs(value), &exponent);
  return std::isfinite(value) && mantissa == 0.5f && std::abs(exponent) <= kMaxExponent;
}

bool scale_values(std::vector<float>& values, const std::vector<float>& factors,
                  std::size_t inner) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float scaled = values[i] * factors[(i / inner) % factors.size()];
    if (!std::isnormal(scaled) && scaled != 0.0f) return false;
    if (values[i] != 0.0f && scaled == 0.0f) return false;
    values[i] = scaled;
  }
  return true;
}

bool fold_mul(Graph& graph, const Layer& layer, const std::vector<float>& factors) {
  if (!std::all_of(factors.begin(), factors.end(), power_of_two)) return false;
  const TensorInfo filter = graph.tensor(layer.node->inputs[1]);
  std::vector<float> weights = floats_of(filter);
  std::size_t inner = 1;
  for (std::size_t d = layer.channel_axis + 1; d < filter.shape.size(); ++d)
    inner *= static_cast<std::size_t>(filter.shape[d]);
  if (!scale_values(weights, factors, inner)) return false;
  auto scaled =
      add_constant(graph, filter.name, DType::f32, filter.shape, std::as_bytes(std::span(weights)));
  if (!scaled) return false;
  const TensorId bias = layer.node->inputs.size() > 2 ? layer.node->inputs[2] : kNoTensor;
  if (bias != kNoTensor) {
    if (!graph.tensor(bias).is_constant) return false;
    std::vector<float> values = floats_of(graph.tensor(bias));
    if (!scale_values(values, factors, 1) || !set_bias(graph, layer, values)) return false;
  }
  layer.node->inputs[1] = *scaled;
  return true;
}

// Tries to move `node` (ADD or MUL) into the layer that feeds it.
bool fold(Graph& graph, const Uses& uses, const Node& node) {
  const bool add = node.op == "ADD";
  if ((!add && node.op != "MUL") || node.inputs.size() != 2) return false;
  for (const std::size_t side : {0u, 1u}) {
    const TensorId in = node.inputs[side];
    const std::int32_t producer = uses.producer(in);
    if (producer < 0 || uses.count(in) != 1) continue;
    const auto layer = layer_of(graph, graph.nodes[static_cast<std::size_t>(producer)]);
    if (!layer || graph.tensor(in).shape != graph.tensor(node.outputs[0]).shape) continue;
    const auto values = per_channel(graph.tensor(node.inputs[1 - side]), layer->channels);
    if (!values) continue;
    if (!(add ? fold_add(graph, *layer, *values) : fold_mul(graph, *layer, *values))) continue;
    *layer->activation = std::get<ElementwiseParams>(node.params).activation;
    layer->node->outputs[0] = node.outputs[0];
    return true;
  }
  return false;
}

}  // namespace

std::int32_t fold_scale_shift(Graph& graph) {
  std::int32_t changes = 0;
  // A MUL in front of an ADD is folded first, which makes the ADD foldable.
  for (bool again = true; again;) {
    const Uses uses(graph);
    std::vector<bool> drop(graph.nodes.size(), false);
    again = false;
    for (std::size_t i = 0; i < graph.nodes.size() && !again; ++i) {
      if (!std::holds_alternative<ElementwiseParams>(graph.nodes[i].params)) continue;
      again = drop[i] = fold(graph, uses, graph.nodes[i]);
    }
    if (again) ++changes;
    remove_nodes(graph, drop);
  }
  return changes;
}

}  // namespace pinfer
