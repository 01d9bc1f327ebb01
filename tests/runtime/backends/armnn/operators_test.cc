// SPDX-License-Identifier: Apache-2.0
// One small model an operator: Arm NN is within one step of the CPU (floats: within 1e-4), or its
// refusal names the operator, its index and the reason.
#include "tests/runtime/backends/armnn/armnn_case.h"

namespace pinfer::test {
namespace {

void fill(Session& session, int run) {
  for (std::size_t i = 0; i < session.input_count(); ++i) {
    const Tensor input = session.input(i);
    const auto seed = i + static_cast<std::size_t>(run);
    if (input.info->dtype == DType::f32)
      for (std::size_t k = 0; k < input.as<float>().size(); ++k)
        input.as<float>()[k] = 0.25f * static_cast<float>((k * 7 + seed) % 9) - 0.5f;
    else
      for (std::size_t k = 0; k < input.bytes(); ++k)
        input.data[k] = static_cast<std::byte>(k * 29 + seed * 5);
  }
}

Distance compare(Session& judge, Session& device) {
  Distance sum;
  for (int run = 0; run < 2; ++run) {
    fill(judge, run);
    fill(device, run);
    if (judge.run() != Status::ok || device.run() != Status::ok) return {.comparable = false};
    for (std::size_t i = 0; i < judge.output_count(); ++i) {
      const Tensor want = judge.output(i);
      sum = sum + distance_of(want.info->dtype, want.data, device.output(i).data, want.bytes());
    }
  }
  return sum;
}

TEST(ArmnnOperators, EachIsWithinAStepOfTheCpuOrIsRefusedByName) {
  PINFER_NEEDS_ARMNN();
  int ran = 0;
  const auto check = [](const std::string& name, Session& judge, Session& device) {
    const Distance distance = compare(judge, device);
    if (distance.differ != 0)
      std::printf("%zu of %zu elements differ, by %d steps, %.1e of the largest  %s\n",
                  distance.differ, distance.elements, distance.steps, distance.relative,
                  name.c_str());
    EXPECT_TRUE(distance.comparable) << name;
    EXPECT_LE(distance.steps, 1) << name;
    EXPECT_LE(distance.relative, 1e-4) << name;
  };
  ASSERT_NO_FATAL_FAILURE(walk_operator_models("armnn", ran, check));
  EXPECT_GE(ran, 48);
}

}  // namespace
}  // namespace pinfer::test
