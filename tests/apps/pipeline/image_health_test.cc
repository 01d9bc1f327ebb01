// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/image_health.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Shot {
  FrameGeometry geometry;
  std::vector<std::uint8_t> bytes;

  [[nodiscard]] Frame frame() const {
    return {.data = bytes.data(),
            .width = geometry.width,
            .height = geometry.height,
            .stride = static_cast<std::size_t>(geometry.width) *
                      static_cast<std::size_t>(bytes_per_pixel(geometry.format)),
            .format = geometry.format,
            .captured_at = {}};
  }
};

// A picture of `value(x, y)`, 0..255, in every channel.
template <class Value>
Shot shoot(const FrameGeometry& geometry, Value value) {
  Shot shot{geometry, {}};
  for (int y = 0; y < geometry.height; ++y)
    for (int x = 0; x < geometry.width; ++x)
      shot.bytes.insert(shot.bytes.end(),
                        static_cast<std::size_t>(bytes_per_pixel(geometry.format)),
                        static_cast<std::uint8_t>(std::clamp(value(x, y), 0, 255)));
  return shot;
}

const FrameGeometry kColor{640, 480, PixelFormat::bgr8};

// A yard with a house, seen `shift` pixels to the side.
int scene(int x, int y, int shift) {
  const int at = x + shift;
  if (at > 200 && at < 380 && y > 120 && y < 400) return 190 + (y % 7);
  if (y > 330) return 90 + at % 5;
  return 140 - y / 8;
}

// What the camera sees after somebody has knocked it.
int elsewhere(int x, int y) { return (x < 320) == (y < 240) ? 200 : 60; }

ImageHealth measured(const Shot& shot) {
  ImageMeter meter(shot.geometry);
  return meter.measure(shot.frame());
}

TEST(ImageHealth, BrightnessIsTheMeanOfEverySizeAndFormat) {
  for (const FrameGeometry geometry :
       {kColor, FrameGeometry{4, 4, PixelFormat::gray8}, FrameGeometry{1, 1, PixelFormat::rgb8},
        FrameGeometry{1920, 1080, PixelFormat::bgr8}, FrameGeometry{33, 25, PixelFormat::gray8}}) {
    for (const int level : {0, 51, 255}) {
      const ImageHealth health = measured(shoot(geometry, [&](int, int) { return level; }));
      EXPECT_TRUE(health.measured);
      EXPECT_NEAR(health.brightness, static_cast<float>(level) / 255.0f, 1e-3f);
      EXPECT_EQ(health.sharpness, 0.0f);
    }
  }
  const ImageHealth slope = measured(shoot(kColor, [](int x, int) { return x * 256 / 640; }));
  EXPECT_NEAR(slope.brightness, 0.5f, 0.01f);
}

TEST(ImageHealth, ABlurredPictureIsLessSharp) {
  std::mt19937 random(1);
  const Shot sharp = shoot(kColor, [&](int, int) { return static_cast<int>(random() % 256); });
  Shot blurred = sharp;
  for (std::size_t i = 4 * 3; i + 4 * 3 < blurred.bytes.size(); ++i) {
    int sum = 0;
    for (int k = -4; k <= 4; ++k)
      sum += sharp.bytes[static_cast<std::size_t>(static_cast<int>(i) + 3 * k)];
    blurred.bytes[i] = static_cast<std::uint8_t>(sum / 9);
  }
  EXPECT_LT(measured(blurred).sharpness, 0.5f * measured(sharp).sharpness);
}

TEST(ImageHealth, APictureOfAnotherGeometryIsNotMeasured) {
  ImageMeter meter(kColor);
  EXPECT_FALSE(meter.measure(shoot({64, 48, PixelFormat::bgr8}, [](int, int) { return 9; }).frame())
                   .measured);
}

View view_of(const Shot& shot) {
  ImageMeter meter(shot.geometry);
  static_cast<void>(meter.measure(shot.frame()));
  return meter.view();
}

TEST(ImageHealth, TheViewDoesNotDependOnTheLightButOnTheDirection) {
  const View reference = view_of(shoot(kColor, [](int x, int y) { return scene(x, y, 0); }));
  const auto change = [&](auto value) {
    return change_between(reference, view_of(shoot(kColor, value)));
  };
  EXPECT_LT(change([](int x, int y) { return scene(x, y, 0); }), 1e-4f);
  EXPECT_LT(change([](int x, int y) { return scene(x, y, 0) / 3; }), 0.02f) << "dusk";
  EXPECT_LT(change([](int x, int y) { return 40 + scene(x, y, 0); }), 0.02f) << "brighter";
  EXPECT_LT(change([](int x, int y) { return scene(x, y, 6); }), 0.1f) << "wind";
  EXPECT_GT(change([](int x, int y) { return scene(x, y, 300); }), 0.5f) << "turned away";
  EXPECT_GT(change([](int x, int y) { return elsewhere(x, y); }), 0.6f) << "knocked";
  EXPECT_EQ(change([](int, int) { return 128; }), 1.0f) << "a wall";
  const View small = view_of(
      shoot({320, 240, PixelFormat::gray8}, [](int x, int y) { return scene(2 * x, 2 * y, 0); }));
  EXPECT_LT(change_between(reference, small), 0.02f) << "the same view in another size";
}

