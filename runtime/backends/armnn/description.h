// SPDX-License-Identifier: Apache-2.0
// Description: a graph in the words of abi.h, with everything that they point to.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "runtime/backends/armnn/abi.h"
#include "runtime/ops/operator.h"

namespace pinfer::nn {

// A NetNode that owns.
struct Layer {
  std::string layer = {};
  std::vector<std::int32_t> inputs = {};
  std::int32_t output = 0;
  NetNode values = {};  // all but the members above and pointers
  std::vector<std::int32_t> numbers = {};
  std::string label = {};
};

class Description final {
 public:
  explicit Description(const Graph& graph) : graph_(graph), by_id_(graph.tensors.size(), kNone) {}
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;

  // The tensor of a graph's tensor. An alias becomes a reshape of what it stands for.
  Result<std::int32_t> tensor(TensorId id);
  // One that the graph does not have, with the type, shape and quantization of `info`.
  Result<std::int32_t> add_tensor(const TensorInfo& info);
  void add(Layer layer, const std::string& label);

  [[nodiscard]] std::size_t layer_count() const noexcept { return layers_.size(); }
  // Valid until the next change.
  [[nodiscard]] Net net(const std::vector<NetPlace>& inputs, const std::vector<NetPlace>& outputs);

 private:
  static constexpr std::int32_t kNone = -1;

  const Graph& graph_;
  std::vector<std::int32_t> by_id_;
  std::vector<NetTensor> tensors_;
  std::deque<std::vector<float>> scales_;
  std::deque<Layer> layers_;
  std::vector<NetNode> nodes_;
};

// What a function of descriptions.inc gets: one node.
struct Describing {
  const NodeContext& context;
  Description& net;
  std::string label;  // "operator 3 CONV_2D"

  [[nodiscard]] Result<std::int32_t> input(int i) const { return net.tensor(context.input_id(i)); }
  [[nodiscard]] Result<std::int32_t> output() const { return net.tensor(context.output_id(0)); }
  // Input `i` in another shape.
  [[nodiscard]] Result<std::int32_t> input_as(int i, const Shape& shape) const;
  // Adds the layer, whose `output` need not be set, and behind it what the layer lacks: the shape
  // of the node's output where `made` is another one, and the clamp of a fused activation.
  [[nodiscard]] Result<void> add(Layer layer, Activation activation = Activation::none) const;
  [[nodiscard]] Result<void> add(Layer layer, Activation activation, const Shape& made) const;
};

// An error's message is the reason alone.
using DescribeFunction = Result<void> (*)(const Describing& node);
// Asks the function of the node's operator.
Result<void> describe(const NodeContext& context, Description& net);

// The reason as an error.
template <class... Args>
[[nodiscard]] tl::unexpected<Error> because(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::unsupported, format, std::forward<Args>(args)...);
}

// Whether both have the same scale and zero point: where the reference moves bytes, Arm NN would
// convert numbers.
Result<void> expect_same_quant(const TensorInfo& in, const TensorInfo& out);

}  // namespace pinfer::nn
