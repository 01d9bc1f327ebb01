// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>

#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;

MonotonicTime in(milliseconds time) { return MonotonicTime::now() + time; }

// A camera that gives `frames` pictures of two pixels and then `last`; frame n shows n.
class ShortCamera final : public FrameSource {
 public:
  ShortCamera(std::uint64_t frames, Status last, bool replay)
      : frames_(frames), last_(last), replay_(replay) {}
  Status next(Frame& frame, MonotonicTime deadline) noexcept override {
    if (next_ == frames_) {
      if (last_ == Status::timeout) std::this_thread::sleep_for(deadline - MonotonicTime::now());
      return last_;
    }
    pixels_[0] = pixels_[4] = static_cast<std::uint8_t>(next_);
    frame = {.data = pixels_.data(),
             .width = 1,
             .height = 2,
             .stride = 4,
             .format = PixelFormat::bgr8,
             .sequence = next_,
             .captured_at = MonotonicTime::now()};
    ++next_;
    return Status::ok;
  }
  bool is_replay() const noexcept override { return replay_; }
  std::string_view description() const noexcept override { return "short camera"; }

 private:
  std::uint64_t frames_;
  Status last_;
  bool replay_;
  std::uint64_t next_ = 0;
  std::array<std::uint8_t, 8> pixels_{};
};

SourceOpener camera(std::uint64_t frames, Status last, bool replay) {
  return [=]() -> Result<std::unique_ptr<FrameSource>> {
    return std::make_unique<ShortCamera>(frames, last, replay);
  };
}

CaptureOptions fast() {
  return {
      .silence = milliseconds(150), .first_retry = milliseconds(5), .last_retry = milliseconds(20)};
}

TEST(Capture, OfAReplayDropsNothing) {
  const auto capture = Capture::start(camera(200, Status::end, true), fast());
  ASSERT_TRUE(capture);
  Frame frame;
  for (std::uint64_t i = 0; i < 200; ++i) {
    ASSERT_EQ((*capture)->next(frame, in(milliseconds(5000))), Status::ok);
    EXPECT_EQ(frame.sequence, i);
    EXPECT_EQ(frame.data[0], static_cast<std::uint8_t>(i));
    EXPECT_EQ(frame.stride, 3u);
    EXPECT_EQ(frame.data[3], static_cast<std::uint8_t>(i));
  }
  EXPECT_EQ((*capture)->next(frame, in(milliseconds(5000))), Status::end);
  EXPECT_EQ((*capture)->report().dropped, 0u);
  EXPECT_EQ((*capture)->report().frames, 200u);
  EXPECT_EQ((*capture)->state(), CaptureState::ended);
}

TEST(Capture, OfALiveCameraKeepsTheNewestAndCountsTheRest) {
  const auto capture = Capture::start(camera(100, Status::timeout, false), fast());
  ASSERT_TRUE(capture);
  while ((*capture)->report().frames < 100) std::this_thread::sleep_for(milliseconds(1));
  Frame frame;
  ASSERT_EQ((*capture)->next(frame, in(milliseconds(1000))), Status::ok);
  EXPECT_EQ(frame.sequence, 99u);
  EXPECT_EQ(frame.data[0], 99);
  EXPECT_EQ((*capture)->report().dropped, 99u);
  EXPECT_EQ((*capture)->next(frame, in(milliseconds(1))), Status::timeout);
}

TEST(Capture, AFrameStaysAsItIsWhileNewerOnesArrive) {
  const auto source = [] {
    return create_source(
        {.uri = "pattern:ball", .width = 32, .height = 32, .fps = 1000, .realtime = true});
  };
  const auto capture = Capture::start(source, fast());
  ASSERT_TRUE(capture);
  Frame frame;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ((*capture)->next(frame, in(milliseconds(5000))), Status::ok);
    const std::string before(reinterpret_cast<const char*>(frame.data), 32 * 32 * 3);
    const std::uint64_t read = (*capture)->report().frames;
    while ((*capture)->report().frames < read + 10) std::this_thread::sleep_for(milliseconds(1));
    EXPECT_EQ(before, std::string(reinterpret_cast<const char*>(frame.data), 32 * 32 * 3));
  }
}

