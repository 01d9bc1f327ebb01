// SPDX-License-Identifier: Apache-2.0
// Walks the goldens of the model zoo on Arm NN: float nets are within 1e-4 of the largest value,
// and a refusal names the operators that are in the way. Prints for each net how many elements
// differ and by how much. Of 8-bit nets each operator is within a step (nodes_test.cc); over a net
// steps add up, and random inputs leave a SOFTMAX at its end undecided, which magnifies them.
//
// PINFER_GOLDEN=<part of a name>,... runs some.
#include <gmock/gmock.h>

#include <cstdio>
#include <cstring>

#include "tests/runtime/backends/armnn/armnn_case.h"
#include "tests/runtime/session/golden.h"
#include "tests/support/zoo.h"

namespace pinfer::test {
namespace {

// Of the 166 goldens known to the project so many run on Arm NN's CpuRef; the others are refused by
// name.
constexpr std::size_t kMustRun = 52;

// Measured on CpuRef 20.08: 38 steps of 255 (PoseNet, SSD), 0.23 of the largest value (DS-CNN,
// which turns its 8-bit result into floats). More means that something is connected wrongly.
constexpr int kMostSteps = 40;
constexpr double kMostOfBytes = 0.3, kMostOfFloats = 1e-4;

bool computes_in_bytes(const Graph& graph) {
  return std::any_of(graph.tensors.begin(), graph.tensors.end(), [](const TensorInfo& info) {
    return info.dtype == DType::i8 || info.dtype == DType::u8;
  });
}

Result<Session> open(const Golden& golden) {
  PINFER_TRY(auto model, load_model(golden.model.string(), {}));
  return Session::create(std::move(model), {.backend = "armnn"});
}

Distance run(Session& session, const Golden& golden) {
  Distance sum;
  if (session.input_count() != golden.inputs.size() ||
      session.output_count() != golden.outputs.size())
    return {.comparable = false};
  for (std::size_t i = 0; i < golden.inputs.size(); ++i) {
    if (session.input(i).bytes() != golden.inputs[i].data.size()) return {.comparable = false};
    std::memcpy(session.input(i).data, golden.inputs[i].data.data(), session.input(i).bytes());
  }
  if (session.run() != Status::ok) return {.comparable = false};
  for (std::size_t i = 0; i < golden.outputs.size(); ++i) {
    const Tensor got = session.output(i);
    const NpyArray& want = golden.outputs[i];
    if (got.info->dtype != want.dtype || got.bytes() != want.data.size())
      return {.comparable = false};
    sum = sum + distance_of(want.dtype, want.data.data(), got.data, got.bytes());
  }
  return sum;
}

TEST(ArmnnGolden, EveryNetIsNearTheReferenceOrRefusedByName) {
  PINFER_NEEDS_ARMNN();
  const auto folders = golden_folders();
  if (folders.empty()) GTEST_SKIP() << "no goldens at " << zoo_folder() << " (set PINFER_ZOO)";
  std::size_t ran = 0, refused = 0;
  for (const auto& folder : folders) {
    const Golden golden = read_golden(folder);
    auto session = open(golden);
    if (!session) {
      ++refused;
      EXPECT_THAT(session.error().message,
                  ::testing::ContainsRegex("operator [0-9]+ [A-Z]|it has no operators"))
          << golden.name;
      std::printf("refused  %s %s\n", golden.name.c_str(), session.error().message.c_str());
      continue;
    }
    ++ran;
    const Distance distance = run(*session, golden);
    std::printf("%6zu of %7zu elements differ, by %d steps, %.1e of the largest  %s\n",
                distance.differ, distance.elements, distance.steps, distance.relative,
                golden.name.c_str());
    EXPECT_TRUE(distance.comparable) << golden.name;
    EXPECT_LE(distance.steps, kMostSteps) << golden.name;
    EXPECT_LE(distance.relative,
              computes_in_bytes(session->model().graph) ? kMostOfBytes : kMostOfFloats)
        << golden.name;
  }
  std::printf("goldens on armnn: %zu, ran %zu, refused %zu\n", folders.size(), ran, refused);
  if (std::getenv("PINFER_GOLDEN") == nullptr) {
    EXPECT_GE(ran, kMustRun);
  }
}

}  // namespace
}  // namespace pinfer::test
