// SPDX-License-Identifier: Apache-2.0
// ModelBuilder: small .tflite files made in memory, honest ones and hostile ones.
//
//   test::ModelBuilder b;
//   const auto in = b.add_tensor({.name = "in", .dtype = DType::i8, .shape = {1, 4},
//                                 .scale = {0.5f}, .zero_point = {0}});
//   const auto w = b.add_constant<std::int8_t>({.name = "w", .dtype = DType::i8, .shape = {2, 4},
//                                               .scale = {1.0f}, .zero_point = {0}}, {1, 2, ...});
//   const auto out = b.add_tensor({...});
//   b.add_op("FULLY_CONNECTED", FullyConnectedParams{}, {in, w, kNoTensor}, {out});
//   b.set_io({in}, {out});
//   const std::vector<std::byte> bytes = b.finish();   // for read_tflite or load_model
//
// Nothing is checked here: what a file may lie about, the builder writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "runtime/graph/op_params.h"
#include "runtime/graph/tensor.h"

namespace pinfer::test {

struct TensorSpec {
  std::string name = {};
  DType dtype = DType::f32;
  std::vector<std::int32_t> shape = {};
  std::vector<float> scale = {};
  std::vector<std::int64_t> zero_point = {};
  std::int32_t axis = 0;
  std::vector<std::byte> data = {};  // not empty: a constant
  bool is_variable = false;
  std::vector<std::int32_t> shape_signature = {};
  bool has_rank = true;
  // Lies and rarities.
  bool sparse = false, blockwise = false;
  std::optional<int> raw_type = {};                  // element type number of the file
  std::optional<std::uint32_t> raw_buffer = {};      // buffer index instead of a new buffer
  std::optional<std::uint64_t> outside_offset = {};  // data lies there, behind the flatbuffer
  std::uint64_t outside_size = 0;
};

struct OpSpec {
  std::string name;  // a builtin name; anything else becomes a custom operator
  OpParams params;   // written as options of `name`; std::monostate: none
  std::vector<TensorId> inputs, outputs;
  std::vector<TensorId> intermediates = {};
  std::vector<std::uint8_t> custom_options = {};
  std::optional<std::uint32_t> raw_opcode_index = {};
  std::optional<int> raw_builtin = {};         // operator number instead of `name`
  std::optional<std::string> options_as = {};  // options table of that operator instead
  std::vector<std::int32_t> calls = {};        // IF, WHILE, CALL: subgraphs it runs
};

struct GraphSpec {
  std::vector<TensorSpec> tensors;
  std::vector<OpSpec> ops;
  std::vector<TensorId> inputs, outputs;
};

// Labels of output k and normalisation of input 0, as the metadata of a file says them.
struct MetadataSpec {
  std::string name = {}, description = {};
  std::vector<std::vector<std::string>> labels = {};  // by output
  std::vector<float> mean = {}, stddev = {};
  bool deflate = true;  // the label files in the zip
};

class ModelBuilder final {
 public:
  ModelBuilder() : graphs(1) {}

  TensorId add_tensor(TensorSpec tensor) {
    graphs.back().tensors.push_back(std::move(tensor));
    return static_cast<TensorId>(graphs.back().tensors.size() - 1);
  }
  template <class T>
  TensorId add_constant(TensorSpec tensor, const std::vector<T>& values) {
    tensor.data.resize(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    return add_tensor(std::move(tensor));
  }
  OpSpec& add_op(std::string name, OpParams params, std::vector<TensorId> inputs,
                 std::vector<TensorId> outputs) {
    graphs.back().ops.push_back(
        {std::move(name), std::move(params), std::move(inputs), std::move(outputs)});
    return graphs.back().ops.back();
  }
  void set_io(std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
    graphs.back().inputs = std::move(inputs);
    graphs.back().outputs = std::move(outputs);
  }
  // What follows goes into a new subgraph; returns its index.
  std::int32_t begin_subgraph() {
    graphs.emplace_back();
    return static_cast<std::int32_t>(graphs.size() - 1);
  }

  // The file. May be called again after edits.
  [[nodiscard]] std::vector<std::byte> finish() const;

  // Open for edits: a test breaks one thing of a good model.
  std::vector<GraphSpec> graphs;
  std::optional<MetadataSpec> metadata;
  std::uint32_t version = 3;
  std::string description;
};

// A zip archive of stored or deflated members, as it is appended to a model.
std::vector<std::byte> make_zip(const std::vector<std::pair<std::string, std::string>>& members,
                                bool deflate, std::size_t file_offset);

}  // namespace pinfer::test
