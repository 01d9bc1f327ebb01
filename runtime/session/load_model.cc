// SPDX-License-Identifier: Apache-2.0
// load_model: read, inline composites, resolve, optimise.
#include <utility>

#include "runtime/graph/passes/passes.h"
#include "runtime/model/tflite_reader.h"
#include "runtime/session/inline_composites.h"
#include "runtime/session/resolve.h"
#include "runtime/session/session.h"

namespace pinfer {
namespace {

// Without passes only small values (shape chains) are computed at load.
constexpr std::uint64_t kShapeValueBytes = 64u << 10;

// Resolves the subgraphs that CALL_ONCE names first: they say what the variables look like.
Result<void> resolve_init_graphs(Model& model, const ResolveOptions& options) {
  for (const Node& node : model.graph.nodes) {
    const auto* call = std::get_if<CallOnceParams>(&node.params);
    if (call == nullptr) continue;
    const auto index = static_cast<std::size_t>(call->subgraph) - 1;
    if (call->subgraph < 1 || index >= model.subgraphs.size())
      return fail(ErrorCode::invalid_model, "V2: operator {} CALL_ONCE: subgraph {} does not exist",
                  node.source_index, call->subgraph);
    Graph& init = model.subgraphs[index];
    init.variables = std::move(model.graph.variables);
    const Result<void> resolved = resolve(init, options);
    model.graph.variables = init.variables;
    PINFER_CHECK(resolved);
  }
  return {};
}

Result<std::shared_ptr<const Model>> finish(Model&& read, const LoadOptions& options) {
  auto model = std::make_shared<Model>(std::move(read));
  model->budgets = options.budgets;
  const ResolveOptions resolve_options{
      .budgets = options.budgets,
      .value_bytes = options.passes ? options.budgets.constant_bytes : kShapeValueBytes};
  PINFER_TRY(const std::int32_t inlined, inline_composites(*model, options.budgets));
  if (inlined != 0) model->passes.push_back({"inline_composites", inlined});
  PINFER_CHECK(resolve_init_graphs(*model, resolve_options));
  PINFER_CHECK(resolve(model->graph, resolve_options));
  if (options.passes)
    for (const Pass& pass : passes())
      model->passes.push_back({std::string(pass.name), pass.run(model->graph)});
  return model;
}

// Puts the path in front, once.
Result<std::shared_ptr<const Model>> named(const std::string& name,
                                           Result<std::shared_ptr<const Model>> result) {
  if (!result && result.error().message.rfind(name, 0) != 0)
    result.error().message = fmt::format("{}: {}", name, result.error().message);
  return result;
}

}  // namespace

Result<std::shared_ptr<const Model>> load_model(const std::string& path,
                                                const LoadOptions& options) {
  PINFER_TRY(Model model, read_tflite(path, options.budgets));
  return named(path, finish(std::move(model), options));
}

Result<std::shared_ptr<const Model>> load_model(std::span<const std::byte> bytes,
                                                const std::string& name,
                                                const LoadOptions& options) {
  PINFER_TRY(Model model, read_tflite(bytes, name, options.budgets));
  return named(name, finish(std::move(model), options));
}

}  // namespace pinfer
