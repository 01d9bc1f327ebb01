// SPDX-License-Identifier: Apache-2.0
// Why each rule holds. With q' = q - 128 and z' = z - 128 for every operand:
// - arithmetic sees only q - z, and adds the zero point of the output before the clamp, whose
//   bounds move along: multiply-accumulate, ADD, SUB, MUL, MEAN, QUANTIZE, DEQUANTIZE, SOFTMAX (a
//   function of differences);
// - curves are tables of q - z;
// - maxima and moves do not compute; zeros that PAD adds are the zero point.
// Not here: averages with ties (int8 rounds halves away from zero, uint8 up), bilinear resizing,
// requantizing concatenations (float sums of q itself), and whatever nobody has asked for.
#include "runtime/backends/cpu/signed_rules.h"

#include <algorithm>

#include "runtime/graph/memory_plan.h"

namespace pinfer {
namespace {

// Weights and bias are known at load.
bool constant_weights(const Graph& graph, const Node& node) {
  if (node.inputs.size() < 2 || graph.tensor(node.inputs[1]).dtype != DType::u8) return false;
  return std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                     [&](TensorId id) { return id == kNoTensor || graph.tensor(id).is_constant; });
}

// Windows of an odd number of elements have no ties.
bool odd_windows(const Graph&, const Node& node) {
  const auto* params = std::get_if<PoolParams>(&node.params);
  return params != nullptr && params->padding == Padding::valid && params->filter_h % 2 == 1 &&
         params->filter_w % 2 == 1;
}

// The mean of nothing is the byte 0.
bool not_empty(const Graph& graph, const Node& node) {
  return elements(graph.tensor(node.inputs[0]).shape) > 0;
}

bool keeps_numbers(const Graph& graph, const Node& node) {
  const TensorInfo& out = graph.tensor(node.outputs[0]);
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](TensorId id) {
    const TensorInfo& in = graph.tensor(id);
    return in.scale() == out.scale() && in.zero_point() == out.zero_point();
  });
}

bool gives_bytes(const Graph& graph, const Node& node) {
  return graph.tensor(node.outputs[0]).dtype == DType::u8;
}

constexpr std::uint32_t kFirst = 1, kSecond = 2, kBoth = 3, kAll = ~0u;
constexpr SignedRule kRules[] = {
    {"CONV_2D", kBoth, constant_weights, true},
    {"DEPTHWISE_CONV_2D", kBoth, constant_weights, true},
    {"FULLY_CONNECTED", kBoth, constant_weights, true},
    {"ADD", kBoth},
    {"SUB", kBoth},
    {"MUL", kBoth},
    {"MAX_POOL_2D", kFirst},
    {"AVERAGE_POOL_2D", kFirst, odd_windows},
    {"MEAN", kFirst, not_empty},
    {"SOFTMAX", kFirst, gives_bytes},
    {"LOGISTIC", kFirst},
    {"TANH", kFirst},
    {"QUANTIZE", kFirst},
    {"DEQUANTIZE", kFirst},
    {"CONCATENATION", kAll, keeps_numbers},
    {"PAD", kFirst},
    {"PADV2", kFirst | 4},
    {"MIRROR_PAD", kFirst},
    {"RESHAPE", kFirst},
    {"SQUEEZE", kFirst},
    {"EXPAND_DIMS", kFirst},
    {"TRANSPOSE", kFirst},
    {"SLICE", kFirst},
    {"STRIDED_SLICE", kFirst},
    {"SPLIT", kSecond},
    {"SPLIT_V", kFirst},
    {"PACK", kAll},
    {"UNPACK", kFirst},
    {"DEPTH_TO_SPACE", kFirst},
    {"SPACE_TO_DEPTH", kFirst},
    {"RESIZE_NEAREST_NEIGHBOR", kFirst},
};

bool signable(const TensorInfo& info) {
  return info.quant.scale.size() == 1 && info.quant.zero_point.size() == 1 && !info.is_variable &&
         info.variable < 0;
}

// State may be reached through another shape too.
bool signable(const Graph& graph, TensorId id) {
  return signable(graph.tensor(id)) && !graph.tensor(root_of(graph, id)).is_variable;
}

}  // namespace

const SignedRule* signed_rule(const Graph& graph, const Node& node) {
  const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const SignedRule& r) { return r.op == node.op; });
  if (rule == std::end(kRules)) return nullptr;
  bool any = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const TensorId id = node.inputs[i];
    if (id == kNoTensor || !rule->is_data(i) || graph.tensor(id).dtype != DType::u8) continue;
    if (!signable(graph, id)) return nullptr;
    any = true;
  }
  for (const TensorId id : node.outputs) {
    if (graph.tensor(id).dtype != DType::u8) continue;
    if (!signable(graph, id)) return nullptr;
    any = true;
  }
  if (!any || (rule->holds != nullptr && !rule->holds(graph, node))) return nullptr;
  return rule;
}

void keep_uint8_scheme(Node& node) {
  if (node.op != "CONV_2D" && node.op != "DEPTHWISE_CONV_2D") return;
  const auto* given = std::get_if<ConvParams>(&node.params);
  ConvParams params = given == nullptr ? ConvParams{} : *given;
  params.uint8_scheme = true;
  node.params = params;
}

}  // namespace pinfer
