// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Four unit boxes: two nearly on each other at x = 0, one at x = 3, one at x = 6. Class scores
// [background, a, b].
const std::vector<float> kAnchors = {0, 0, 1, 1, 0, 0, 1, 1, 0, 3, 1, 1, 0, 6, 1, 1};
const std::vector<float> kOffsets = {0, 0, 0, 0, 0, 0.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
const std::vector<float> kScores = {0, .9f, .2f, 0, .8f, .85f, 0, .3f, .6f, 0, .6f, .1f};

DetectionPostProcessParams params(bool regular) {
  return {.max_detections = 3,
          .max_classes_per_detection = 1,
          .detections_per_class = 10,
          .num_classes = 2,
          .nms_score_threshold = 0.15f,
          .nms_iou_threshold = 0.5f,
          .scale = {10, 10, 5, 5},
          .use_regular_nms = regular};
}

OneNode detector(const DetectionPostProcessParams& wanted) {
  OneNode node("TFLite_Detection_PostProcess", wanted);
  node.input<float>({1, 4, 4}, kOffsets).input<float>({1, 4, 3}, kScores);
  node.known<float>({4, 4}, kAnchors);
  node.output<float>().output<float>().output<float>().output<float>();
  return node;
}

TEST(DetectionPostProcess, FastTakesTheBestClassOfEachBox) {
  OneNode node = detector(params(false));
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_EQ(node.shape(0), (Shape{1, 3, 4}));
  EXPECT_THAT(node.result<float>(0), ElementsAre(-.5f, -.5f, .5f, .5f,   //
                                                 -.5f, 2.5f, .5f, 3.5f,  //
                                                 -.5f, 5.5f, .5f, 6.5f));
  // Box 1 (0.85) lies under box 0; boxes 2 and 3 have equal scores and go by index.
  EXPECT_THAT(node.result<float>(1), ElementsAre(0, 1, 0));
  EXPECT_THAT(node.result<float>(2), ElementsAre(.9f, .6f, .6f));
  EXPECT_THAT(node.result<float>(3), ElementsAre(3));
}

TEST(DetectionPostProcess, RegularLooksAtEachClassByItself) {
  OneNode node = detector(params(true));
  ASSERT_EQ(node.run(), Status::ok);
  // Class a keeps boxes 0, 3, 2; class b boxes 1, 2. The best three of all: box 0 a, box 1 b, then
  // box 3 a, which comes before box 2 b with the same score because its class does.
  EXPECT_THAT(node.result<float>(1), ElementsAre(0, 1, 0));
  EXPECT_THAT(node.result<float>(2), ElementsAre(.9f, .85f, .6f));
  EXPECT_FLOAT_EQ(node.result<float>(0)[5], -.45f);
  EXPECT_FLOAT_EQ(node.result<float>(0)[9], 5.5f);
}

TEST(DetectionPostProcess, FastReportsSeveralClassesOfABox) {
  auto wanted = params(false);
  wanted.max_detections = 1;
  wanted.max_classes_per_detection = 3;
  OneNode node = detector(wanted);
  ASSERT_EQ(node.run(), Status::ok);
  // Two classes there are; the third entry is empty.
  EXPECT_THAT(node.result<float>(1), ElementsAre(0, 1, 0));
  EXPECT_THAT(node.result<float>(2), ElementsAre(.9f, .2f, 0));
  EXPECT_THAT(node.result<float>(3), ElementsAre(1));
}

TEST(DetectionPostProcess, LeavesZerosBehindTheLastDetection) {
  auto wanted = params(true);
  wanted.nms_score_threshold = 0.87f;
  OneNode node = detector(wanted);
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_THAT(node.result<float>(2), ElementsAre(.9f, 0, 0));
  EXPECT_THAT(node.result<float>(3), ElementsAre(1));
}

TEST(DetectionPostProcess, ReadsQuantizedInputs) {
  OneNode node("TFLite_Detection_PostProcess", params(false));
  // Height e^(5*0.2/5) = e^0.2 of box 0; scores q * 0.01.
  node.input<std::uint8_t>({1, 1, 4}, {128, 128, 133, 128}, OneNode::quant(0.2f, 128))
      .input<std::int8_t>({1, 1, 3}, {0, 90, 20}, OneNode::quant(0.01f, 0))
      .known<float>({1, 4}, {0, 0, 1, 1});
  node.output<float>().output<float>().output<float>().output<float>();
  ASSERT_EQ(node.run(), Status::ok);
  EXPECT_FLOAT_EQ(node.result<float>(0)[2], 0.5f * std::exp(0.2f));
  EXPECT_FLOAT_EQ(node.result<float>(0)[3], 0.5f);
  EXPECT_FLOAT_EQ(node.result<float>(2)[0], 0.9f);
}

TEST(DetectionPostProcess, SaysSoWhenABoxIsInsideOut) {
  OneNode node("TFLite_Detection_PostProcess", params(false));
  node.input<float>({1, 1, 4}, {0, 0, 0, 0}).input<float>({1, 1, 3}, {0, 1, 0});
  node.input<float>({1, 4}, {0, 0, -1, 1});
  node.output<float>().output<float>().output<float>().output<float>();
  EXPECT_EQ(node.run(), Status::bad_value);
}

TEST(DetectionPostProcess, RefusesParametersThatMakeNoSense) {
  const auto refusal = [](auto change) {
    auto wanted = params(false);
    change(wanted);
    return detector(wanted).refusal();
  };
  EXPECT_EQ(refusal([](auto&) {}), "");
  EXPECT_THAT(refusal([](auto& p) { p.max_detections = 0; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto& p) { p.max_classes_per_detection = -1; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto& p) { p.detections_per_class = 0; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto& p) { p.num_classes = 4; }), HasSubstr("V8"));
  EXPECT_THAT(refusal([](auto& p) { p.num_classes = 0x7fffffff; }), HasSubstr("V8"));
  EXPECT_THAT(refusal([](auto& p) { p.nms_iou_threshold = 0; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto& p) { p.nms_iou_threshold = NAN; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto& p) { p.scale[1] = 0; }), HasSubstr("V5"));
  EXPECT_THAT(refusal([](auto& p) {
                p.max_detections = 0x7fffffff;
                p.max_classes_per_detection = 0x7fffffff;
              }),
              HasSubstr("V4"));
}

}  // namespace
}  // namespace pinfer
