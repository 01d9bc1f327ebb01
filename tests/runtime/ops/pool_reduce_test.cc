// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using I8 = std::int8_t;
using U8 = std::uint8_t;
using I16 = std::int16_t;
using I32 = std::int32_t;
using I64 = std::int64_t;

PoolParams window(I32 filter, I32 stride, Padding padding = Padding::valid) {
  return {.padding = padding,
          .stride_h = stride,
          .stride_w = stride,
          .filter_h = filter,
          .filter_w = filter};
}

TEST(AveragePool, RoundsHalvesAwayFromZero) {
  OneNode node("AVERAGE_POOL_2D", window(2, 2));
  node.input<I8>({1, 2, 4, 1}, {1, 2, -1, -2, 1, 2, -1, -2}, OneNode::quant(1, 0));
  node.output<I8>(OneNode::quant(1, 0));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{1, 1, 2, 1}));
  EXPECT_THAT(node.result<I8>(), ElementsAre(2, -2));
}

TEST(AveragePool, CountsOnlyWhatIsInsideThePicture) {
  OneNode node("AVERAGE_POOL_2D", window(3, 2, Padding::same));
  node.input<float>({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(3, 4, 6, 7));
}

TEST(MaxPool, TakesTheLargestPerChannel) {
  OneNode node("MAX_POOL_2D", window(2, 1));
  node.input<U8>({1, 2, 3, 2}, {1, 9, 2, 8, 3, 7, 4, 6, 5, 5, 6, 4}, OneNode::quant(1, 0));
  node.output<U8>(OneNode::quant(1, 0));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<U8>(), ElementsAre(5, 9, 6, 8));
}

TEST(L2Pool, IsTheRootMeanSquare) {
  OneNode node("L2_POOL_2D", window(2, 2));
  node.input<float>({1, 2, 2, 1}, {1, -1, 7, 7}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(), ElementsAre(FloatNear(5, 1e-6f)));
}

TEST(Pool, AgreesWithPlainLoopsOnRandomGeometry) {
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    const auto h = static_cast<I32>(1 + random() % 7), w = static_cast<I32>(1 + random() % 7);
    PoolParams params = window(static_cast<I32>(1 + random() % 4),
                               static_cast<I32>(1 + random() % 3), Padding::same);
    std::vector<I16> x(static_cast<std::size_t>(2 * h * w * 3));
    for (auto& v : x) v = static_cast<I16>(random());
    OneNode node("MAX_POOL_2D", params, 2);
    node.input<I16>({2, h, w, 3}, x).output<I16>();
    ASSERT_EQ(node.run(), Status::ok);
    const Shape& out = node.shape();
    const auto result = node.result<I16>();
    const auto pad = [&](I32 in, I32 o) {
      return std::max(0, (o - 1) * params.stride_h + params.filter_h - in) / 2;
    };
    std::size_t i = 0;
    for (I32 n = 0; n < 2; ++n)
      for (I32 oy = 0; oy < out[1]; ++oy)
        for (I32 ox = 0; ox < out[2]; ++ox)
          for (I32 c = 0; c < 3; ++c, ++i) {
            I16 best = std::numeric_limits<I16>::min();
            for (I32 fy = 0; fy < params.filter_h; ++fy)
              for (I32 fx = 0; fx < params.filter_w; ++fx) {
                const I32 y = oy * params.stride_h + fy - pad(h, out[1]);
                const I32 xx = ox * params.stride_w + fx - pad(w, out[2]);
                if (y < 0 || y >= h || xx < 0 || xx >= w) continue;
                best = std::max(best, x[static_cast<std::size_t>(((n * h + y) * w + xx) * 3 + c)]);
              }
            ASSERT_EQ(result[i], best) << "round " << round << " at " << i;
          }
  }
}

TEST(Pool, RefusesHostileParameters) {
  const auto refusal = [](const PoolParams& params, Shape shape) {
    OneNode node("AVERAGE_POOL_2D", params);
    node.input<float>(shape, std::vector<float>(static_cast<std::size_t>(elements(shape))));
    node.output<float>();
    return node.refusal();
  };
  EXPECT_THAT(refusal(window(0, 1), {1, 2, 2, 1}), HasSubstr("V5"));
  EXPECT_THAT(refusal(window(-3, 1), {1, 2, 2, 1}), HasSubstr("V5"));
  EXPECT_THAT(refusal(window(2, 0), {1, 2, 2, 1}), HasSubstr("V5"));
  EXPECT_THAT(refusal(window(3, 1), {1, 2, 2, 1}), HasSubstr("V5"));
  EXPECT_THAT(refusal(window(1, 1), {2, 2, 1}), HasSubstr("V4"));
  EXPECT_THAT(refusal(window(1, 1), {1, 0, 2, 1}), HasSubstr("V5"));
  EXPECT_EQ(refusal(window(std::numeric_limits<I32>::max(), std::numeric_limits<I32>::max(),
                           Padding::same),
                    {1, 2, 2, 1}),
            "");
}

TEST(Pool, RefusesDaysOfWork) {
  OneNode node("MAX_POOL_2D", window(20000, 1, Padding::same));
  node.input<I8>({1, 20000, 20000, 1}, {}).output<I8>();
  EXPECT_THAT(node.refusal(), HasSubstr("V12"));
}

template <class T>
std::vector<T> reduced(const std::string& op, Shape shape, std::vector<T> values,
                       std::vector<I32> axes, Shape expected, bool keep = false, Quant in = {},
                       Quant out = {}) {
  OneNode node(op, ReduceParams{keep}, 2);
  node.input<T>(shape, std::move(values), in)
      .template known<I32>({static_cast<I32>(axes.size())}, axes)
      .template output<T>(out);
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), expected);
  return node.result<T>();
}

