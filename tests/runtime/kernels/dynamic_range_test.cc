// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace pinfer::test {
namespace {

using testing::Each;
using testing::ElementsAre;

TEST(DynamicRange, SymmetricMapsTheLargestMagnitudeTo127) {
  const std::vector<float> values{-2.0f, 0.0f, 1.0f, 0.5f};
  std::vector<std::int8_t> out(4);
  const DynamicQuant quant = quantize_symmetric(values.data(), 4, out.data());
  EXPECT_FLOAT_EQ(quant.scale, 2.0f / 127.0f);
  EXPECT_EQ(quant.zero, 0);
  EXPECT_THAT(out, ElementsAre(-127, 0, 64, 32));  // 63.5 and 31.75
}

TEST(DynamicRange, AsymmetricFillsTheWholeRangeAndKeepsZeroExact) {
  const std::vector<float> values{0.0f, 2.55f, 1.0f};
  std::vector<std::int8_t> out(3);
  const DynamicQuant quant = quantize_asymmetric(values.data(), 3, out.data());
  EXPECT_FLOAT_EQ(quant.scale, 0.01f);
  EXPECT_EQ(quant.zero, -128);
  EXPECT_THAT(out, ElementsAre(-128, 127, -28));
}

TEST(DynamicRange, ZerosStayZeros) {
  const std::vector<float> values(5, 0.0f);
  std::vector<std::int8_t> out(5, 1);
  EXPECT_EQ(quantize_symmetric(values.data(), 5, out.data()).scale, 1.0f);
  EXPECT_THAT(out, Each(0));
  out.assign(5, 1);
  EXPECT_EQ(quantize_asymmetric(values.data(), 5, out.data()).zero, 0);
  EXPECT_THAT(out, Each(0));
}

TEST(DynamicRange, ValuesThatAreNotFiniteAreTolerated) {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {inf, -inf, nan, 1e38f, -1e38f, 1e-45f}) {
    const std::vector<float> values{bad, 1.0f, -1.0f, bad};
    std::vector<std::int8_t> out(4);
    const DynamicQuant symmetric = quantize_symmetric(values.data(), 4, out.data());
    EXPECT_EQ(symmetric.zero, 0);
    const DynamicQuant asymmetric = quantize_asymmetric(values.data(), 4, out.data());
    EXPECT_GE(asymmetric.zero, -128);
    EXPECT_LE(asymmetric.zero, 127);
  }
}

}  // namespace
}  // namespace pinfer::test