TEST(Capture, OpensALostCameraAgainAndCountsOn) {
  const auto capture = Capture::start(camera(3, Status::backend_fault, true), fast());
  ASSERT_TRUE(capture);
  Frame frame;
  for (std::uint64_t i = 0; i < 9; ++i) {
    ASSERT_EQ((*capture)->next(frame, in(milliseconds(5000))), Status::ok);
    EXPECT_EQ(frame.sequence, i);
  }
  EXPECT_GE((*capture)->report().openings, 3u);
}

TEST(Capture, ASilentCameraIsLost) {
  const auto capture = Capture::start(camera(1, Status::timeout, false), fast());
  ASSERT_TRUE(capture);
  pollfd changed{.fd = (*capture)->changed_fd(), .events = POLLIN, .revents = 0};
  while ((*capture)->state() != CaptureState::lost) {
    ASSERT_GT(::poll(&changed, 1, 5000), 0);
    (*capture)->acknowledge();
  }
  EXPECT_THAT((*capture)->report().error, testing::HasSubstr("no picture for"));
}

TEST(Capture, WaitsLongerAfterEachVainAttempt) {
  std::atomic<int> attempts = 0;
  const auto capture = Capture::start(
      [&]() -> Result<std::unique_ptr<FrameSource>> {
        ++attempts;
        return fail(ErrorCode::not_found, "no camera there");
      },
      {.first_retry = milliseconds(20), .last_retry = milliseconds(40)});
  ASSERT_TRUE(capture);
  Frame frame;
  EXPECT_EQ((*capture)->next(frame, in(milliseconds(200))), Status::timeout);
  const CaptureReport report = (*capture)->report();
  EXPECT_EQ(report.state, CaptureState::lost);
  EXPECT_EQ(report.error, "no camera there");
  EXPECT_EQ(report.retry_in, milliseconds(40));
  EXPECT_LE(attempts.load(), 6);  // 0, 20, 60, 100, 140, 180 ms
  EXPECT_GE(attempts.load(), 2);
}

TEST(Capture, ReopensAnotherSourceAndCountsOn) {
  const auto capture = Capture::start(camera(5, Status::end, true), fast());
  ASSERT_TRUE(capture);
  Frame frame;
  for (std::uint64_t i = 0; i < 5; ++i)
    ASSERT_EQ((*capture)->next(frame, in(milliseconds(5000))), Status::ok);
  EXPECT_EQ((*capture)->next(frame, in(milliseconds(5000))), Status::end);
  (*capture)->reopen(camera(1000, Status::end, true));  // after the end
  ASSERT_EQ((*capture)->next(frame, in(milliseconds(5000))), Status::ok);
  EXPECT_EQ(frame.sequence, 5u);
  (*capture)->reopen(camera(3, Status::end, true));  // in the middle
  Status status = Status::ok;
  std::uint64_t last = frame.sequence;
  while ((status = (*capture)->next(frame, in(milliseconds(5000)))) == Status::ok) {
    EXPECT_EQ(frame.sequence, last + 1);
    last = frame.sequence;
  }
  EXPECT_EQ(status, Status::end);
  EXPECT_LT(last, 20u);
  EXPECT_EQ((*capture)->report().dropped, 0u);
}

TEST(Capture, StopWakesTheReader) {
  const auto capture = Capture::start(camera(0, Status::timeout, false), fast());
  ASSERT_TRUE(capture);
  std::thread stopper([&] { (*capture)->stop(); });
  Frame frame;
  EXPECT_EQ((*capture)->next(frame, in(milliseconds(10000))), Status::cancelled);
  stopper.join();
}

}  // namespace
}  // namespace pinfer