TEST(Mean, FoldsAnyDimensions) {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  EXPECT_THAT(reduced<float>("MEAN", {2, 3, 2}, x, {1}, {2, 2}), ElementsAre(3, 4, 9, 10));
  EXPECT_THAT(reduced<float>("MEAN", {2, 3, 2}, x, {0, -1}, {1, 3, 1}, true),
              ElementsAre(4.5f, 6.5f, 8.5f));
  EXPECT_THAT(reduced<float>("MEAN", {2, 3, 2}, x, {2, 2, -1}, {2, 3}),
              ElementsAre(1.5f, 3.5f, 5.5f, 7.5f, 9.5f, 11.5f));
  EXPECT_THAT(reduced<float>("MEAN", {2, 3, 2}, x, {0, 1, 2}, {}), ElementsAre(6.5f));
  EXPECT_THAT(reduced<I32>("MEAN", {4}, {1, 2, 3, 5}, {0}, {}), ElementsAre(2));
}

// (105 / 4 - 2) * 2 - 3 = 45.5 and (-105 / 4 - 2) * 2 - 3 = -59.5: halves go up.
TEST(Mean, RescalesQuantizedSums) {
  EXPECT_THAT(reduced<I8>("MEAN", {1, 2, 2, 2}, {10, -10, 20, -20, 30, -30, 45, -45}, {1, 2},
                          {1, 2}, false, OneNode::quant(0.5f, 2), OneNode::quant(0.25f, -3)),
              ElementsAre(46, -59));
  EXPECT_THAT(reduced<U8>("MEAN", {3}, {10, 20, 31}, {0}, {}, false, OneNode::quant(1, 10),
                          OneNode::quant(1, 10)),
              ElementsAre(20));
  EXPECT_THAT(reduced<I16>("MEAN", {3}, {-1000, 4, -1001}, {0}, {}, false, OneNode::quant(1, 0),
                           OneNode::quant(1, 0)),
              ElementsAre(-666));
}

TEST(Sum, AddsAndWraps) {
  EXPECT_THAT(reduced<float>("SUM", {2, 2}, {1, 2, 3, 4}, {0}, {2}), ElementsAre(4, 6));
  EXPECT_THAT(reduced<I32>("SUM", {2}, {std::numeric_limits<I32>::max(), 1}, {0}, {}),
              ElementsAre(std::numeric_limits<I32>::min()));
  EXPECT_THAT(reduced<I8>("SUM", {3}, {10, 20, 30}, {0}, {}, false, OneNode::quant(0.5f, 0),
                          OneNode::quant(1, -5)),
              ElementsAre(25));
}

TEST(Reduce, HasAllTheFolds) {
  EXPECT_THAT(reduced<I8>("REDUCE_MAX", {2, 2}, {-5, 2, -3, 1}, {1}, {2}), ElementsAre(2, 1));
  EXPECT_THAT(reduced<float>("REDUCE_MIN", {2, 2}, {-5, 2, -3, 1}, {0}, {2}), ElementsAre(-5, 1));
  EXPECT_THAT(reduced<I64>("REDUCE_PROD", {3}, {2, -3, 7}, {0}, {}), ElementsAre(-42));
  EXPECT_THAT(reduced<I8>("REDUCE_PROD", {3}, {4, 6, 8}, {0}, {}, false, OneNode::quant(0.5f, 0),
                          OneNode::quant(1, 0)),
              ElementsAre(24));
  for (const auto& [op, both] : {std::pair{"REDUCE_ANY", 0}, {"REDUCE_ALL", 1}}) {
    OneNode node(op);
    node.input<U8>({2, 2}, {0, 1, static_cast<U8>(both), 1}).known<I32>({1}, {1});
    node.output(DType::boolean);
    node.graph().tensors[0].dtype = DType::boolean;
    ASSERT_EQ(node.run(), Status::ok);
    EXPECT_THAT(node.result<U8>(), both == 1 ? ElementsAre(0, 1) : ElementsAre(1, 1));
  }
}

TEST(Reduce, HasAValueForNothing) {
  EXPECT_THAT(reduced<float>("SUM", {0, 2}, {}, {0}, {2}), ElementsAre(0, 0));
  EXPECT_THAT(reduced<I32>("REDUCE_PROD", {0}, {}, {0}, {}), ElementsAre(1));
  EXPECT_THAT(reduced<I8>("REDUCE_MAX", {0}, {}, {0}, {}), ElementsAre(-128));
  EXPECT_THAT(
      reduced<I8>("MEAN", {0}, {}, {0}, {}, false, OneNode::quant(1, 0), OneNode::quant(1, 0)),
      ElementsAre(0));
  EXPECT_TRUE(std::isnan(reduced<float>("MEAN", {0}, {}, {0}, {})[0]));
}

TEST(Reduce, RefusesHostileAxes) {
  for (const I32 axis : {2, -3, 100000, std::numeric_limits<I32>::min()}) {
    OneNode node("MEAN");
    node.input<float>({2, 2}, {1, 2, 3, 4}).known<I32>({1}, {axis}).output<float>();
    EXPECT_THAT(node.refusal(), HasSubstr("V6"));
  }
  OneNode unknown("SUM");
  unknown.input<float>({2, 2}, {1, 2, 3, 4}).input<I32>({1}, {0}).output<float>();
  EXPECT_THAT(unknown.refusal(), HasSubstr("must be known at load"));
  OneNode scales("REDUCE_MAX");
  scales.input<I8>({1}, {1}, OneNode::quant(1, 0)).known<I32>({1}, {0});
  scales.output<I8>(OneNode::quant(2, 0));
  EXPECT_THAT(scales.refusal(), HasSubstr("V10"));
}

}  // namespace
}  // namespace pinfer