HealthConfig limits() {
  HealthConfig config;
  config.black_below = 0.04f;
  config.overexposed_above = 0.96f;
  config.frozen_after = seconds(2);
  config.moved_above = 0.5f;
  return config;
}

std::optional<Cause> judge(HealthJudge& judge_, float brightness, Duration still_for = {}) {
  ImageHealth health{brightness, 0.1f, 0.0f, true};
  return judge_.judge(health, View{}, still_for, {});
}

TEST(HealthJudge, NamesTheCauseAndLeavesItOnlyWithSomeDistance) {
  HealthJudge judge_(limits(), {});
  EXPECT_EQ(judge(judge_, 0.5f), std::nullopt);
  EXPECT_EQ(judge(judge_, 0.041f), std::nullopt);
  EXPECT_EQ(judge(judge_, 0.039f), Cause::black);
  EXPECT_EQ(judge(judge_, 0.045f), Cause::black) << "no flicker at the threshold";
  EXPECT_EQ(judge(judge_, 0.051f), std::nullopt);
  EXPECT_EQ(judge(judge_, 0.97f), Cause::overexposed);
  EXPECT_EQ(judge(judge_, 0.955f), Cause::overexposed);
  EXPECT_EQ(judge(judge_, 0.94f), std::nullopt);
  EXPECT_EQ(judge(judge_, 0.5f, milliseconds(1999)), std::nullopt);
  EXPECT_EQ(judge(judge_, 0.5f, milliseconds(2000)), Cause::frozen);
  EXPECT_EQ(judge(judge_, 0.5f), std::nullopt) << "it moves again";
}

TEST(HealthJudge, ChecksNothingByItself) {
  HealthJudge judge_;
  for (const float brightness : {0.0f, 0.5f, 1.0f})
    EXPECT_EQ(judge(judge_, brightness, std::chrono::hours(10)), std::nullopt);
  ImageHealth unknown;
  HealthJudge strict(limits(), {});
  EXPECT_EQ(strict.judge(unknown, View{}, seconds(99), {}), std::nullopt);
}

// Shows `shot` at 10 pictures a second; returns after how many the camera counts as moved, or 0.
int until_moved(HealthJudge& judge_, const Shot& shot, MonotonicTime& now, int pictures) {
  ImageMeter meter(shot.geometry);
  for (int i = 1; i <= pictures; ++i) {
    now = now + milliseconds(100);
    ImageHealth health = meter.measure(shot.frame());
    EXPECT_EQ(judge_.judge(health, meter.view(), {}, now), std::nullopt);
    if (judge_.moved()) return i;
  }
  return 0;
}

TEST(HealthJudge, LearnsTheViewAndTellsWhenTheCameraHasMoved) {
  HealthJudge judge_(limits(), {});
  MonotonicTime now{seconds(100)};
  const Shot before = shoot(kColor, [](int x, int y) { return scene(x, y, 0); });
  const Shot after = shoot(kColor, [](int x, int y) { return elsewhere(x, y); });
  EXPECT_EQ(until_moved(judge_, before, now, 200), 0);
  EXPECT_EQ(until_moved(judge_, after, now, 20), 0) << "somebody stands in front of it";
  EXPECT_EQ(until_moved(judge_, before, now, 200), 0);
  const int pictures = until_moved(judge_, after, now, 1000);
  EXPECT_GT(pictures, 30);
  EXPECT_LT(pictures, 300);
  HealthJudge next(limits(), {});
  next.adopt_state_from(judge_);
  EXPECT_TRUE(next.moved()) << "a reload is no new view";
  for (int i = 0; i < 500; ++i) until_moved(judge_, before, now, 1);
  EXPECT_FALSE(judge_.moved()) << "put right again";
}

TEST(HealthJudge, APictureOfTheConfigurationIsTheView) {
  const Shot wanted = shoot(kColor, [](int x, int y) { return scene(x, y, 0); });
  const Shot shown = shoot(kColor, [](int x, int y) { return elsewhere(x, y); });
  HealthJudge judge_(limits(), view_of(wanted));
  MonotonicTime now{seconds(100)};
  EXPECT_GT(until_moved(judge_, shown, now, 500), 0) << "from the first picture on";
}

}  // namespace
}  // namespace pinfer
