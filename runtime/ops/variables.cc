// SPDX-License-Identifier: Apache-2.0
// VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE: state that lasts from run to run.
//
// A handle is a name: the tensor carries the index into Graph::variables and has no bytes. The
// session runs the initial subgraph of CALL_ONCE when it is created, so the step here does nothing.
#include <cstring>

#include "runtime/ops/operator.h"

namespace pinfer {
namespace {

constexpr std::size_t kMaxVariables = 4096;

Status no_operation(const RunContext&) noexcept { return Status::ok; }

Result<void> infer_handle(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(0, 0, 1));
  PINFER_CHECK(context.expect_output_type(0, DType::resource));
  const auto params = context.params<VarHandleParams>();
  auto& variables = context.graph().variables;
  std::size_t index = 0;
  while (index < variables.size() && (variables[index].container != params.container ||
                                      variables[index].name != params.shared_name))
    ++index;
  if (index == kMaxVariables)
    return context.error("V12", "the model has more than {} variables", kMaxVariables);
  if (index == variables.size()) {
    variables.emplace_back();
    variables.back().container = params.container;
    variables.back().name = params.shared_name;
  }
  context.output(0).variable = static_cast<std::int32_t>(index);
  return context.set_output_shape(0, Shape{});
}

// The variable that input 0 names.
Result<std::size_t> variable_of(const NodeContext& context) {
  const TensorInfo& handle = context.input(0);
  const auto index = static_cast<std::size_t>(handle.variable);
  if (handle.dtype != DType::resource || handle.variable < 0 ||
      index >= context.graph().variables.size())
    return context.error("V2", "input 0 ({}) is no handle of a variable",
                         context.name_of(context.input_id(0)));
  return index;
}

Result<void> infer_read(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_TRY(const std::size_t index, variable_of(context));
  const Variable& variable = context.graph().variables[index];
  if (!variable.shape_known)
    return context.error("V2", "variable '{}' is read, but nothing assigns it before",
                         variable.name);
  PINFER_CHECK(context.expect_output_type(0, variable.dtype));
  return context.set_output_shape(0, variable.shape);
}

Result<void> infer_assign(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 0));
  PINFER_TRY(const std::size_t index, variable_of(context));
  Variable& variable = context.graph().variables[index];
  const TensorInfo& value = context.input(1);
  if (size_of(value.dtype) == 0)
    return context.unsupported("the value is {}", context.name_of(context.input_id(1)));
  if (!variable.shape_known) {
    variable.dtype = value.dtype;
    variable.shape = value.shape;
    variable.shape_known = true;
  } else if (variable.dtype != value.dtype || variable.shape != value.shape) {
    return context.error("V8", "variable '{}' is {}{}, the value is {}{}", variable.name,
                         to_string(variable.dtype), to_string(variable.shape),
                         to_string(value.dtype), to_string(value.shape));
  }
  return {};
}

Result<void> infer_call_once(const NodeContext& context) {
  return context.expect_operands(0, 0, 0);
}

Result<std::unique_ptr<Step>> prepare_nothing(const NodeContext&) {
  return make_step({.kernel = "none"}, no_operation);
}

Result<std::unique_ptr<Step>> prepare_read(const NodeContext& context) {
  PINFER_TRY(const std::size_t index, variable_of(context));
  return make_step({.kernel = "copy"},
                   [index, out = context.output_id(0),
                    bytes = context.output(0).bytes()](const RunContext& run) noexcept {
                     if (bytes != 0)
                       std::memcpy(run.data<std::byte>(out), run.variables[index], bytes);
                     return Status::ok;
                   });
}

Result<std::unique_ptr<Step>> prepare_assign(const NodeContext& context) {
  PINFER_TRY(const std::size_t index, variable_of(context));
  return make_step({.kernel = "copy"},
                   [index, in = context.input_id(1),
                    bytes = context.input(1).bytes()](const RunContext& run) noexcept {
                     if (bytes != 0)
                       std::memcpy(run.variables[index], run.data<std::byte>(in), bytes);
                     return Status::ok;
                   });
}

}  // namespace

extern const Operator var_handle_operator;
const Operator var_handle_operator{
    .name = "VAR_HANDLE", .infer = infer_handle, .prepare = prepare_nothing, .stateful = true};
extern const Operator read_variable_operator;
const Operator read_variable_operator{
    .name = "READ_VARIABLE", .infer = infer_read, .prepare = prepare_read, .stateful = true};
extern const Operator assign_variable_operator;
const Operator assign_variable_operator{
    .name = "ASSIGN_VARIABLE", .infer = infer_assign, .prepare = prepare_assign, .stateful = true};
extern const Operator call_once_operator;
const Operator call_once_operator{
    .name = "CALL_ONCE", .infer = infer_call_once, .prepare = prepare_nothing, .stateful = true};

}  // namespace pinfer
