// SPDX-License-Identifier: Apache-2.0
// Element by element, and moves.
#include <cmath>

#include "runtime/backends/armnn/plugin/network.h"

namespace pinfer::nn {
namespace {

armnn::IConnectableLayer* add_curve(const Adding& adding, armnn::ActivationFunction function,
                                    float a, float b) {
  armnn::ActivationDescriptor descriptor;
  descriptor.m_Function = function;
  descriptor.m_A = a;
  descriptor.m_B = b;
  return adding.network.AddActivationLayer(descriptor, adding.node.label);
}

}  // namespace

armnn::IConnectableLayer* add_addition(const Adding& adding);
armnn::IConnectableLayer* add_addition(const Adding& adding) {
  return add_binary(adding.network, Binary::add, adding.node.label);
}

armnn::IConnectableLayer* add_multiplication(const Adding& adding);
armnn::IConnectableLayer* add_multiplication(const Adding& adding) {
  return add_binary(adding.network, Binary::mul, adding.node.label);
}

armnn::IConnectableLayer* add_clamp(const Adding& adding);
armnn::IConnectableLayer* add_clamp(const Adding& adding) {
  constexpr float kUnbounded = 1e30f;  // the RELU that has no upper end
  if (adding.node.low == 0.0f && adding.node.high > kUnbounded)
    return add_curve(adding, armnn::ActivationFunction::ReLu, 0.0f, 0.0f);
  return add_curve(adding, armnn::ActivationFunction::BoundedReLu, adding.node.high,
                   adding.node.low);
}

armnn::IConnectableLayer* add_logistic(const Adding& adding);
armnn::IConnectableLayer* add_logistic(const Adding& adding) {
  return add_curve(adding, armnn::ActivationFunction::Sigmoid, 0.0f, 0.0f);
}

armnn::IConnectableLayer* add_tanh(const Adding& adding);
armnn::IConnectableLayer* add_tanh(const Adding& adding) {
  return add_curve(adding, armnn::ActivationFunction::TanH, 1.0f, 1.0f);  // a * tanh(b * x)
}

armnn::IConnectableLayer* add_softmax(const Adding& adding);
armnn::IConnectableLayer* add_softmax(const Adding& adding) {
  armnn::SoftmaxDescriptor descriptor;
  descriptor.m_Beta = adding.node.beta;
  descriptor.m_Axis = -1;
  return adding.network.AddSoftmaxLayer(descriptor, adding.node.label);
}

armnn::IConnectableLayer* add_quantize(const Adding& adding);
armnn::IConnectableLayer* add_quantize(const Adding& adding) {
  return adding.network.AddQuantizeLayer(adding.node.label);
}

armnn::IConnectableLayer* add_dequantize(const Adding& adding);
armnn::IConnectableLayer* add_dequantize(const Adding& adding) {
  return adding.network.AddDequantizeLayer(adding.node.label);
}

armnn::IConnectableLayer* add_reshape(const Adding& adding);
armnn::IConnectableLayer* add_reshape(const Adding& adding) {
  return adding.network.AddReshapeLayer(
      armnn::ReshapeDescriptor(info_of(adding.output()).GetShape()), adding.node.label);
}

armnn::IConnectableLayer* add_pad(const Adding& adding);
armnn::IConnectableLayer* add_pad(const Adding& adding) {
  armnn::PadDescriptor descriptor;
  for (std::int32_t i = 0; i + 1 < adding.node.number_count; i += 2)
    descriptor.m_PadList.emplace_back(adding.number(i), adding.number(i + 1));
  descriptor.m_PadValue = static_cast<float>(adding.input(0).zero_point);  // an element, no number
  return adding.network.AddPadLayer(descriptor, adding.node.label);
}

armnn::IConnectableLayer* add_concatenation(const Adding& adding);
armnn::IConnectableLayer* add_concatenation(const Adding& adding) {
  const auto count = static_cast<unsigned int>(adding.node.input_count);
  const auto rank = static_cast<unsigned int>(adding.output().rank);
  const unsigned int axis = adding.number(0);
  armnn::OriginsDescriptor descriptor(count, rank);
  descriptor.SetConcatAxis(axis);
  unsigned int begin = 0;
  for (unsigned int i = 0; i < count; ++i) {
    for (unsigned int d = 0; d < rank; ++d)
      if (descriptor.SetViewOriginCoord(i, d, d == axis ? begin : 0) != armnn::Status::Success)
        throw armnn::InvalidArgumentException("its inputs do not lie side by side");
    begin += static_cast<unsigned int>(adding.input(static_cast<std::int32_t>(i)).dims[axis]);
  }
  return adding.network.AddConcatLayer(descriptor, adding.node.label);
}

}  // namespace pinfer::nn
