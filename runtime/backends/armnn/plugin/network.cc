// SPDX-License-Identifier: Apache-2.0
// Expands layers.inc: the only place that does.
#include "runtime/backends/armnn/plugin/network.h"

#include <stdexcept>
#include <string_view>

namespace pinfer::nn {

#define PINFER_ARMNN_LAYER(name, file, function) \
  armnn::IConnectableLayer* function(const Adding& adding);
#include "runtime/backends/armnn/plugin/layers.inc"
#undef PINFER_ARMNN_LAYER

namespace {

struct Line {
  std::string_view name;
  AddLayer function = nullptr;
};

constexpr Line kLines[] = {
#define PINFER_ARMNN_LAYER(name, file, function) {#name, function},
#include "runtime/backends/armnn/plugin/layers.inc"
#undef PINFER_ARMNN_LAYER
};

AddLayer function_of(const NetNode& node) {
  for (const Line& line : kLines)
    if (line.name == node.layer) return line.function;
  throw std::invalid_argument(std::string(node.label) + ": the plug-in has no layer " + node.layer);
}

armnn::DataType type_of(const NetTensor& tensor) {
  switch (tensor.type) {
    case ElementType::f32:
      return armnn::DataType::Float32;
    case ElementType::u8:
      return armnn::DataType::QAsymmU8;
    case ElementType::i8:  // per channel there are no zero points
      return tensor.scale_count > 1 ? armnn::DataType::QSymmS8 : armnn::DataType::QAsymmS8;
    case ElementType::i32:
      return armnn::DataType::Signed32;
  }
  throw std::invalid_argument("a tensor of an unknown type");
}

void check_index(std::int32_t index, std::int32_t count, const char* label) {
  if (index < 0 || index >= count) throw std::out_of_range(std::string(label) + ": a bad index");
}

}  // namespace

armnn::TensorInfo info_of(const NetTensor& tensor) {
  std::vector<unsigned int> dims;
  for (std::int32_t d = 0; d < tensor.rank; ++d)
    dims.push_back(static_cast<unsigned int>(tensor.dims[d]));
  const armnn::TensorShape shape(static_cast<unsigned int>(dims.size()), dims.data());
  if (tensor.scale_count > 1)
    return armnn::TensorInfo(shape, type_of(tensor),
                             std::vector<float>(tensor.scales, tensor.scales + tensor.scale_count),
                             static_cast<unsigned int>(tensor.scale_axis));
  const float scale = tensor.scale_count == 1 ? tensor.scales[0] : 0.0f;
  return armnn::TensorInfo(shape, type_of(tensor), scale, tensor.zero_point);
}

const NetTensor& Adding::input(std::int32_t i) const {
  check_index(i, node.input_count, node.label);
  return net.tensors[node.inputs[i]];
}

unsigned int Adding::number(std::int32_t i) const {
  check_index(i, node.number_count, node.label);
  return static_cast<unsigned int>(node.numbers[i]);
}

NetBuilder::NetBuilder(const Net& net)
    : net_(net),
      network_(armnn::INetwork::Create()),
      slots_(static_cast<std::size_t>(net.tensor_count), nullptr) {}

void NetBuilder::add_whole() {
  for (std::int32_t i = 0; i < net_.input_count; ++i) add_input(net_.inputs[i].tensor, i);
  for (std::int32_t i = 0; i < net_.node_count; ++i) add(net_.nodes[i]);
  for (std::int32_t i = 0; i < net_.output_count; ++i) add_output(net_.outputs[i].tensor, i);
}

void NetBuilder::add_alone(const NetNode& node) {
  int binding = 0;
  for (std::int32_t i = 0; i < node.input_count; ++i) {
    const std::int32_t tensor = node.inputs[i];
    check_index(tensor, net_.tensor_count, node.label);
    if (net_.tensors[tensor].data == nullptr && slots_[static_cast<std::size_t>(tensor)] == nullptr)
      add_input(tensor, binding++);
  }
  add(node);
  add_output(node.output, 0);
}

void NetBuilder::add_input(std::int32_t tensor, int binding) {
  check_index(tensor, net_.tensor_count, "input");
  armnn::IOutputSlot& made = network_->AddInputLayer(binding, "input")->GetOutputSlot(0);
  made.SetTensorInfo(info_of(net_.tensors[tensor]));
  slots_[static_cast<std::size_t>(tensor)] = &made;
}

void NetBuilder::add_output(std::int32_t tensor, int binding) {
  slot(tensor, "output").Connect(network_->AddOutputLayer(binding, "output")->GetInputSlot(0));
}

void NetBuilder::add(const NetNode& node) {
  check_index(node.output, net_.tensor_count, node.label);
  for (std::int32_t i = 0; i < node.input_count; ++i)
    check_index(node.inputs[i], net_.tensor_count, node.label);
  armnn::IConnectableLayer* layer = function_of(node)({*network_, net_, node});
  // Older releases have taken the weights already; newer ones have slots for them.
  for (unsigned int i = 0; i < layer->GetNumInputSlots(); ++i) {
    check_index(static_cast<std::int32_t>(i), node.input_count, node.label);
    slot(node.inputs[i], node.label).Connect(layer->GetInputSlot(i));
  }
  armnn::IOutputSlot& made = layer->GetOutputSlot(0);
  made.SetTensorInfo(info_of(net_.tensors[node.output]));
  slots_[static_cast<std::size_t>(node.output)] = &made;
}

armnn::IOutputSlot& NetBuilder::slot(std::int32_t tensor, const std::string& wanted_by) {
  check_index(tensor, net_.tensor_count, wanted_by.c_str());
  armnn::IOutputSlot*& made = slots_[static_cast<std::size_t>(tensor)];
  if (made != nullptr) return *made;
  const NetTensor& constant = net_.tensors[tensor];
  if (constant.data == nullptr)
    throw std::invalid_argument(wanted_by + ": nothing makes tensor " + std::to_string(tensor));
  const armnn::ConstTensor value = const_tensor(info_of(constant), constant.data);
  made = &network_->AddConstantLayer(value, "constant")->GetOutputSlot(0);
  made->SetTensorInfo(value.GetInfo());
  return *made;
}

}  // namespace pinfer::nn
