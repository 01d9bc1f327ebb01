// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/memory_plan.h"

#include <gtest/gtest.h>

#include <random>

namespace pinfer {
namespace {

TensorInfo floats(std::int32_t count) {
  TensorInfo info;
  info.shape = Shape{count};
  return info;
}

Node node(std::vector<TensorId> inputs, std::vector<TensorId> outputs, bool in_place = false) {
  Node result;
  result.op = "TEST";
  result.inputs = std::move(inputs);
  result.outputs = std::move(outputs);
  result.in_place = in_place;
  return result;
}

// 0 -> 1 -> 2 -> ... -> n, all of the same size.
Graph chain(std::int32_t steps, bool in_place = false) {
  Graph graph;
  for (std::int32_t i = 0; i <= steps; ++i) graph.tensors.push_back(floats(16));
  for (std::int32_t i = 0; i < steps; ++i) graph.nodes.push_back(node({i}, {i + 1}, in_place));
  graph.inputs = {0};
  graph.outputs = {steps};
  return graph;
}

TEST(MemoryPlan, OverlaysTensorsThatAreNeverAliveTogether) {
  const auto plan = plan_memory(chain(10), 1 << 20);
  ASSERT_TRUE(plan);
  // The input stays, and two intermediates alternate.
  EXPECT_EQ(plan->arena_bytes, 3u * 64u);
}

TEST(MemoryPlan, WritesInPlaceButNeverOverAGraphInput) {
  const auto plan = plan_memory(chain(10, true), 1 << 20);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->arena_bytes, 2u * 64u);
  EXPECT_NE(plan->offsets[0], plan->offsets[1]);
  EXPECT_EQ(plan->offsets[1], plan->offsets[10]);
}

TEST(MemoryPlan, NeverWritesOverAnOutputThatTheLastNodeReads) {
  Graph graph = chain(3, true);
  graph.outputs = {2, 3};
  const auto plan = plan_memory(graph, 1 << 20);
  ASSERT_TRUE(plan);
  EXPECT_NE(plan->offsets[2], plan->offsets[3]);
}

TEST(MemoryPlan, DoesNotWriteOverAnOperandThatIsReadLater) {
  Graph graph = chain(3, true);
  graph.nodes[2].inputs.push_back(1);  // tensor 1 is still needed by the last node
  const auto plan = plan_memory(graph, 1 << 20);
  ASSERT_TRUE(plan);
  EXPECT_NE(plan->offsets[1], plan->offsets[2]);
}

// Their order within the range is not that of the nodes: nothing may lie over anything else.
TEST(MemoryPlan, KeepsTensorsApartWhoseNodesRunTogether) {
  const StepRange together[] = {{1, 4}, {6, 8}};
  for (const bool in_place : {false, true}) {
    const auto plan = plan_memory(chain(10, in_place), 1 << 20, together);
    ASSERT_TRUE(plan);
    for (const StepRange& range : together)
      for (std::int32_t a = range.first; a <= range.end; ++a)
        for (std::int32_t b = range.first; b < a; ++b)
          EXPECT_NE(plan->offsets[static_cast<std::size_t>(a)],
                    plan->offsets[static_cast<std::size_t>(b)])
              << a << " and " << b;
  }
}

TEST(MemoryPlan, SharesTheBytesOfAnAlias) {
  Graph graph = chain(3);
  graph.tensors.push_back(floats(16));
  graph.tensors[4].alias_of = 2;
  graph.nodes[2].inputs[0] = 4;
  const auto plan = plan_memory(graph, 1 << 20);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->offsets[4], plan->offsets[2]);
}

TEST(MemoryPlan, GivesConstantsNoPlace) {
  Graph graph = chain(1);
  graph.tensors.push_back(floats(4));
  graph.tensors[2].is_constant = true;
  graph.nodes[0].inputs.push_back(2);
  const auto plan = plan_memory(graph, 1 << 20);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->offsets[2], MemoryPlan::kNone);
}

TEST(MemoryPlan, KeepsStateAliveThroughTheRun) {
  Graph graph = chain(4);
  graph.tensors.push_back(floats(16));
  graph.tensors[5].is_variable = true;
  graph.nodes[1].inputs.push_back(5);
  const auto plan = plan_memory(graph, 1 << 20);
  ASSERT_TRUE(plan);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NE(plan->offsets[i], plan->offsets[5]) << i;
}

TEST(MemoryPlan, RefusesAnArenaBeyondTheBudget) {
  const auto plan = plan_memory(chain(10), 100);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::over_budget);
  EXPECT_NE(plan.error().message.find("V12"), std::string::npos);
}

// Two tensors that are alive at the same step must not share a byte.
void expect_no_overlap(const MemoryPlan& plan) {
  for (std::size_t a = 0; a < plan.placements.size(); ++a)
    for (std::size_t b = a + 1; b < plan.placements.size(); ++b) {
      const Placement &x = plan.placements[a], &y = plan.placements[b];
      const bool together = x.first_step <= y.last_step && y.first_step <= x.last_step;
      const bool overlap = x.offset < y.offset + y.bytes && y.offset < x.offset + x.bytes;
      EXPECT_FALSE(together && overlap) << x.tensor << " and " << y.tensor;
    }
}

TEST(MemoryPlan, NeverOverlapsLiveTensorsOfRandomGraphs) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Graph graph;
    graph.tensors.push_back(floats(8));
    graph.inputs = {0};
    const int steps = 2 + static_cast<int>(random() % 30);
    for (int i = 0; i < steps; ++i) {
      const auto pick = [&] { return static_cast<TensorId>(random() % graph.tensors.size()); };
      const std::vector<TensorId> inputs{pick(), pick()};
      graph.tensors.push_back(floats(static_cast<std::int32_t>(1 + random() % 200)));
      graph.nodes.push_back(
          node(inputs, {static_cast<TensorId>(graph.tensors.size() - 1)}, random() % 2 == 0));
    }
    graph.outputs = {static_cast<TensorId>(graph.tensors.size() - 1)};
    const auto plan = plan_memory(graph, 1 << 30);
    ASSERT_TRUE(plan);
    expect_no_overlap(*plan);
  }
}

}  // namespace
}  // namespace pinfer
