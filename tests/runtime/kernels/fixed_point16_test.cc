// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/fixed_point16.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pinfer::test {
namespace {

TEST(FixedPoint16, LogisticFollowsTheCurveOverTheWholeRange) {
  std::int16_t before = -1;
  for (int x = -32768; x <= 32767; ++x) {
    const std::int16_t y = logistic16(static_cast<std::int16_t>(x));
    const double want = 32768.0 / (1.0 + std::exp(-x / 4096.0));
    ASSERT_NEAR(y, want, 12) << x;
    ASSERT_GE(y, before - 12) << x;
    before = y;
  }
  EXPECT_EQ(logistic16(0), 16384);
}

TEST(FixedPoint16, TanhFollowsTheCurveForEveryFormat) {
  for (int bits = 0; bits <= 6; ++bits)
    for (int x = -32768; x <= 32767; ++x) {
      const std::int16_t y = tanh16(static_cast<std::int16_t>(x), bits);
      const double want = 32768.0 * std::tanh(std::ldexp(x, bits - 15));
      ASSERT_NEAR(y, want, 40) << bits << " bits, " << x;
    }
  EXPECT_EQ(tanh16(0, 3), 0);
}

TEST(FixedPoint16, ProductsSaturateAndRoundHalvesUp) {
  EXPECT_EQ(doubling_high_mul16(-32768, -32768), 32767);
  EXPECT_EQ(doubling_high_mul16(16384, 1), 1);   // 0.5
  EXPECT_EQ(doubling_high_mul16(16384, -1), 0);  // -0.5
  EXPECT_EQ(scale_by_power16(-9000, 2), -32768);
  EXPECT_EQ(scale_by_power16(-3, -1), -2);
}

}  // namespace
}  // namespace pinfer::test
