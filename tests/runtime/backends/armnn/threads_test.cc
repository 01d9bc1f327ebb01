// SPDX-License-Identifier: Apache-2.0
// Sessions on Arm NN made, run and ended by several threads at a time.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "tests/runtime/backends/armnn/armnn_case.h"

namespace pinfer::test {
namespace {

TEST(ArmnnThreads, MakeRunAndEndSessionsOfTheirOwn) {
  PINFER_NEEDS_ARMNN();
  static const std::vector<std::byte> bytes = digits_model().finish();
  const auto model = load_model(bytes, "digits", {});
  ASSERT_TRUE(model);
  std::atomic<int> good{0};
  const auto work = [&](int seed) {
    for (int round = 0; round < 5; ++round) {
      auto judge = Session::create(*model, {}),
           session = Session::create(*model, {.backend = "armnn"});
      if (!judge || !session) return;
      for (std::size_t k = 0; k < judge->input(0).bytes(); ++k)
        judge->input(0).data[k] = static_cast<std::byte>(k * 31 + static_cast<std::size_t>(seed));
      std::memcpy(session->input(0).data, judge->input(0).data, judge->input(0).bytes());
      if (judge->run() != Status::ok || session->run() != Status::ok) return;
      const Tensor want = judge->output(0);
      const Distance distance =
          distance_of(want.info->dtype, want.data, session->output(0).data, want.bytes());
      if (distance.comparable && distance.steps <= 1) ++good;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 20);
}

}  // namespace
}  // namespace pinfer::test
