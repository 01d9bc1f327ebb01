// SPDX-License-Identifier: Apache-2.0
// What Pinfer and its Arm NN plug-in say to each other: plain structs and six functions.
//
// The two halves are linked apart and may be of different builds, so nothing that crosses has a
// constructor, throws or owns. kAbiVersion changes with any change in this file; a plug-in of
// another version is not used. Whoever passes memory keeps it until the call returns, but for the
// places of inputs and outputs, which stay until unload().
#pragma once

#include <cstddef>
#include <cstdint>

namespace pinfer::nn {

inline constexpr std::uint32_t kAbiVersion = 2;
inline constexpr std::int32_t kMostDims = 5;  // of Arm NN

enum class ElementType : std::int32_t { f32, i8, u8, i32 };

struct NetTensor {
  ElementType type = ElementType::f32;
  std::int32_t rank = 0;  // 1..kMostDims
  std::int32_t dims[kMostDims] = {};
  const float* scales = nullptr;  // null: not quantized; one: per tensor; more: along `scale_axis`
  std::int32_t scale_count = 0;
  std::int32_t scale_axis = 0;
  std::int32_t zero_point = 0;
  const void* data = nullptr;  // of constants, row-major
};

// Sizes of a sliding window over NHWC, and the elements that pad the picture.
struct NetWindow {
  std::int32_t height = 1, width = 1;
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t dilation_h = 1, dilation_w = 1;
  std::int32_t top = 0, bottom = 0, left = 0, right = 0;
};

// One layer. Which members count, plugin/layers.inc says.
struct NetNode {
  const char* layer = nullptr;           // a name of plugin/layers.inc
  const char* label = nullptr;           // "operator 3 CONV_2D", for messages
  const std::int32_t* inputs = nullptr;  // tensors; weights and bias as the file has them
  std::int32_t input_count = 0;
  std::int32_t output = 0;  // a tensor
  NetWindow window = {};
  const std::int32_t* numbers = nullptr;
  std::int32_t number_count = 0;
  float low = 0.0f, high = 0.0f;
  float beta = 1.0f;
  std::int32_t keep_dims = 0, align_corners = 0, half_pixel_centers = 0;
};

// A tensor that the caller reads or writes, and where it lies.
struct NetPlace {
  std::int32_t tensor = 0;
  void* data = nullptr;
};

// Nodes are in an order in which every tensor is made before it is used.
struct Net {
  const NetTensor* tensors = nullptr;
  std::int32_t tensor_count = 0;
  const NetNode* nodes = nullptr;
  std::int32_t node_count = 0;
  const NetPlace* inputs = nullptr;
  std::int32_t input_count = 0;
  const NetPlace* outputs = nullptr;
  std::int32_t output_count = 0;
};

struct NetOptions {
  const char* const* devices = nullptr;  // "GpuAcc", ...: the first that can takes a layer
  std::int32_t device_count = 0;
  std::int32_t fast_math = 0;  // Winograd and the like: rounds otherwise
  std::int32_t fp16 = 0;       // float nets compute in halves
};

// Room for a sentence; longer ones are cut.
struct Sentence {
  char text[2048] = {};
};

enum class LoadOutcome : std::int32_t { loaded, refused, unavailable, failed };

class LoadedNet;  // the plug-in's own

struct PluginTable {
  std::uint32_t abi_version = kAbiVersion;  // first in every version
  const char* arm_nn_version = nullptr;     // of the headers it was built with: "22.0.0"
  // The devices that Arm NN offers here, with spaces between; false: why not.
  bool (*devices)(Sentence* answer) noexcept = nullptr;
  // All but `loaded` explain themselves.
  LoadOutcome (*load)(const Net* net, const NetOptions* options, LoadedNet** loaded,
                      Sentence* why) noexcept = nullptr;
  // One inference; false when Arm NN failed. One thread at a time.
  bool (*run)(LoadedNet* net) noexcept = nullptr;
  void (*unload)(LoadedNet* net) noexcept = nullptr;
  // Whether Arm NN reads and writes the places themselves, instead of copies of its own.
  bool (*shares_memory)(const LoadedNet* net) noexcept = nullptr;
};

// The only symbol of the plug-in.
inline constexpr const char* kFileName = "libpinfer-armnn.so";
inline constexpr const char* kEntryName = "pinfer_armnn_plugin";

}  // namespace pinfer::nn
