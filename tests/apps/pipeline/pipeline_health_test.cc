// SPDX-License-Identifier: Apache-2.0
// Pictures that cannot be trusted decide nothing: the outputs go safe, with the cause.
#include <gtest/gtest.h>

#include "apps/pipeline/pipeline.h"
#include "tests/support/alloc_counter.h"
#include "tests/support/brightness_model.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint8_t kBright = 230, kDark = 20;

Config config_with_health() {
  Config config;
  config.model.path = "brightness.tflite";
  config.model.threads = 1;
  OutputConfig lamp;
  lamp.name = "lamp";
  static_cast<void>(lamp.spec.name.assign("lamp"));
  lamp.ttl = milliseconds(500);
  config.outputs.push_back(lamp);
  RuleConfig rule;
  rule.name = "light";
  rule.output = "lamp";
  rule.when.labels = {"bright"};
  config.rules.push_back(rule);
  config.health.black_below = 0.03f;
  config.health.overexposed_above = 0.97f;
  config.health.frozen_after = seconds(2);
  config.health.moved_above = 0.5f;
  return config;
}

class PipelineHealth : public testing::Test {
 protected:
  PipelineHealth() {
    auto model = load_model(model_bytes_, "brightness.tflite", {});
    auto pipeline = Pipeline::create(config_with_health(), *model,
                                     {.frame = {8, 8, PixelFormat::gray8}, .replay = true});
    EXPECT_TRUE(pipeline) << pipeline.error().message;
    pipeline_ = std::move(*pipeline);
    EXPECT_EQ(pipeline_->warm_up(), Status::ok);
    pipeline_->report_to(&events_);
  }

  // A picture of `level` with a mark, so that it has a view.
  Status show(std::uint8_t level, Duration still_for = {}) {
    pixels_.fill(level);
    const Frame frame{.data = pixels_.data(),
                      .width = 8,
                      .height = 8,
                      .stride = 8,
                      .format = PixelFormat::gray8,
                      .sequence = next_,
                      .captured_at = {milliseconds(40) * next_},
                      .still_for = still_for};
    ++next_;
    return pipeline_->process(frame);
  }
  std::vector<Event> take(EventKind kind) {
    std::vector<Event> found;
    for (Event event; events_.pop(event);)
      if (event.kind == kind) found.push_back(event);
    return found;
  }

  const std::vector<std::byte> model_bytes_ = test::brightness_model();
  std::unique_ptr<Pipeline> pipeline_;
  EventRing events_;
  std::array<std::uint8_t, 64> pixels_{};
  std::uint64_t next_ = 0;
};

TEST_F(PipelineHealth, NamesEachCauseOnceAndGoesOnAfterIt) {
  struct Case {
    std::uint8_t level;
    Duration still_for;
    Cause cause;
  };
  for (const Case& c : {Case{2, {}, Cause::black}, Case{254, {}, Cause::overexposed},
                        Case{kBright, seconds(3), Cause::frozen}}) {
    ASSERT_EQ(show(kBright), Status::ok);
    ASSERT_TRUE(pipeline_->wanted(0));
    take(EventKind::withheld);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(show(c.level, c.still_for), Status::cancelled);
      EXPECT_FALSE(pipeline_->wanted(0));
    }
    const auto withheld = take(EventKind::withheld);
    ASSERT_EQ(withheld.size(), 1u) << to_string(c.cause);
    EXPECT_EQ(withheld[0].cause, c.cause);
    EXPECT_TRUE(withheld[0].image.measured);
    EXPECT_NEAR(withheld[0].image.brightness, c.level / 255.0f, 1e-3f);
    EXPECT_EQ(show(kBright), Status::ok);
    EXPECT_TRUE(pipeline_->wanted(0));
    EXPECT_EQ(take(EventKind::resumed).size(), 1u);
  }
}

TEST_F(PipelineHealth, OneCauseFollowsAnother) {
  ASSERT_EQ(show(kBright), Status::ok);
  EXPECT_EQ(show(0), Status::cancelled);
  EXPECT_EQ(show(255), Status::cancelled);
  const auto withheld = take(EventKind::withheld);
  ASSERT_EQ(withheld.size(), 2u);
  EXPECT_EQ(withheld[0].cause, Cause::black);
  EXPECT_EQ(withheld[1].cause, Cause::overexposed);
}

TEST_F(PipelineHealth, EventsCarryTheValues) {
  ASSERT_EQ(show(kDark), Status::ok);
  ASSERT_EQ(show(kBright), Status::ok);
  const auto decisions = take(EventKind::decision);
  ASSERT_EQ(decisions.size(), 1u);
  EXPECT_NEAR(decisions[0].image.brightness, kBright / 255.0f, 1e-3f);
  EXPECT_NE(event_json(decisions[0]).find("\"image\":{\"brightness\":0.90"), std::string::npos)
      << event_json(decisions[0]);
  EXPECT_EQ(show(0), Status::cancelled);
  const auto withheld = take(EventKind::withheld);
  EXPECT_EQ(event_line(withheld.at(0)),
            "withheld: black, outputs are safe [frame 2, age 0.0 ms, brightness 0.000, sharpness "
            "0.000, change 0.00]");
}

TEST_F(PipelineHealth, AllocatesNothing) {
  ASSERT_EQ(show(kBright), Status::ok);
  const std::uint64_t before = thread_allocations();
  for (int i = 0; i < 300; ++i) {
    static_cast<void>(show(kBright));
    static_cast<void>(show(0));
    static_cast<void>(show(kBright, seconds(5)));
    static_cast<void>(show(kDark));
  }
  EXPECT_EQ(thread_allocations(), before);
}

TEST(PipelineReference, AMissingPictureIsToldByItsName) {
  Config config = config_with_health();
  config.health.reference = "/nonexistent/view.png";
  const auto bytes = test::brightness_model();
  auto model = load_model(bytes, "brightness.tflite", {});
  const auto pipeline =
      Pipeline::create(config, *model, {.frame = {8, 8, PixelFormat::gray8}, .replay = true});
  ASSERT_FALSE(pipeline);
  EXPECT_NE(pipeline.error().message.find("/nonexistent/view.png"), std::string::npos);
}

}  // namespace
}  // namespace pinfer
