// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_order.h"

#include <algorithm>
#include <vector>

namespace pinfer {
namespace {

// Who gives a tensor its value.
constexpr std::int32_t kNobody = -1, kFile = -2, kCaller = -3, kState = -4;

std::string describe(const Graph& graph, TensorId id) {
  return fmt::format("tensor {} '{}'", id, graph.tensor(id).name);
}

tl::unexpected<Error> node_fail(const Node& node, std::string_view rule, const std::string& text) {
  return tl::unexpected<Error>(node_error(node, rule, text));
}

Result<std::vector<std::int32_t>> origins_before_nodes(const Graph& graph) {
  std::vector<std::int32_t> origin(graph.tensors.size(), kNobody);
  for (std::size_t i = 0; i < origin.size(); ++i) {
    if (graph.tensors[i].is_constant) origin[i] = kFile;
    if (graph.tensors[i].is_variable) origin[i] = kState;
  }
  for (const TensorId id : graph.inputs) {
    std::int32_t& from = origin[static_cast<std::size_t>(id)];
    if (from == kFile)
      return fail(ErrorCode::invalid_model, "V3: the graph input {} is a constant",
                  describe(graph, id));
    if (from == kCaller)
      return fail(ErrorCode::invalid_model, "V3: {} is listed twice as graph input",
                  describe(graph, id));
    if (from == kNobody) from = kCaller;
  }
  return origin;
}

// A tensor that is read but not yet there.
Result<void> check_input(Graph& graph, const Node& node, TensorId id,
                         std::vector<std::int32_t>& origin) {
  std::int32_t& from = origin[static_cast<std::size_t>(id)];
  if (from != kNobody) return {};
  TensorInfo& info = graph.tensor(id);
  const bool made_later = std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) {
    return std::find(n.outputs.begin(), n.outputs.end(), id) != n.outputs.end();
  });
  if (made_later)
    return node_fail(
        node, "V3", fmt::format("it reads {} before an operator has made it", describe(graph, id)));
  if (info.shape_known && elements(info.shape) == 0 && info.dtype != DType::resource) {
    info.is_constant = true;
    from = kFile;
    return {};
  }
  return node_fail(node, "V9",
                   fmt::format("{} has no data, and no operator makes it", describe(graph, id)));
}

Result<void> check_output(const Graph& graph, const Node& node, std::int32_t index, TensorId id,
                          std::vector<std::int32_t>& origin) {
  std::int32_t& from = origin[static_cast<std::size_t>(id)];
  const std::string name = describe(graph, id);
  if (std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end())
    return node_fail(node, "V3", fmt::format("{} is its input and its output", name));
  if (from == kFile)
    return node_fail(node, "V3", fmt::format("it writes to the constant {}", name));
  if (from == kCaller)
    return node_fail(node, "V3", fmt::format("it writes to the graph input {}", name));
  if (from == kState)
    return node_fail(node, "V3", fmt::format("it writes to the variable {}", name));
  if (from != kNobody)
    return node_fail(node, "V3", fmt::format("{} is already made by operator {}", name, from));
  from = index;
  return {};
}

}  // namespace

Error node_error(const Node& node, std::string_view rule, std::string_view sentence) {
  return Error{ErrorCode::invalid_model,
               fmt::format("{}: operator {} {}: {}", rule, node.source_index, node.op, sentence)};
}

Result<void> check_order(Graph& graph) {
  PINFER_TRY(std::vector<std::int32_t> origin, origins_before_nodes(graph));
  for (const Node& node : graph.nodes) {
    for (const TensorId id : node.inputs)
      if (id != kNoTensor) PINFER_CHECK(check_input(graph, node, id, origin));
    for (const TensorId id : node.outputs)
      PINFER_CHECK(check_output(graph, node, node.source_index, id, origin));
  }
  for (const TensorId id : graph.outputs)
    if (origin[static_cast<std::size_t>(id)] == kNobody)
      return fail(ErrorCode::invalid_model, "V3: nothing makes the graph output {}",
                  describe(graph, id));
  return {};
}

}  // namespace pinfer
