// SPDX-License-Identifier: Apache-2.0
// Arm NN, and all that differs between its releases: 20.08 (22.0.0, Debian 12) and 23.08 (33.0.0,
// Debian 13). Releases in between are taken for one or the other and have not been tried.
#pragma once

#include <armnn/ArmNN.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pinfer::nn {

// Since 22.05 weights are inputs of a layer, depthwise ones lie as the file has them, and tensors
// say whether they are constant. Before, depthwise weights are [multiplier, inputs, height, width].
inline constexpr bool kDepthwiseAsInFiles = ARMNN_MAJOR_VERSION >= 29;

// A tensor of known bytes; inputs of a run count as such.
inline armnn::ConstTensor const_tensor(armnn::TensorInfo info, const void* data) {
#if ARMNN_MAJOR_VERSION >= 29
  info.SetConstant(true);
#endif
  return armnn::ConstTensor(info, data);
}

// What a layer with weights is made from; empty where the builder connects weights as inputs.
#if ARMNN_MAJOR_VERSION >= 29
struct Weights {
  Weights(const armnn::ConstTensor&, const armnn::Optional<armnn::ConstTensor>&) {}
};
#define PINFER_ARMNN_WEIGHTS(weights)
#else
struct Weights {
  Weights(const armnn::ConstTensor& f, const armnn::Optional<armnn::ConstTensor>& b)
      : filter(f), bias(b) {}
  armnn::ConstTensor filter;
  armnn::Optional<armnn::ConstTensor> bias;
};
#define PINFER_ARMNN_WEIGHTS(weights) weights.filter, weights.bias,
#endif
inline armnn::IConnectableLayer* add_conv(armnn::INetwork& net,
                                          const armnn::Convolution2dDescriptor& descriptor,
                                          [[maybe_unused]] const Weights& weights,
                                          const char* name) {
  return net.AddConvolution2dLayer(descriptor, PINFER_ARMNN_WEIGHTS(weights) name);
}
inline armnn::IConnectableLayer* add_depthwise(
    armnn::INetwork& net, const armnn::DepthwiseConvolution2dDescriptor& descriptor,
    [[maybe_unused]] const Weights& weights, const char* name) {
  return net.AddDepthwiseConvolution2dLayer(descriptor, PINFER_ARMNN_WEIGHTS(weights) name);
}
inline armnn::IConnectableLayer* add_fully_connected(armnn::INetwork& net,
                                                     armnn::FullyConnectedDescriptor descriptor,
                                                     [[maybe_unused]] const Weights& weights,
                                                     const char* name) {
#if ARMNN_MAJOR_VERSION >= 29
  descriptor.m_ConstantWeights = true;
#endif
  return net.AddFullyConnectedLayer(descriptor, PINFER_ARMNN_WEIGHTS(weights) name);
}
#undef PINFER_ARMNN_WEIGHTS

enum class Binary { add, mul };
inline armnn::IConnectableLayer* add_binary(armnn::INetwork& net, Binary op, const char* name) {
#if ARMNN_MAJOR_VERSION >= 33
  return net.AddElementwiseBinaryLayer(
      op == Binary::add ? armnn::BinaryOperation::Add : armnn::BinaryOperation::Mul, name);
#else
  return op == Binary::add ? net.AddAdditionLayer(name) : net.AddMultiplicationLayer(name);
#endif
}

// What CpuAcc computes wrongly, measured under emulation; GpuAcc, from the same library, has not
// been measured. 20.08: layers with a scale per channel, by up to 255 steps, pointwise ones even
// alone. 23.08: means of 8-bit pictures, by up to 76 steps; those of 20.08 have not been measured.
inline constexpr bool kChannelScalesOnCpuRefOnly = ARMNN_MAJOR_VERSION < 23;
inline constexpr bool kByteMeansOnCpuRefOnly = true;

inline constexpr bool kHasFastMath = ARMNN_MAJOR_VERSION >= 23;
struct NetSwitches {
  bool fast_math = false;
  bool fp16 = false;
  bool shares_memory = false;  // the caller's, for inputs and outputs: "import" and "export"
};
// 20.08 has another form of it, which has not been tried: it copies.
inline constexpr bool kCanShareMemory = ARMNN_MAJOR_VERSION >= 33;

// Null or an exception when no device takes a layer; Arm NN says why in `messages`.
inline armnn::IOptimizedNetworkPtr optimize(const armnn::INetwork& net,
                                            const std::vector<armnn::BackendId>& devices,
                                            const armnn::IDeviceSpec& machine,
                                            const NetSwitches& switches,
                                            std::vector<std::string>& messages) {
#if ARMNN_MAJOR_VERSION >= 33
  armnn::OptimizerOptionsOpaque options;
  options.SetReduceFp32ToFp16(switches.fp16);
  options.SetImportEnabled(switches.shares_memory);
  options.SetExportEnabled(switches.shares_memory);
  for (const char* device : {"CpuAcc", "GpuAcc"})
    options.AddModelOption({device, {{"FastMathEnabled", switches.fast_math}}});
#else
  armnn::OptimizerOptions options;
  options.m_ReduceFp32ToFp16 = switches.fp16;
#if ARMNN_MAJOR_VERSION >= 23
  for (const char* device : {"CpuAcc", "GpuAcc"})
    options.m_ModelOptions.push_back({device, {{"FastMathEnabled", switches.fast_math}}});
#endif
#endif
  return armnn::Optimize(net, devices, machine, options,
                         armnn::Optional<std::vector<std::string>&>(messages));
}

inline armnn::Status load_network(armnn::IRuntime& runtime, armnn::NetworkId& id,
                                  armnn::IOptimizedNetworkPtr network,
                                  [[maybe_unused]] bool shares_memory, std::string& why) {
#if ARMNN_MAJOR_VERSION >= 33
  const auto source = shares_memory ? armnn::MemorySource::Malloc : armnn::MemorySource::Undefined;
  return runtime.LoadNetwork(id, std::move(network), why,
                             armnn::INetworkProperties(false, source, source));
#else
  return runtime.LoadNetwork(id, std::move(network), why);
#endif
}

}  // namespace pinfer::nn
