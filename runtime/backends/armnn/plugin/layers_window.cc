// SPDX-License-Identifier: Apache-2.0
// Pools, means, resizes.
#include "runtime/backends/armnn/plugin/network.h"

namespace pinfer::nn {
namespace {

armnn::IConnectableLayer* add_pool(const Adding& adding, armnn::PoolingAlgorithm algorithm) {
  const NetWindow& window = adding.node.window;
  armnn::Pooling2dDescriptor descriptor;
  set_steps(descriptor, window);
  descriptor.m_PoolType = algorithm;
  descriptor.m_PoolWidth = static_cast<unsigned int>(window.width);
  descriptor.m_PoolHeight = static_cast<unsigned int>(window.height);
  descriptor.m_PaddingMethod = armnn::PaddingMethod::Exclude;  // averages of what is there
  descriptor.m_OutputShapeRounding = armnn::OutputShapeRounding::Floor;
  return adding.network.AddPooling2dLayer(descriptor, adding.node.label);
}

armnn::IConnectableLayer* add_resize(const Adding& adding, armnn::ResizeMethod method) {
  armnn::ResizeDescriptor descriptor;
  descriptor.m_TargetHeight = adding.number(0);
  descriptor.m_TargetWidth = adding.number(1);
  descriptor.m_Method = method;
  descriptor.m_AlignCorners = adding.node.align_corners != 0;
  descriptor.m_HalfPixelCenters = adding.node.half_pixel_centers != 0;
  descriptor.m_DataLayout = armnn::DataLayout::NHWC;
  return adding.network.AddResizeLayer(descriptor, adding.node.label);
}

}  // namespace

armnn::IConnectableLayer* add_average_pool_2d(const Adding& adding);
armnn::IConnectableLayer* add_average_pool_2d(const Adding& adding) {
  return add_pool(adding, armnn::PoolingAlgorithm::Average);
}

armnn::IConnectableLayer* add_max_pool_2d(const Adding& adding);
armnn::IConnectableLayer* add_max_pool_2d(const Adding& adding) {
  return add_pool(adding, armnn::PoolingAlgorithm::Max);
}

armnn::IConnectableLayer* add_mean(const Adding& adding);
armnn::IConnectableLayer* add_mean(const Adding& adding) {
  armnn::MeanDescriptor descriptor;
  for (std::int32_t i = 0; i < adding.node.number_count; ++i)
    descriptor.m_Axis.push_back(adding.number(i));
  descriptor.m_KeepDims = adding.node.keep_dims != 0;
  return adding.network.AddMeanLayer(descriptor, adding.node.label);
}

armnn::IConnectableLayer* add_resize_bilinear(const Adding& adding);
armnn::IConnectableLayer* add_resize_bilinear(const Adding& adding) {
  return add_resize(adding, armnn::ResizeMethod::Bilinear);
}

armnn::IConnectableLayer* add_resize_nearest(const Adding& adding);
armnn::IConnectableLayer* add_resize_nearest(const Adding& adding) {
  return add_resize(adding, armnn::ResizeMethod::NearestNeighbor);
}

}  // namespace pinfer::nn
