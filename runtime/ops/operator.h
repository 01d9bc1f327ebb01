// SPDX-License-Identifier: Apache-2.0
// Operator: the record each operator fills, and NodeContext: what it may see of the graph.
//
// The load of a model calls `infer` once per node, in order; it checks every rule that concerns the
// node (operands, types, parameters, shapes, quantization) and writes the output shapes. When all
// went well, `prepare` makes the Step. `prepare` may rely on everything that `infer` has checked.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/core/result.h"
#include "runtime/cpu/isa.h"
#include "runtime/graph/graph.h"
#include "runtime/ops/step.h"

namespace pinfer {

class NodeContext final {
 public:
  NodeContext(Graph& graph, std::size_t node_index, IsaBits isa)
      : graph_(graph), node_(graph.nodes[node_index]), isa_(isa) {}

  [[nodiscard]] Graph& graph() const { return graph_; }
  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] IsaBits isa() const { return isa_; }

  [[nodiscard]] int input_count() const { return static_cast<int>(node_.inputs.size()); }
  [[nodiscard]] int output_count() const { return static_cast<int>(node_.outputs.size()); }
  // False when the operand is beyond the list or marked absent.
  [[nodiscard]] bool has_input(int i) const {
    return i < input_count() && node_.inputs[static_cast<std::size_t>(i)] != kNoTensor;
  }
  [[nodiscard]] TensorId input_id(int i) const {
    return i < input_count() ? node_.inputs[static_cast<std::size_t>(i)] : kNoTensor;
  }
  [[nodiscard]] TensorId output_id(int i) const {
    return node_.outputs[static_cast<std::size_t>(i)];
  }
  // Precondition: has_input(i) / i < output_count().
  [[nodiscard]] const TensorInfo& input(int i) const { return graph_.tensor(input_id(i)); }
  [[nodiscard]] TensorInfo& output(int i) const { return graph_.tensor(output_id(i)); }

  // The value of an operand where it is known at load (constant, or computed from constants and
  // shapes); empty otherwise. In `prepare` it may be used for packing.
  [[nodiscard]] std::span<const std::byte> value(int i) const {
    return has_input(i) ? input(i).data : std::span<const std::byte>{};
  }
  // The same for index operands (int32 or int64) widened to int64; an error (rule V7) when it is
  // not known at load, is no integer, or has more than `max_count` entries.
  Result<std::vector<std::int64_t>> index_values(int i, std::size_t max_count = 1024) const;

  // "V5: operator 3 CONV_2D: <sentence>"
  template <class... Args>
  [[nodiscard]] tl::unexpected<Error> error(std::string_view rule,
                                            fmt::format_string<Args...> format,
                                            Args&&... args) const {
    return tl::unexpected<Error>(
        located(ErrorCode::invalid_model, rule, fmt::format(format, std::forward<Args>(args)...)));
  }
  // Legal, but not built: "operator 3 CONV_2D: not supported: <sentence>"
  template <class... Args>
  [[nodiscard]] tl::unexpected<Error> unsupported(fmt::format_string<Args...> format,
                                                  Args&&... args) const {
    return tl::unexpected<Error>(
        located(ErrorCode::unsupported, "", fmt::format(format, std::forward<Args>(args)...)));
  }

  // Operand counts: inputs within [min, max], exactly `outputs` outputs, the first `required`
  // inputs present (rule V2).
  Result<void> expect_operands(int min_inputs, int max_inputs, int outputs) const;
  Result<void> expect_type(int input, std::initializer_list<DType> allowed) const;
  Result<void> expect_output_type(int output, DType type) const;
  // Rank of an input within [min, max] (rule V4).
  Result<void> expect_rank(int input, int min_rank, int max_rank) const;
  // Integer tensors that take part in quantized arithmetic: per-tensor scale present (rule V10).
  // int16 must have zero point 0, as all its arithmetic assumes.
  Result<void> expect_per_tensor_quant(const TensorInfo& tensor) const;
  // The same for operators that only re-scale: int16 may have any zero point of its range.
  Result<void> expect_affine_quant(const TensorInfo& tensor) const;
  // Per-tensor or per-channel along `axis` with one scale a channel (rule V10).
  Result<void> expect_channel_quant(const TensorInfo& tensor, int axis) const;

  // The axis normalised to [0, rank), or an error (rule V6).
  Result<int> normalise_axis(std::int64_t axis, int rank) const;

  // Sets an output's shape after checking it (rule V4). Where the file states a fully known
  // different shape, the computed one wins.
  Result<void> set_output_shape(int output, const Shape& shape) const;

  // The parameters as P; a default P where the file has none.
  template <class P>
  [[nodiscard]] P params() const {
    const P* p = std::get_if<P>(&node_.params);
    return p == nullptr ? P{} : *p;
  }

  // "tensor 12 'conv/weights' int8[8x3x3x3]"
  [[nodiscard]] std::string name_of(TensorId id) const;

 private:
  [[nodiscard]] Error located(ErrorCode code, std::string_view rule, std::string sentence) const;

  Graph& graph_;
  const Node& node_;
  IsaBits isa_;
};

struct Operator {
  std::string_view name;  // as in the file: "CONV_2D"; custom operators by their custom code
  Result<void> (*infer)(const NodeContext& context) = nullptr;
  Result<std::unique_ptr<Step>> (*prepare)(const NodeContext& context) = nullptr;
  // Output 0 may take the memory of input 0 (same element size, each element read before written).
  bool in_place = false;
  // Reads or writes state: never folded, never dropped, keeps its order.
  bool stateful = false;
  // The result follows from the shapes of the inputs alone (SHAPE, RANK): known at load.
  bool value_from_shape = false;
};

// All operators of this build, in the order of operators.inc.
std::span<const Operator* const> operators();
// Null when there is none of that name.
const Operator* find_operator(std::string_view name);

}  // namespace pinfer
