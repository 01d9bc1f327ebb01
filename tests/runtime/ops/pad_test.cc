// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <limits>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using I32 = std::int32_t;

TEST(Pad, PutsZerosAround) {
  OneNode node("PAD");
  node.input<float>({1, 2}, {1, 2}).known<I32>({2, 2}, {1, 0, 1, 2}).output<float>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(), (Shape{2, 5}));
  EXPECT_THAT(node.result<float>(), ElementsAre(0, 0, 0, 0, 0, 0, 1, 2, 0, 0));
}

TEST(Pad, UsesTheZeroPointOfQuantizedTensors) {
  OneNode node("PAD");
  node.input<std::int8_t>({2}, {1, 2}, OneNode::quant(0.1f, -7))
      .known<I32>({1, 2}, {1, 1})
      .output<std::int8_t>(OneNode::quant(0.1f, -7));
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<std::int8_t>(), ElementsAre(-7, 1, 2, -7));
}

TEST(Pad, DoesNothingForZeroPaddings) {
  OneNode node("PAD");
  node.input<I32>({2}, {1, 2}).known<std::int64_t>({1, 2}, {0, 0}).output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(1, 2));
}

TEST(Padv2, UsesTheGivenValueEvenOneOfRunTime) {
  OneNode node("PADV2");
  node.input<I32>({2, 1}, {1, 2}).known<I32>({2, 2}, {0, 0, 1, 1}).input<I32>({}, {-123456});
  node.output<I32>();
  EXPECT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<I32>(), ElementsAre(-123456, 1, -123456, -123456, 2, -123456));
}

TEST(Pad, RefusesNegativeAndHugePaddings) {
  for (const auto& amounts : std::vector<std::vector<I32>>{
           {-1, 0}, {0, std::numeric_limits<I32>::max()}, {1000000, 2147000000}}) {
    OneNode node("PAD");
    node.input<I32>({2}, {1, 2}).known<I32>({1, 2}, amounts).output<I32>();
    EXPECT_NE(node.refusal(), "");
  }
  OneNode shape("PAD");
  shape.input<I32>({2}, {1, 2}).known<I32>({2, 1}, {1, 1}).output<I32>();
  EXPECT_THAT(shape.refusal(), HasSubstr("V8"));
  OneNode value("PADV2");
  value.input<I32>({2}, {1, 2}).known<I32>({1, 2}, {1, 1}).input<float>({}, {0}).output<I32>();
  EXPECT_THAT(value.refusal(), HasSubstr("V8"));
}

TEST(MirrorPad, ReflectsWithoutTheEdgeAndSymmetricallyWithIt) {
  OneNode reflect("MIRROR_PAD", MirrorPadParams{.symmetric = false});
  reflect.input<I32>({2, 3}, {1, 2, 3, 4, 5, 6}).known<I32>({2, 2}, {1, 0, 2, 1}).output<I32>();
  EXPECT_EQ(reflect.run(), Status::ok);
  EXPECT_EQ(reflect.shape(), (Shape{3, 6}));
  EXPECT_THAT(reflect.result<I32>(),
              ElementsAre(6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5));
  OneNode symmetric("MIRROR_PAD", MirrorPadParams{.symmetric = true});
  symmetric.input<I32>({3}, {1, 2, 3}).known<I32>({1, 2}, {3, 2}).output<I32>();
  EXPECT_EQ(symmetric.run(), Status::ok);
  EXPECT_THAT(symmetric.result<I32>(), ElementsAre(3, 2, 1, 1, 2, 3, 3, 2));
}

TEST(MirrorPad, RefusesMoreThanThereIs) {
  OneNode reflect("MIRROR_PAD", MirrorPadParams{.symmetric = false});
  reflect.input<I32>({3}, {1, 2, 3}).known<I32>({1, 2}, {3, 0}).output<I32>();
  EXPECT_THAT(reflect.refusal(), HasSubstr("V7"));
  OneNode symmetric("MIRROR_PAD", MirrorPadParams{.symmetric = true});
  symmetric.input<I32>({3}, {1, 2, 3}).known<I32>({1, 2}, {0, 4}).output<I32>();
  EXPECT_THAT(symmetric.refusal(), HasSubstr("V7"));
}

}  // namespace
}  // namespace pinfer
