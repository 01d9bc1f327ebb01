// SPDX-License-Identifier: Apache-2.0
// Node and Graph: what to compute. Ids are indices into the vectors.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "runtime/core/aligned_buffer.h"
#include "runtime/graph/op_params.h"
#include "runtime/graph/tensor.h"

namespace pinfer {

struct Node {
  std::string op;  // "CONV_2D"; custom operators: "TFLite_Detection_PostProcess"
  OpParams params;
  std::vector<TensorId> inputs;  // kNoTensor where an optional operand is absent
  std::vector<TensorId> outputs;
  std::vector<TensorId> intermediates;  // quantization carriers of the int8 LSTM; no data
  std::int32_t source_index = 0;        // index of the operator in the file, for messages
  // From the Operator record, filled when the shapes are resolved.
  bool in_place = false;  // output 0 may take the memory of input 0
  bool stateful = false;  // reads or writes state: never folded, never dropped
};

// A resource variable (VAR_HANDLE): state that a session keeps from run to run.
struct Variable {
  std::string container, name;
  DType dtype = DType::f32;
  Shape shape;  // known once an ASSIGN_VARIABLE has been inferred
  bool shape_known = false;
};

// Nodes are in an order in which every tensor is produced before it is used.
struct Graph {
  // Move-only: blobs hold bytes that tensors point to. Said aloud, because std::vector<Graph> would
  // else try to copy (moving a std::deque may throw).
  Graph() = default;
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  std::vector<TensorInfo> tensors;
  std::vector<Node> nodes;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  std::vector<Variable> variables;  // of the main graph; the init graph uses the same indices
  std::deque<AlignedBuffer> blobs;  // constants that the file does not hold as needed

  [[nodiscard]] const TensorInfo& tensor(TensorId id) const {
    return tensors[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] TensorInfo& tensor(TensorId id) { return tensors[static_cast<std::size_t>(id)]; }
};

}  // namespace pinfer
