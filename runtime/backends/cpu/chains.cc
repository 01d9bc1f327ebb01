// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/cpu/chains.h"

#include <algorithm>
#include <array>

#include "runtime/ops/conv_chain.h"

namespace pinfer {
namespace {

constexpr std::array<std::string_view, 4> kOperators = {"CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D",
                                                        "ADD"};

// How many nodes read each tensor; a graph output counts as read twice: it must be whole.
std::vector<std::int32_t> count_readers(const Graph& graph) {
  std::vector<std::int32_t> readers(graph.tensors.size());
  const auto read = [&](TensorId id, std::int32_t times) {
    if (id == kNoTensor) return;
    readers[static_cast<std::size_t>(root_of(graph, id))] += times;
  };
  for (const Node& node : graph.nodes)
    for (const TensorId id : node.inputs) read(id, 1);
  for (const TensorId id : graph.outputs) read(id, 2);
  return readers;
}

class Finder final {
 public:
  Finder(const Graph& graph, std::span<const std::unique_ptr<Step>> steps)
      : graph_(graph), steps_(steps), readers_(count_readers(graph)) {}

  // The nodes from `first` on that are one chain by what they read.
  [[nodiscard]] std::size_t length_at(std::size_t first) const {
    std::size_t length = 0;
    while (length < kOperators.size() && first + length < graph_.nodes.size()) {
      const Node& node = graph_.nodes[first + length];
      if (node.op != kOperators[length] || node.outputs.size() != 1) break;
      if (length > 0 && !reads_alone(node, graph_.nodes[first + length - 1].outputs[0], length))
        break;
      ++length;
    }
    return length;
  }

  [[nodiscard]] std::unique_ptr<Step> chain(std::size_t first, std::size_t length) const {
    std::array<const Step*, kOperators.size()> parts{};
    for (std::size_t i = 0; i < length; ++i) parts[i] = steps_[first + i].get();
    return chain_steps(std::span(parts).first(length));
  }

 private:
  // As its first operand; an addition as either.
  [[nodiscard]] bool reads_alone(const Node& node, TensorId id, std::size_t place) const {
    const TensorInfo& info = graph_.tensor(id);
    if (info.is_variable || info.alias_of != kNoTensor ||
        readers_[static_cast<std::size_t>(id)] != 1)
      return false;
    if (place < 3) return !node.inputs.empty() && node.inputs[0] == id;
    return std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end();
  }

  const Graph& graph_;
  std::span<const std::unique_ptr<Step>> steps_;
  std::vector<std::int32_t> readers_;
};

}  // namespace

std::vector<Chain> find_chains(const Graph& graph, std::span<const std::unique_ptr<Step>> steps) {
  const Finder finder(graph, steps);
  std::vector<Chain> chains;
  for (std::size_t first = 0; first < steps.size();) {
    std::size_t length = finder.length_at(first);
    // A 1x1 convolution that starts the next chain stays with it.
    if (length >= 3 && finder.length_at(first + 2) >= 2) length = 2;
    std::unique_ptr<Step> step;
    for (; length >= 2; --length)
      if ((step = finder.chain(first, length)) != nullptr) break;
    if (step == nullptr) {
      ++first;
      continue;
    }
    chains.push_back({{static_cast<std::int32_t>(first), static_cast<std::int32_t>(first + length)},
                      std::move(step)});
    first += length;
  }
  return chains;
}

}  // namespace pinfer
