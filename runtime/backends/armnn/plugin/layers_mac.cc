// SPDX-License-Identifier: Apache-2.0
// Convolutions and fully connected layers.
#include <stdexcept>

#include "runtime/backends/armnn/plugin/network.h"

namespace pinfer::nn {
namespace {

template <class Descriptor>
Descriptor described(const Adding& adding) {
  const NetWindow& window = adding.node.window;
  Descriptor descriptor;
  set_steps(descriptor, window);
  descriptor.m_DilationX = static_cast<unsigned int>(window.dilation_w);
  descriptor.m_DilationY = static_cast<unsigned int>(window.dilation_h);
  descriptor.m_BiasEnabled = adding.node.input_count > 2;
  return descriptor;
}

armnn::ConstTensor constant(const Adding& adding, std::int32_t i) {
  const NetTensor& tensor = adding.input(i);
  if (tensor.data == nullptr)
    throw std::invalid_argument(std::string(adding.node.label) + ": its weights are not known");
  return const_tensor(info_of(tensor), tensor.data);
}

Weights weights_of(const Adding& adding, const armnn::ConstTensor& filter) {
  armnn::Optional<armnn::ConstTensor> bias;
  if (adding.node.input_count > 2) bias = constant(adding, 2);
  return {filter, bias};
}

// [1, height, width, channels] as [multiplier, inputs, height, width]; channels count the copies of
// one input first.
struct TurnedFilter {
  std::vector<std::uint8_t> bytes;
  NetTensor tensor;
};
TurnedFilter turned(const NetTensor& filter, std::int32_t inputs, const char* label) {
  if (filter.rank != 4 || filter.data == nullptr || inputs < 1 || filter.dims[3] % inputs != 0)
    throw std::invalid_argument(std::string(label) + ": its weights do not fit its input");
  const std::int32_t height = filter.dims[1], width = filter.dims[2], channels = filter.dims[3];
  const auto multiplier = static_cast<std::size_t>(channels / inputs);
  const std::size_t pixels = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  const std::size_t size = filter.type == ElementType::f32 ? sizeof(float) : 1;
  const auto count = static_cast<std::size_t>(channels);
  TurnedFilter result{std::vector<std::uint8_t>(pixels * count * size), filter};
  const auto* from = static_cast<const std::uint8_t*>(filter.data);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel)
    for (std::size_t channel = 0; channel < count; ++channel) {
      const std::size_t input = channel / multiplier, copy = channel % multiplier;
      const std::size_t to = (copy * static_cast<std::size_t>(inputs) + input) * pixels + pixel;
      for (std::size_t k = 0; k < size; ++k)
        result.bytes[to * size + k] = from[(pixel * count + channel) * size + k];
    }
  const std::int32_t dims[] = {channels / inputs, inputs, height, width};
  std::copy(std::begin(dims), std::end(dims), result.tensor.dims);
  result.tensor.scale_axis = 0;
  result.tensor.data = result.bytes.data();
  return result;
}

}  // namespace

armnn::IConnectableLayer* add_conv_2d(const Adding& adding);
armnn::IConnectableLayer* add_conv_2d(const Adding& adding) {
  return add_conv(adding.network, described<armnn::Convolution2dDescriptor>(adding),
                  weights_of(adding, constant(adding, 1)), adding.node.label);
}

armnn::IConnectableLayer* add_depthwise_conv_2d(const Adding& adding);
armnn::IConnectableLayer* add_depthwise_conv_2d(const Adding& adding) {
  const auto descriptor = described<armnn::DepthwiseConvolution2dDescriptor>(adding);
  if (kDepthwiseAsInFiles)
    return add_depthwise(adding.network, descriptor, weights_of(adding, constant(adding, 1)),
                         adding.node.label);
  const TurnedFilter filter = turned(adding.input(1), adding.input(0).dims[3], adding.node.label);
  const auto value = const_tensor(info_of(filter.tensor), filter.tensor.data);
  return add_depthwise(adding.network, descriptor, weights_of(adding, value), adding.node.label);
}

armnn::IConnectableLayer* add_fully_connected_layer(const Adding& adding);
armnn::IConnectableLayer* add_fully_connected_layer(const Adding& adding) {
  armnn::FullyConnectedDescriptor descriptor;
  descriptor.m_BiasEnabled = adding.node.input_count > 2;
  descriptor.m_TransposeWeightMatrix = true;  // files have [outputs, inputs]
  return add_fully_connected(adding.network, descriptor, weights_of(adding, constant(adding, 1)),
                             adding.node.label);
}

}  // namespace pinfer::nn
