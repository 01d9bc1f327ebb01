// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "apps/pipeline/pipeline_slot.h"
#include "tests/support/alloc_counter.h"
#include "tests/support/brightness_model.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr milliseconds kPeriod{40};
constexpr FrameGeometry kGeometry{4, 4, PixelFormat::gray8};
constexpr std::uint8_t kBright = 230, kDark = 20;

std::shared_ptr<const Model> brightness(bool fragile = false) {
  static const auto plain = test::brightness_model();
  static const auto weak = test::fragile_brightness_model();
  auto model = load_model(fragile ? weak : plain, "brightness.tflite", {});
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

// One output `lamp`, on while the picture is bright.
Config lamp_config() {
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
  rule.when.threshold_high = 0.7f;
  rule.when.threshold_low = 0.5f;
  config.rules.push_back(rule);
  return config;
}

class Chain {
 public:
  explicit Chain(const Config& config, bool replay = true, bool fragile = false)
      : config_(config), replay_(replay), fragile_(fragile) {
    slot_.post(build(config));
  }
  std::unique_ptr<Pipeline> build(const Config& config) {
    auto pipeline =
        Pipeline::create(config, brightness(fragile_), {.frame = kGeometry, .replay = replay_});
    EXPECT_TRUE(pipeline) << pipeline.error().message;
    EXPECT_EQ((*pipeline)->warm_up(), Status::ok);
    (*pipeline)->report_to(&events_);
    return std::move(*pipeline);
  }
  // A reload, as the control thread does it.
  void reload(const Config& config) {
    slot_.post(build(config));
    slot_.at_frame_boundary();
    slot_.collect();
  }
  Status try_show(std::uint8_t level, MonotonicTime at) {
    std::array<std::uint8_t, 16> pixels;
    pixels.fill(level);
    const Frame frame{.data = pixels.data(),
                      .width = 4,
                      .height = 4,
                      .stride = 4,
                      .format = PixelFormat::gray8,
                      .sequence = next_,
                      .captured_at = at};
    ++next_;
    return pipeline().process(frame);
  }
  Status try_show(std::uint8_t level) { return try_show(level, MonotonicTime{kPeriod * next_}); }
  void show(std::uint8_t level) { EXPECT_EQ(try_show(level), Status::ok); }
  Pipeline& pipeline() { return *slot_.at_frame_boundary(); }

  // "120 on", "200 off": decisions since the last call, in ms.
  std::vector<std::string> decisions() {
    std::vector<std::string> found;
    for (const Event& event : take(EventKind::decision))
      found.push_back(
          fmt::format("{:g} {}", to_ms(event.at.since_boot), event.active ? "on" : "off"));
    return found;
  }
  std::vector<Event> take(EventKind kind) {
    std::vector<Event> found;
    Event event;
    while (events_.pop(event))
      if (event.kind == kind) found.push_back(event);
    return found;
  }

 private:
  Config config_;
  bool replay_, fragile_;
  EventRing events_;
  PipelineSlot slot_;
  std::uint64_t next_ = 0;
};

TEST(Pipeline, SwitchesOnWhatItSeesAndSaysWhy) {
  Chain chain(lamp_config());
  chain.show(kDark);
  chain.show(kBright);
  chain.show(kBright);
  chain.show(kDark);
  const auto events = chain.take(EventKind::decision);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(events[0].active);
  EXPECT_EQ(events[0].sequence, 1u);
  EXPECT_EQ(events[0].output.view(), "lamp");
  EXPECT_EQ(events[0].rule.view(), "light");
  EXPECT_EQ(events[0].reason.view(), "bright 0.90 >= 0.70");
  ASSERT_EQ(events[0].scores.size(), 2u);
  EXPECT_EQ(events[0].scores[0].label.view(), "bright");
  EXPECT_FLOAT_EQ(events[0].scores[0].score, 230.0f / 255.0f);
  EXPECT_FALSE(events[1].active);
  EXPECT_EQ(events[1].sequence, 3u);
}

TEST(Pipeline, TellsEachChangeOfTheBestPrediction) {
  Chain chain(lamp_config());
  for (const std::uint8_t level : {kDark, kDark, kBright, kBright, kDark}) chain.show(level);
  std::vector<std::string> seen;
  for (const Event& event : chain.take(EventKind::prediction))
    seen.push_back(fmt::format("{} {}", event.sequence, event.scores[0].label.view()));
  EXPECT_THAT(seen, ElementsAre("0 dark", "2 bright", "4 dark"));
}

TEST(Pipeline, InAReplayChangesBetweenFramesHappenAtTheirOwnTime) {
  Config config = lamp_config();
  config.rules[0].pulse = milliseconds(50);
  Chain chain(config);
  for (const std::uint8_t level : {kDark, kBright, kBright, kBright, kDark, kBright, kDark})
    chain.show(level);
  EXPECT_THAT(chain.decisions(), ElementsAre("40 on", "90 off", "200 on"));
}

TEST(Pipeline, ReloadsOfTheSameConfigurationChangeNothing) {
  Config config = lamp_config();
  config.rules[0].when.seen = 3;
  config.rules[0].when.of = 5;
  config.rules[0].delayed_off = milliseconds(100);
  std::vector<std::string> timelines[2];
  for (int run = 0; run < 2; ++run) {
    Chain chain(config);
    for (unsigned i = 0; i < 400; ++i) {
      if (run == 1) chain.reload(config);
      chain.show((i * 7919u >> 3) % 3 == 0 ? kBright : kDark);
      for (auto& line : chain.decisions()) timelines[run].push_back(line);
    }
  }
  EXPECT_GT(timelines[0].size(), 10u);
  EXPECT_EQ(timelines[0], timelines[1]);
}

TEST(Pipeline, AReloadDropsWhatItNoLongerWants) {
  Chain chain(lamp_config());
  chain.show(kBright);
  Config other = lamp_config();
  other.rules[0].when.threshold_high = 0.95f;
  other.rules[0].when.threshold_low = 0.95f;
  chain.reload(other);
  chain.show(kBright);
  EXPECT_THAT(chain.decisions(), ElementsAre("0 on", "40 off"));
}

TEST(Pipeline, AnOldFrameDecidesNothingAndMakesTheOutputsSafe) {
  Config config = lamp_config();
  config.frame_max_age = milliseconds(500);
  Chain chain(config, false);
  EXPECT_EQ(chain.try_show(kBright, MonotonicTime::now()), Status::ok);
  EXPECT_TRUE(chain.pipeline().wanted(0));
  EXPECT_EQ(chain.try_show(kBright, MonotonicTime::now() - milliseconds(600)), Status::timeout);
  EXPECT_FALSE(chain.pipeline().wanted(0));
  EXPECT_EQ(chain.try_show(kBright, MonotonicTime::now() - milliseconds(600)), Status::timeout);
  const auto withheld = chain.take(EventKind::withheld);
  ASSERT_EQ(withheld.size(), 1u);
  EXPECT_EQ(withheld[0].cause, Cause::stale_frame);
  EXPECT_EQ(chain.try_show(kBright, MonotonicTime::now()), Status::ok);
  EXPECT_TRUE(chain.pipeline().wanted(0));
  EXPECT_EQ(chain.take(EventKind::resumed).size(), 1u);
}

TEST(Pipeline, WithoutFramesTheOutputsGoSafe) {
  Config config = lamp_config();
  config.frame_max_age = milliseconds(500);
  Chain chain(config, false);
  const MonotonicTime start = MonotonicTime::now();
  EXPECT_EQ(chain.try_show(kBright, start), Status::ok);
  ASSERT_TRUE(chain.pipeline().next_tick());
  EXPECT_EQ(*chain.pipeline().next_tick(), start + milliseconds(490) + Duration(1));
  chain.pipeline().tick(start + milliseconds(490));
  EXPECT_TRUE(chain.pipeline().wanted(0));
  chain.pipeline().tick(start + milliseconds(490) + Duration(1));
  EXPECT_FALSE(chain.pipeline().wanted(0));
  EXPECT_FALSE(chain.pipeline().next_tick());
}

TEST(Pipeline, WhatWasSeenBeforeAGapDoesNotCountAfterIt) {
  Config config = lamp_config();
  config.rules[0].when.seen = config.rules[0].when.of = 3;
  Chain chain(config);
  chain.show(kBright);
  chain.show(kBright);
  chain.pipeline().withhold(Cause::camera_lost, MonotonicTime{kPeriod * 2});
  chain.show(kBright);
  chain.show(kBright);
  EXPECT_THAT(chain.decisions(), ElementsAre());
  chain.show(kBright);
  EXPECT_THAT(chain.decisions(), ElementsAre("160 on"));
}

TEST(Pipeline, AModelThatGivesNoNumbersMakesTheOutputsSafe) {
  Chain chain(lamp_config(), true, true);
  EXPECT_EQ(chain.try_show(kBright), Status::ok);
  EXPECT_TRUE(chain.pipeline().wanted(0));
  EXPECT_EQ(chain.try_show(0), Status::bad_value);
  EXPECT_FALSE(chain.pipeline().wanted(0));
  const auto withheld = chain.take(EventKind::withheld);
  ASSERT_EQ(withheld.size(), 1u);
  EXPECT_EQ(withheld[0].cause, Cause::model_fault);
}

TEST(Pipeline, AnOutputWhoseSafeLevelIsOnIsSwitchedOff) {
  Config config = lamp_config();
  config.outputs[0].spec.safe_active = true;
  Chain chain(config);
  chain.show(kDark);
  chain.show(kBright);
  EXPECT_THAT(chain.decisions(), ElementsAre("0 off", "40 on"));
}

TEST(Pipeline, AnOutputWithoutARuleStaysSafe) {
  Config config = lamp_config();
  config.rules.clear();
  Chain chain(config);
  for (int i = 0; i < 5; ++i) chain.show(kBright);
  EXPECT_THAT(chain.decisions(), ElementsAre());
}

TEST(Pipeline, ErrorsNameWhatIsWrong) {
  const auto message = [](const Config& config) {
    const auto made = Pipeline::create(config, brightness(), {.frame = kGeometry});
    return made ? "created" : made.error().message;
  };
  Config config = lamp_config();
  config.rules[0].when.labels = {"brihgt"};
  EXPECT_THAT(message(config), HasSubstr("did you mean bright?"));
  config = lamp_config();
  config.decoder.type = "ssd";
  EXPECT_THAT(message(config), HasSubstr("brightness.tflite"));
  config = lamp_config();
  config.model.isa = "neno";
  EXPECT_THAT(message(config), HasSubstr("neno"));
  config = lamp_config();
  config.model.input.mean = {1, 2, 3};
  EXPECT_THAT(message(config), HasSubstr("1 channels"));
}

TEST(Pipeline, AllocatesNothingAfterWarmUp) {
  Config config = lamp_config();
  config.rules[0].pulse = milliseconds(50);
  Chain chain(config);
  const std::uint64_t before = thread_allocations();
  for (unsigned i = 0; i < 10000; ++i) chain.show(i / 3 % 2 == 0 ? kBright : kDark);
  EXPECT_EQ(thread_allocations(), before);
}

TEST(PipelineSlot, HandsEveryPipelineBackToTheThreadThatMadeIt) {
  Chain chain(lamp_config());
  PipelineSlot slot;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> allocations{0};
  std::thread frames([&] {
    std::array<std::uint8_t, 16> pixels;
    pixels.fill(kBright);
    Frame frame{.data = pixels.data(),
                .width = 4,
                .height = 4,
                .stride = 4,
                .format = PixelFormat::gray8,
                .sequence = 0,
                .captured_at = {}};
    const std::uint64_t before = thread_allocations();
    while (!stop) {
      Pipeline* pipeline = slot.at_frame_boundary();
      if (pipeline == nullptr) continue;
      EXPECT_EQ(pipeline->process(frame), Status::ok);
      ++frame.sequence;
      frame.captured_at = frame.captured_at + kPeriod;
    }
    allocations = thread_allocations() - before;
  });
  EventRing unread;
  for (std::uint64_t i = 0; i < 200; ++i) {
    auto pipeline = chain.build(lamp_config());
    pipeline->report_to(&unread);
    slot.post(std::move(pipeline));
    while (slot.swaps() <= i) std::this_thread::yield();
    slot.collect();
  }
  stop = true;
  frames.join();
  EXPECT_EQ(allocations, 0u);
  EXPECT_EQ(slot.swaps(), 200u);
}

}  // namespace
}  // namespace pinfer
