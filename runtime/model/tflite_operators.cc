// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_operators.h"

#include <algorithm>

#include "runtime/model/text.h"
#include "runtime/model/tflite_options.h"
#include "runtime/model/tflite_order.h"

namespace pinfer {
namespace {

// Operands of one operator. The widest real ones (CONCATENATION, PACK) have some hundreds.
constexpr std::uint32_t kMaxOperands = 4096;
constexpr std::size_t kMaxOpNameBytes = 128;

using Ids = flatbuffers::Vector<std::int32_t>;

struct OpName {
  std::string name;
  wire::Builtin builtin = wire::Builtin::CUSTOM;
};

bool is_builtin_name(std::string_view name) {
  const char* const* names = wire::EnumNamesBuiltin();
  for (; *names != nullptr; ++names)
    if (name == *names) return true;
  return false;
}

// "CONV_2D" for a builtin operator, the custom code for a custom one.
Result<OpName> read_op_name(const TfliteSource& source, std::uint32_t index) {
  const auto* codes = source.root->operator_codes();
  if (index >= size_of_vector(codes))
    return fail(ErrorCode::invalid_model, "its operator code {} does not exist, the file has {}",
                index, size_of_vector(codes));
  const wire::OperatorCode& code = *codes->Get(index);
  // Old files know the short code only; new files repeat it for old readers or leave 127 there.
  const std::int32_t number =
      std::max(static_cast<std::int32_t>(code.code()), std::int32_t{code.short_code()});
  if (number < 0)
    return fail(ErrorCode::invalid_model, "its operator code {} is {}", index, number);
  OpName op;
  op.builtin = static_cast<wire::Builtin>(number);
  if (op.builtin != wire::Builtin::CUSTOM) {
    op.name = wire::EnumNameBuiltin(op.builtin);
    if (op.name.empty()) op.name = fmt::format("BUILTIN_{}", number);
    return op;
  }
  op.name = clean_text(view(code.custom_code()), kMaxOpNameBytes);
  if (op.name.empty())
    return fail(ErrorCode::invalid_model, "its custom operator code {} has no name", index);
  // A custom operator must not pass for a builtin one.
  if (is_builtin_name(op.name)) op.name = fmt::format("custom:{}", op.name);
  return op;
}

Result<void> check_id(TensorId id, const Graph& graph, const UnusableTensors& unusable,
                      std::string_view what, std::uint32_t position) {
  const std::size_t count = graph.tensors.size();
  if (id < 0 || static_cast<std::size_t>(id) >= count)
    return fail(ErrorCode::invalid_model, "V2: {} {} is tensor {}, the graph has {} tensors", what,
                position, id, count);
  const auto found = unusable.find(id);
  if (found == unusable.end()) return {};
  return fail(ErrorCode::unsupported, "V11: {} {} is tensor {} '{}': {}", what, position, id,
              graph.tensor(id).name, found->second);
}

// Ids of one kind of operand; -1 stands for an absent input.
Result<std::vector<TensorId>> read_ids(TfliteSource& source, const Ids* from, const Graph& graph,
                                       const UnusableTensors& unusable, std::string_view what) {
  const std::uint32_t count = size_of_vector(from);
  if (count > kMaxOperands)
    return fail(ErrorCode::invalid_model, "V2: it has {} {}s, at most {} are allowed", count, what,
                kMaxOperands);
  PINFER_CHECK(source.allowance.take_entries(count, sizeof(TensorId)));
  std::vector<TensorId> ids;
  ids.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TensorId id = from->Get(i);
    const bool absent = id == kNoTensor && what == "input";
    if (!absent) PINFER_CHECK(check_id(id, graph, unusable, what, i));
    ids.push_back(id);
  }
  return ids;
}

Result<OpParams> read_params(TfliteSource& source, const wire::Operator& from, const OpName& op) {
  if (op.builtin != wire::Builtin::CUSTOM) return read_options(from, op.builtin, source.allowance);
  std::span<const std::byte> options;
  if (from.custom_options() != nullptr)
    options =
        std::as_bytes(std::span(from.custom_options()->data(), from.custom_options()->size()));
  if (from.large_custom_options_offset() > 1) {
    PINFER_TRY(options, outside_bytes(source, from.large_custom_options_offset(),
                                      from.large_custom_options_size()));
  }
  return read_custom_options(op.name, options);
}

// Messages come as "V2: sentence"; the caller puts the operator between.
Result<void> read_node(TfliteSource& source, const wire::Operator& from, const OpName& op,
                       const UnusableTensors& unusable, Graph& graph) {
  Node node;
  node.op = op.name;
  node.source_index = static_cast<std::int32_t>(graph.nodes.size());
  PINFER_TRY(node.inputs, read_ids(source, from.inputs(), graph, unusable, "input"));
  PINFER_TRY(node.outputs, read_ids(source, from.outputs(), graph, unusable, "output"));
  // Intermediates carry quantization only: -1 is a hole, and their type does not matter.
  PINFER_TRY(node.intermediates, read_ids(source, from.intermediates(), graph, {}, "intermediate"));
  PINFER_TRY(node.params, read_params(source, from, op));
  graph.nodes.push_back(std::move(node));
  return {};
}

Result<std::vector<TensorId>> read_graph_ids(const Ids* from, const Graph& graph,
                                             const UnusableTensors& unusable,
                                             std::string_view what) {
  const std::uint32_t count = size_of_vector(from);
  if (count > kMaxOperands)
    return fail(ErrorCode::invalid_model, "V2: the graph has {} {}s, at most {} are allowed", count,
                what, kMaxOperands);
  std::vector<TensorId> ids;
  for (std::uint32_t i = 0; i < count; ++i) {
    PINFER_CHECK(check_id(from->Get(i), graph, unusable, what, i));
    ids.push_back(from->Get(i));
  }
  return ids;
}

}  // namespace

Result<void> read_operators(TfliteSource& source, const wire::SubGraph& from,
                            const UnusableTensors& unusable, Graph& graph) {
  const std::uint32_t count = size_of_vector(from.operators());
  graph.nodes.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const wire::Operator& wire_op = *from.operators()->Get(i);
    auto op = read_op_name(source, wire_op.opcode_index());
    if (!op) return fail(op.error().code, "V2: operator {}: {}", i, op.error().message);
    if (auto read = read_node(source, wire_op, *op, unusable, graph); !read) {
      Error error = std::move(read.error());
      const std::size_t rule_end = error.message.find(": ");
      if (rule_end != std::string::npos)
        error.message.insert(rule_end + 2, fmt::format("operator {} {}: ", i, op->name));
      return tl::unexpected(std::move(error));
    }
  }
  PINFER_TRY(graph.inputs, read_graph_ids(from.inputs(), graph, unusable, "graph input"));
  PINFER_TRY(graph.outputs, read_graph_ids(from.outputs(), graph, unusable, "graph output"));
  return {};
}

}  // namespace pinfer
