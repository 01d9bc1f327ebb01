// SPDX-License-Identifier: Apache-2.0
// NetBuilder: an Arm NN network from a Net of abi.h. Everything here throws what is wrong; door.cc
// catches it.
#pragma once

#include <string>
#include <vector>

#include "runtime/backends/armnn/abi.h"
#include "runtime/backends/armnn/plugin/compat.h"

namespace pinfer::nn {

armnn::TensorInfo info_of(const NetTensor& tensor);

// What a function of layers.inc gets: one node.
struct Adding {
  armnn::INetwork& network;
  const Net& net;
  const NetNode& node;

  // Throws where there is no such input.
  [[nodiscard]] const NetTensor& input(std::int32_t i) const;
  [[nodiscard]] const NetTensor& output() const { return net.tensors[node.output]; }
  [[nodiscard]] unsigned int number(std::int32_t i) const;
};
using AddLayer = armnn::IConnectableLayer* (*)(const Adding& adding);

// Padding and strides, which convolutions and pools call the same.
template <class Descriptor>
void set_steps(Descriptor& descriptor, const NetWindow& window) {
  const auto size = [](std::int32_t value) { return static_cast<unsigned int>(value); };
  descriptor.m_PadLeft = size(window.left);
  descriptor.m_PadRight = size(window.right);
  descriptor.m_PadTop = size(window.top);
  descriptor.m_PadBottom = size(window.bottom);
  descriptor.m_StrideX = size(window.stride_w);
  descriptor.m_StrideY = size(window.stride_h);
  descriptor.m_DataLayout = armnn::DataLayout::NHWC;
}

class NetBuilder final {
 public:
  explicit NetBuilder(const Net& net);

  // The whole net; places of inputs and outputs become bindings by their index.
  void add_whole();
  // One node between inputs and an output of its own.
  void add_alone(const NetNode& node);

  [[nodiscard]] const armnn::INetwork& network() const noexcept { return *network_; }

 private:
  void add(const NetNode& node);
  void add_input(std::int32_t tensor, int binding);
  void add_output(std::int32_t tensor, int binding);
  // Of a tensor that something makes; of a constant a layer is made.
  armnn::IOutputSlot& slot(std::int32_t tensor, const std::string& wanted_by);

  const Net& net_;
  armnn::INetworkPtr network_;
  std::vector<armnn::IOutputSlot*> slots_;  // by tensor
};

}  // namespace pinfer::nn
