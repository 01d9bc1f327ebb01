// SPDX-License-Identifier: Apache-2.0
// Every node of a net alone, fed with what the reference computed up to there: Arm NN's result is
// within one step. Over a whole net such steps add up, and a SOFTMAX at its end may magnify them.
//
// PINFER_GOLDEN=<part of a name>,... chooses the nets.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <map>

#include "runtime/graph/memory_plan.h"
#include "tests/runtime/backends/armnn/armnn_case.h"
#include "tests/runtime/session/golden.h"
#include "tests/support/zoo.h"

namespace pinfer::test {
namespace {

using Values = std::map<TensorId, std::vector<std::byte>>;

std::vector<std::byte> bytes_of(const Tensor& tensor) {
  return {tensor.data, tensor.data + tensor.bytes()};
}

// What the judge makes of the golden's inputs, by the tensors that nodes make.
Values judged(const std::shared_ptr<const Model>& model, const Golden& golden) {
  Values values;
  auto judge = Session::create(model, {.isa = isa::scalar, .uint8 = Uint8::plain});
  if (!judge || judge->input_count() != golden.inputs.size()) return values;
  const Graph& graph = model->graph;
  for (std::size_t i = 0; i < golden.inputs.size(); ++i) {
    std::memcpy(judge->input(i).data, golden.inputs[i].data.data(), judge->input(i).bytes());
    values[graph.inputs[i]] = bytes_of(judge->input(i));
  }
  const Status status = judge->run_observed([&](std::size_t step, std::span<const Tensor> outputs) {
    for (std::size_t k = 0; k < outputs.size(); ++k)
      values[graph.nodes[step].outputs[k]] = bytes_of(outputs[k]);
  });
  if (status != Status::ok) values.clear();
  return values;
}

Graph alone(const Graph& whole, const Node& node) {
  Graph graph;
  graph.tensors = whole.tensors;
  graph.nodes = {node};
  for (const TensorId id : node.inputs) {
    if (id == kNoTensor || !whole.tensor(id).data.empty()) continue;
    const TensorId root = root_of(whole, id);
    if (std::find(graph.inputs.begin(), graph.inputs.end(), root) == graph.inputs.end())
      graph.inputs.push_back(root);
  }
  graph.outputs = node.outputs;
  return graph;
}

Result<Distance> distance_of_node(const Graph& whole, const Node& node, const Values& values) {
  const Graph graph = alone(whole, node);
  PINFER_TRY(const Backend* backend, find_backend("armnn"));
  PINFER_TRY(const auto plan, backend->compile(graph, {}));
  for (const TensorId id : graph.inputs) {
    const auto& value = values.at(id);
    std::memcpy(plan->tensor(id).data, value.data(), value.size());
  }
  Distance sum;
  if (plan->run() != Status::ok) return Distance{.comparable = false};
  for (const TensorId id : graph.outputs) {
    const auto& want = values.at(id);
    sum =
        sum + distance_of(whole.tensor(id).dtype, want.data(), plan->tensor(id).data, want.size());
  }
  return sum;
}

// The largest distance of any node, or nothing where the net cannot run whole.
void walk(const Golden& golden) {
  const auto model = load_model(golden.model.string(), {});
  ASSERT_TRUE(model) << model.error().message;
  if (!Session::create(*model, {.backend = "armnn"})) return;
  const Values values = judged(*model, golden);
  ASSERT_FALSE(values.empty()) << golden.name;
  Distance sum;
  for (const Node& node : (*model)->graph.nodes) {
    const auto distance = distance_of_node((*model)->graph, node, values);
    ASSERT_TRUE(distance) << golden.name << ": " << distance.error().message;
    EXPECT_TRUE(distance->comparable) << golden.name << ": " << node.op;
    EXPECT_LE(distance->steps, 1) << golden.name << ": operator " << node.source_index << " "
                                  << node.op;
    EXPECT_LE(distance->relative, 1e-4)
        << golden.name << ": operator " << node.source_index << " " << node.op;
    sum = sum + *distance;
  }
  std::printf("%7zu of %8zu elements of all nodes differ, by %d steps, %.1e of the largest  %s\n",
              sum.differ, sum.elements, sum.steps, sum.relative, golden.name.c_str());
}

TEST(ArmnnNodes, EachIsWithinAStepOfTheReference) {
  PINFER_NEEDS_ARMNN();
  const auto folders = golden_folders();
  if (folders.empty()) GTEST_SKIP() << "no goldens at " << zoo_folder() << " (set PINFER_ZOO)";
  for (const auto& folder : folders) walk(read_golden(folder));
}

}  // namespace
}  // namespace pinfer::test
