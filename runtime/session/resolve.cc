// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/resolve.h"

#include <algorithm>
#include <set>

#include "runtime/ops/operator.h"

namespace pinfer {
namespace {

// The loader evaluates with plain kernels: a model's folded constants must not depend on the
// machine.
constexpr IsaBits kLoadIsa = isa::scalar;

Result<void> check_operators(const Graph& graph) {
  std::set<std::string> seen;
  std::string missing;
  for (const Node& node : graph.nodes) {
    if (find_operator(node.op) != nullptr || !seen.insert(node.op).second) continue;
    missing +=
        fmt::format("{}operator {} {}", missing.empty() ? "" : ", ", node.source_index, node.op);
    if (seen.size() >= 8) break;
  }
  if (missing.empty()) return {};
  return fail(ErrorCode::unsupported, "{}: not supported by this build", missing);
}

class Resolver final {
 public:
  static Result<void> run(Graph& graph, const ResolveOptions& options) {
    PINFER_CHECK(check_operators(graph));
    PINFER_TRY(const auto pool, ThreadPool::create(1));
    Resolver resolver(graph, options, *pool);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) PINFER_CHECK(resolver.resolve_node(i));
    return {};
  }

 private:
  Resolver(Graph& graph, const ResolveOptions& options, ThreadPool& pool)
      : graph_(graph), options_(options), pool_(pool), addresses_(graph.tensors.size(), nullptr) {
    for (std::size_t id = 0; id < addresses_.size(); ++id)
      addresses_[id] = const_cast<std::byte*>(graph.tensors[id].data.data());
  }

  Result<void> resolve_node(std::size_t index) {
    Node& node = graph_.nodes[index];
    const Operator& op = *find_operator(node.op);
    node.in_place = op.in_place;
    node.stateful = op.stateful;
    const NodeContext context(graph_, index, kLoadIsa);
    for (const TensorId id : node.inputs)
      if (id != kNoTensor && !graph_.tensor(id).shape_known)
        return context.unsupported("the shape of {} is not known at load", context.name_of(id));
    PINFER_CHECK(op.infer(context));
    for (const TensorId id : node.outputs)
      if (!graph_.tensor(id).shape_known)
        return context.unsupported("the shape of {} is not known at load", context.name_of(id));
    return can_evaluate(node, op) ? evaluate(node, op, context) : Result<void>{};
  }

  [[nodiscard]] bool can_evaluate(const Node& node, const Operator& op) const {
    if (op.stateful || node.outputs.empty()) return false;
    const bool inputs_known =
        op.value_from_shape ||
        std::all_of(node.inputs.begin(), node.inputs.end(), [&](TensorId id) {
          if (id == kNoTensor) return true;
          const TensorInfo& info = graph_.tensor(id);
          return !info.is_variable && info.data.size() == info.bytes() && info.bytes() != 0;
        });
    return inputs_known && std::all_of(node.outputs.begin(), node.outputs.end(), [&](TensorId id) {
             return !graph_.tensor(id).is_variable &&
                    graph_.tensor(id).bytes() <= options_.value_bytes;
           });
  }

  Result<void> evaluate(const Node& node, const Operator& op, const NodeContext& context) {
    PINFER_TRY(const std::unique_ptr<Step> step, op.prepare(context));
    if (step->info().macs > options_.budgets.macs - macs_ ||
        step->info().scratch_bytes > options_.budgets.arena_bytes)
      return {};  // too dear to compute at load; it runs with the others
    macs_ += step->info().macs;
    std::uint64_t bytes = 0;
    for (const TensorId id : node.outputs) bytes += graph_.tensor(id).bytes();
    if (bytes > options_.budgets.constant_bytes - bytes_) return {};
    bytes_ += bytes;
    PINFER_TRY(AlignedBuffer scratch, AlignedBuffer::create(step->info().scratch_bytes));
    std::vector<AlignedBuffer> results;
    for (const TensorId id : node.outputs) {
      PINFER_TRY(AlignedBuffer result, AlignedBuffer::create(graph_.tensor(id).bytes()));
      addresses_[static_cast<std::size_t>(id)] = result.data();
      results.push_back(std::move(result));
    }
    const RunContext run{addresses_.data(), nullptr, scratch.data(), &pool_};
    if (const Status status = step->run(run); status != Status::ok)
      return context.error("V7", "evaluating it at load failed: {}", to_string(status));
    for (std::size_t i = 0; i < results.size(); ++i) {
      TensorInfo& info = graph_.tensor(node.outputs[i]);
      info.data = graph_.blobs.emplace_back(std::move(results[i])).span();
    }
    return {};
  }

  Graph& graph_;
  const ResolveOptions& options_;
  ThreadPool& pool_;
  std::vector<std::byte*> addresses_;
  std::int64_t macs_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<void> resolve(Graph& graph, const ResolveOptions& options) {
  return Resolver::run(graph, options);
}

}  // namespace pinfer
