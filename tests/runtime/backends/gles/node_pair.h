// SPDX-License-Identifier: Apache-2.0
// NodePair: a graph of one node with random operands, run by the scalar kernels and by the GPU.
#pragma once

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "runtime/backends/backend.h"
#include "runtime/ops/operator.h"

namespace pinfer::test {

class NodePair final {
 public:
  NodePair(std::string op, OpParams params, unsigned seed);

  std::int32_t pick(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }
  // A scale between 0.002 and 0.1, and a zero point of the type.
  Quant quant(DType type);

  NodePair& input(DType type, const Shape& shape, const Quant& quant);
  // A constant of noise, or of these numbers.
  NodePair& noise(DType type, const Shape& shape, const Quant& quant);
  NodePair& numbers(const std::vector<std::int32_t>& values, const Shape& shape);
  NodePair& output(DType type, const Quant& quant);

  // What differs, or why one of the two refuses; empty when the bytes agree (floats: within 1e-4 of
  // the largest).
  std::string difference();
  // The GPU's refusal; empty when it takes the node.
  std::string refusal();

 private:
  TensorId add(DType type, const Shape& shape, const Quant& quant);
  void fill(DType type, std::span<std::byte> bytes);
  Result<std::unique_ptr<Plan>> compile(std::string_view backend);
  std::string infer();

  std::mt19937 random_;
  Graph graph_;
  std::deque<std::vector<std::byte>> constants_;
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace pinfer::test
