// SPDX-License-Identifier: Apache-2.0
// Element by element: ADD and MUL, curves, clamps, SOFTMAX, QUANTIZE and DEQUANTIZE.
#include "runtime/backends/armnn/description.h"
#include "runtime/kernels/arithmetic.h"

namespace pinfer::nn {
namespace {

bool is_number(const TensorInfo& info) {
  return info.dtype == DType::f32 || info.dtype == DType::i8 || info.dtype == DType::u8;
}

Result<Layer> one_to_one(const Describing& node, std::string name) {
  if (!is_number(node.context.input(0)))
    return because("it has elements of {}", to_string(node.context.input(0).dtype));
  PINFER_TRY(const std::int32_t input, node.input(0));
  return Layer{.layer = std::move(name), .inputs = {input}};
}

Result<void> describe_curve(const Describing& node, std::string name) {
  PINFER_TRY(Layer layer, one_to_one(node, std::move(name)));
  return node.add(std::move(layer));
}

Result<void> describe_clamp(const Describing& node, Activation activation) {
  PINFER_TRY(Layer layer, one_to_one(node, "clamp"));
  const FloatRange range = float_clamp(activation);
  layer.values.low = range.low;
  layer.values.high = range.high;
  return node.add(std::move(layer));
}

// A shape with ones in front: Arm NN broadcasts between equal ranks only.
Shape raised(const Shape& shape, std::size_t rank) {
  Shape result;
  for (std::size_t d = shape.size(); d < rank; ++d) static_cast<void>(result.push_back(1));
  for (const std::int32_t dim : shape) static_cast<void>(result.push_back(dim));
  return result;
}

Result<void> describe_binary(const Describing& node, std::string name) {
  const NodeContext& context = node.context;
  if (!is_number(context.input(0)))
    return because("it has elements of {}", to_string(context.input(0).dtype));
  const std::size_t rank = context.output(0).shape.size();
  PINFER_TRY(const std::int32_t a, node.input_as(0, raised(context.input(0).shape, rank)));
  PINFER_TRY(const std::int32_t b, node.input_as(1, raised(context.input(1).shape, rank)));
  return node.add({.layer = std::move(name), .inputs = {a, b}},
                  context.params<ElementwiseParams>().activation);
}

}  // namespace

Result<void> describe_add(const Describing& node);
Result<void> describe_add(const Describing& node) { return describe_binary(node, "add"); }

Result<void> describe_mul(const Describing& node);
Result<void> describe_mul(const Describing& node) { return describe_binary(node, "mul"); }

Result<void> describe_relu(const Describing& node);
Result<void> describe_relu(const Describing& node) {
  return describe_clamp(node, Activation::relu);
}

Result<void> describe_relu6(const Describing& node);
Result<void> describe_relu6(const Describing& node) {
  return describe_clamp(node, Activation::relu6);
}

Result<void> describe_relu_n1_to_1(const Describing& node);
Result<void> describe_relu_n1_to_1(const Describing& node) {
  return describe_clamp(node, Activation::relu_n1_to_1);
}

Result<void> describe_logistic(const Describing& node);
Result<void> describe_logistic(const Describing& node) { return describe_curve(node, "logistic"); }

Result<void> describe_tanh(const Describing& node);
Result<void> describe_tanh(const Describing& node) { return describe_curve(node, "tanh"); }

Result<void> describe_softmax(const Describing& node);
Result<void> describe_softmax(const Describing& node) {
  PINFER_TRY(Layer layer, one_to_one(node, "softmax"));
  if (node.context.input(0).dtype != node.context.output(0).dtype)
    return because("its result is {}", to_string(node.context.output(0).dtype));
  layer.values.beta = node.context.params<SoftmaxParams>().beta;
  return node.add(std::move(layer));
}

Result<void> describe_quantize(const Describing& node);
Result<void> describe_quantize(const Describing& node) {
  if (!is_number(node.context.output(0)))
    return because("its result is {}", to_string(node.context.output(0).dtype));
  return describe_curve(node, "quantize");
}

Result<void> describe_dequantize(const Describing& node);
Result<void> describe_dequantize(const Describing& node) {
  return describe_curve(node, "dequantize");
}

}  // namespace pinfer::nn
