// SPDX-License-Identifier: Apache-2.0
// Expands descriptions.inc: the only place that does.
#include "runtime/backends/armnn/description.h"

#include <limits>

#include "runtime/kernels/arithmetic.h"
#include "runtime/ops/mac_setup.h"

namespace pinfer::nn {

#define PINFER_ARMNN_OPERATOR(op, file, function) Result<void> function(const Describing& node);
#include "runtime/backends/armnn/descriptions.inc"
#undef PINFER_ARMNN_OPERATOR

namespace {

struct Line {
  std::string_view op;
  DescribeFunction function = nullptr;
};

constexpr Line kLines[] = {
#define PINFER_ARMNN_OPERATOR(op, file, function) {#op, function},
#include "runtime/backends/armnn/descriptions.inc"
#undef PINFER_ARMNN_OPERATOR
};

Result<ElementType> type_of(DType type) {
  switch (type) {
    case DType::f32:
      return ElementType::f32;
    case DType::i8:
      return ElementType::i8;
    case DType::u8:
      return ElementType::u8;
    case DType::i32:
      return ElementType::i32;
    default:
      return because("it has elements of {}", to_string(type));
  }
}

// The clamp that `activation` asks for on the node's output; false: its type clamps as much.
bool clamps(const TensorInfo& out, Activation activation) {
  if (activation == Activation::none) return false;
  if (out.dtype == DType::f32) return true;
  const ClampRange type = type_range(out.dtype);
  const ClampRange range =
      quantized_clamp(activation, out.scale(), out.zero_point(), type.low, type.high);
  return range.low != type.low || range.high != type.high;
}

}  // namespace

Result<std::int32_t> Description::add_tensor(const TensorInfo& info) {
  NetTensor tensor;
  PINFER_TRY(tensor.type, type_of(info.dtype));
  if (info.shape.size() > static_cast<std::size_t>(kMostDims))
    return because("it has tensors of {} dimensions", info.shape.size());
  if (elements(info.shape) == 0) return because("it has a tensor without elements");
  tensor.rank = 0;
  for (const std::int32_t dim : info.shape) tensor.dims[tensor.rank++] = dim;
  if (tensor.rank == 0) tensor.dims[tensor.rank++] = 1;
  if (info.quant.quantized()) {
    const std::vector<float>& scales = scales_.emplace_back(info.quant.scale);
    tensor.scales = scales.data();
    tensor.scale_count = static_cast<std::int32_t>(scales.size());
    tensor.scale_axis = info.quant.axis;
    tensor.zero_point = info.zero_point();
  }
  if (!info.data.empty()) tensor.data = info.data.data();
  tensors_.push_back(tensor);
  return static_cast<std::int32_t>(tensors_.size() - 1);
}

Result<std::int32_t> Description::tensor(TensorId id) {
  if (by_id_[static_cast<std::size_t>(id)] != kNone) return by_id_[static_cast<std::size_t>(id)];
  const TensorInfo& info = graph_.tensor(id);
  if (info.is_variable || info.dtype == DType::resource) return because("it keeps state");
  PINFER_TRY(const std::int32_t index, add_tensor(info));
  if (info.alias_of != kNoTensor && info.data.empty()) {
    PINFER_TRY(const std::int32_t original, tensor(info.alias_of));
    add({.layer = "reshape", .inputs = {original}, .output = index}, "a dropped RESHAPE");
  }
  by_id_[static_cast<std::size_t>(id)] = index;
  return index;
}

void Description::add(Layer layer, const std::string& label) {
  layer.label = label;
  layers_.push_back(std::move(layer));
}

Net Description::net(const std::vector<NetPlace>& inputs, const std::vector<NetPlace>& outputs) {
  nodes_.clear();
  for (const Layer& layer : layers_) {
    NetNode node = layer.values;
    node.layer = layer.layer.c_str();
    node.label = layer.label.c_str();
    node.inputs = layer.inputs.data();
    node.input_count = static_cast<std::int32_t>(layer.inputs.size());
    node.output = layer.output;
    node.numbers = layer.numbers.data();
    node.number_count = static_cast<std::int32_t>(layer.numbers.size());
    nodes_.push_back(node);
  }
  return {.tensors = tensors_.data(),
          .tensor_count = static_cast<std::int32_t>(tensors_.size()),
          .nodes = nodes_.data(),
          .node_count = static_cast<std::int32_t>(nodes_.size()),
          .inputs = inputs.data(),
          .input_count = static_cast<std::int32_t>(inputs.size()),
          .outputs = outputs.data(),
          .output_count = static_cast<std::int32_t>(outputs.size())};
}

Result<std::int32_t> Describing::input_as(int i, const Shape& shape) const {
  if (context.input(i).shape == shape) return input(i);
  TensorInfo info = context.input(i);
  info.shape = shape;
  PINFER_TRY(const std::int32_t reshaped, net.add_tensor(info));
  if (!info.data.empty()) return reshaped;  // constants have their bytes in any shape
  PINFER_TRY(const std::int32_t original, input(i));
  net.add({.layer = "reshape", .inputs = {original}, .output = reshaped}, label);
  return reshaped;
}

Result<void> Describing::add(Layer layer, Activation activation) const {
  return add(std::move(layer), activation, context.output(0).shape);
}

Result<void> Describing::add(Layer layer, Activation activation, const Shape& made) const {
  const TensorInfo& out = context.output(0);
  TensorInfo between = out;
  between.data = {};
  between.shape = made;
  const bool clamp = clamps(out, activation), reshape = !(made == out.shape);
  PINFER_TRY(const std::int32_t last, output());
  const auto next = [&](bool more) { return more ? net.add_tensor(between) : last; };
  PINFER_TRY(layer.output, next(clamp || reshape));
  std::int32_t at = layer.output;
  net.add(std::move(layer), label);
  if (clamp) {
    const FloatRange range = float_clamp(activation);
    Layer clamped{.layer = "clamp", .inputs = {at}};
    clamped.values.low = range.low;
    clamped.values.high = range.high;
    PINFER_TRY(clamped.output, next(reshape));
    at = clamped.output;
    net.add(std::move(clamped), label);
  }
  if (reshape) net.add({.layer = "reshape", .inputs = {at}, .output = last}, label);
  return {};
}

Result<void> describe(const NodeContext& context, Description& net) {
  const Node& node = context.node();
  for (const Line& line : kLines) {
    if (line.op != node.op) continue;
    return line.function({context, net, fmt::format("operator {} {}", node.source_index, node.op)});
  }
  return because("there is no layer for it");
}

Result<void> expect_same_quant(const TensorInfo& in, const TensorInfo& out) {
  if (in.dtype == DType::f32) return {};
  if (in.scale() == out.scale() && in.zero_point() == out.zero_point()) return {};
  return because("its input and output have different scales or zero points");
}

}  // namespace pinfer::nn
