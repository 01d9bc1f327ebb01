// SPDX-License-Identifier: Apache-2.0
// Cameras that hang, lie and come back, at the FrameSource seam.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>

#include "drivers/camera/capture.h"
#include "tests/drivers/camera/gate.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::Gate;
using ::testing::HasSubstr;

// Asks `step` after each frame what to do; frames are 2x2 gray, all of `shade`.
struct Script {
  std::function<Status(Frame&)> step = [](Frame&) { return Status::ok; };
  std::function<void()> on_close = [] {};
};

class ScriptedCamera final : public FrameSource {
 public:
  explicit ScriptedCamera(const Script& script) : script_(script) {}
  ~ScriptedCamera() override { script_.on_close(); }
  Status next(Frame& frame, MonotonicTime) noexcept override {
    std::this_thread::sleep_for(milliseconds(1));
    pixels_.fill(static_cast<std::uint8_t>(sequence_));
    frame = {.data = pixels_.data(),
             .width = 2,
             .height = 2,
             .stride = 2,
             .format = PixelFormat::gray8,
             .sequence = sequence_++,
             .captured_at = MonotonicTime::now()};
    return script_.step(frame);
  }
  bool is_replay() const noexcept override { return false; }
  std::string_view description() const noexcept override { return "scripted camera"; }

 private:
  Script script_;
  std::uint64_t sequence_ = 0;
  std::array<std::uint8_t, 4> pixels_{};
};

SourceOpener camera(Script script) {
  return [script]() -> Result<std::unique_ptr<FrameSource>> {
    return std::make_unique<ScriptedCamera>(script);
  };
}

CaptureOptions fast() {
  CaptureOptions options;
  options.silence = milliseconds(100);
  options.first_retry = milliseconds(5);
  options.last_retry = milliseconds(20);
  options.hung_after = milliseconds(300);
  options.patience = milliseconds(200);
  return options;
}

// What the control thread does, until `condition` holds.
template <class Condition>
bool supervised(Capture& capture, Condition condition) {
  return testing::eventually([&] {
    capture.supervise();
    return condition();
  });
}

bool gives_frames(Capture& capture) {
  Frame frame;
  return capture.next(frame, MonotonicTime::now() + milliseconds(10)) == Status::ok;
}

TEST(CaptureFaults, AReadThatHangsIsALostCameraAndThenAnotherThread) {
  Gate gate;
  std::atomic<int> reads{0};
  const auto capture = Capture::start(camera({.step =
                                                  [&](Frame&) {
                                                    if (++reads == 3) gate.wait();
                                                    return Status::ok;
                                                  }}),
                                      fast());
  ASSERT_TRUE(capture);
  ASSERT_TRUE(supervised(**capture, [&] { return (*capture)->state() == CaptureState::lost; }));
  EXPECT_THAT((*capture)->report().error, HasSubstr("the driver has not answered for"));
  EXPECT_EQ((*capture)->report().hung_threads, 0) << "it is only slow so far";
  ASSERT_TRUE(supervised(**capture, [&] { return (*capture)->report().openings == 2; }));
  EXPECT_EQ((*capture)->report().hung_threads, 1);
  ASSERT_TRUE(supervised(**capture, [&] { return gives_frames(**capture); }));
  gate.open();
  EXPECT_TRUE(supervised(**capture, [&] { return (*capture)->report().hung_threads == 0; }));
  EXPECT_TRUE(supervised(**capture, [&] { return gives_frames(**capture); }));
  EXPECT_EQ((*capture)->report().openings, 2u) << "the thread from before is of no interest";
}

TEST(CaptureFaults, AnOpeningAndAClosingMayHangToo) {
  Gate gate;
  std::atomic<int> openings{0};
  std::atomic<int> closings{0};
  const auto open = [&]() -> Result<std::unique_ptr<FrameSource>> {
    if (++openings == 1) gate.wait();
    return std::make_unique<ScriptedCamera>(
        Script{.step = [&](Frame&) { return openings == 2 ? Status::backend_fault : Status::ok; },
               .on_close =
                   [&] {
                     if (++closings == 1) gate.wait();
                   }});
  };
  const auto capture = Capture::start(open, fast());
  ASSERT_TRUE(capture);
  ASSERT_TRUE(supervised(**capture, [&] { return (*capture)->report().hung_threads == 2; }));
  ASSERT_TRUE(supervised(**capture, [&] { return gives_frames(**capture); }));
  gate.open();
  EXPECT_TRUE(supervised(**capture, [&] { return (*capture)->report().hung_threads == 0; }));
}

TEST(CaptureFaults, NoMoreThreadsHangThanTheLimit) {
  Gate gate;
  std::atomic<int> openings{0};
  CaptureOptions options = fast();
  options.hung_after = milliseconds(5);
  const auto capture = Capture::start(
      [&]() -> Result<std::unique_ptr<FrameSource>> {
        ++openings;
        gate.wait();
        return fail(ErrorCode::io, "too late");
      },
      options);
  ASSERT_TRUE(capture);
  ASSERT_TRUE(
      supervised(**capture, [&] { return (*capture)->report().hung_threads == kMaxHungThreads; }));
  for (int i = 0; i < 50; ++i) {
    (*capture)->supervise();
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_LE(openings.load(), kMaxHungThreads + 1);
  gate.open();
  EXPECT_TRUE(supervised(**capture, [&] { return (*capture)->report().hung_threads == 0; }));
}

TEST(CaptureFaults, TheDestructorLeavesAHungThreadBehind) {
  const auto gate = std::make_shared<Gate>();  // the thread outlives the test
  auto capture = Capture::start(camera({.step =
                                            [gate](Frame&) {
                                              gate->wait();
                                              return Status::ok;
                                            }}),
                                fast());
  ASSERT_TRUE(capture);
  while ((*capture)->report().openings == 0) std::this_thread::sleep_for(milliseconds(1));
  capture->reset();  // comes back
  gate->open();
}

TEST(CaptureFaults, SignalsDoNotReachTheCaptureThread) {
  std::atomic<int> blocked{-1};
  const auto capture = Capture::start(camera({.step =
                                                  [&](Frame&) {
                                                    sigset_t mask;
                                                    ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
                                                    blocked = ::sigismember(&mask, SIGTERM) == 1 &&
                                                              ::sigismember(&mask, SIGALRM) == 1 &&
                                                              ::sigismember(&mask, SIGUSR1) == 1 &&
                                                              ::sigismember(&mask, SIGSEGV) == 0;
                                                    return Status::ok;
                                                  }}),
                                      fast());
  ASSERT_TRUE(capture);
  ASSERT_TRUE(testing::eventually([&] { return blocked != -1; }));
  EXPECT_EQ(blocked, 1);
  sigset_t here;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &here);
  EXPECT_EQ(::sigismember(&here, SIGALRM), 0) << "the caller's own mask is as it was";
}

TEST(CaptureFaults, DamagedPicturesAreDroppedAndCounted) {
  const auto capture = Capture::start(camera({.step =
                                                  [](Frame& frame) {
                                                    switch (frame.sequence % 8) {
                                                      case 0:
                                                        return Status::ok;
                                                      case 1:
                                                        return Status::bad_value;
                                                      case 2:
                                                        frame.data = nullptr;
                                                        break;
                                                      case 3:
                                                        frame.width = -2;
                                                        break;
                                                      case 4:
                                                        frame.height = 0;
                                                        break;
                                                      case 5:
                                                        frame.stride = 1;
                                                        break;
                                                      case 6:
                                                        frame.width = frame.height = 1 << 20;
                                                        break;
                                                      default:
                                                        frame.width =
                                                            std::numeric_limits<int>::max();
                                                    }
                                                    return Status::ok;
                                                  }}),
                                      fast());
  ASSERT_TRUE(capture);
  ASSERT_TRUE(testing::eventually([&] { return (*capture)->report().frames >= 10; }));
  const CaptureReport report = (*capture)->report();
  EXPECT_GE(report.damaged, 7u * 9u);
  EXPECT_EQ(report.openings, 1u);
  EXPECT_EQ(report.state, CaptureState::live);
}

TEST(CaptureFaults, ACameraThatSendsOnlyDamagedPicturesIsLost) {
  const auto capture =
      Capture::start(camera({.step = [](Frame&) { return Status::bad_value; }}), fast());
  ASSERT_TRUE(capture);
  EXPECT_TRUE(testing::eventually([&] { return (*capture)->report().openings >= 3; }));
  EXPECT_EQ((*capture)->report().frames, 0u);
}

TEST(CaptureFaults, TimesInTheFutureBecomeNowAndSequencesOnlyGrow) {
  const auto capture = Capture::start(camera({.step =
                                                  [](Frame& frame) {
                                                    frame.captured_at =
                                                        frame.captured_at + std::chrono::hours(1);
                                                    frame.sequence = 1000 - frame.sequence;
                                                    return Status::ok;
                                                  }}),
                                      fast());
  ASSERT_TRUE(capture);
  Frame frame;
  std::uint64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ((*capture)->next(frame, MonotonicTime::now() + std::chrono::seconds(5)), Status::ok);
    EXPECT_LE(frame.captured_at, MonotonicTime::now());
    EXPECT_GT(frame.sequence, last);
    last = frame.sequence;
  }
  EXPECT_LT((*capture)->report().dropped, 100000u);
}

TEST(CaptureFaults, APictureThatStandsStillIsNoticedAlsoAfterAnotherOpening) {
  std::atomic<bool> still{false};
  std::atomic<bool> broken{false};
  static constexpr std::array<std::uint8_t, 4> kSame{1, 2, 3, 4};
  const auto capture = Capture::start(camera({.step =
                                                  [&](Frame& frame) {
                                                    if (broken.exchange(false))
                                                      return Status::backend_fault;
                                                    if (still) frame.data = kSame.data();
                                                    return Status::ok;
                                                  }}),
                                      fast());
  ASSERT_TRUE(capture);
  Frame frame;
  const auto next = [&] {
    return (*capture)->next(frame, MonotonicTime::now() + std::chrono::seconds(5));
  };
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(next(), Status::ok);
    EXPECT_EQ(frame.still_for, Duration::zero());
  }
  still = true;
  ASSERT_TRUE(testing::eventually(
      [&] { return next() == Status::ok && frame.still_for > milliseconds(50); }));
  const Duration before = frame.still_for;
  broken = true;
  while ((*capture)->report().openings < 2) ASSERT_EQ(next(), Status::ok);
  ASSERT_EQ(next(), Status::ok);
  EXPECT_GT(frame.still_for, before) << "opening it again does not make a stuck picture new";
  still = false;
  ASSERT_TRUE(testing::eventually(
      [&] { return next() == Status::ok && frame.still_for == Duration::zero(); }));
}

std::size_t entries(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(CaptureFaults, TwoHundredLossesLeaveNoThreadAndNoDescriptorBehind) {
  std::atomic<int> reads{0};
  const auto open = [&]() -> Result<std::unique_ptr<FrameSource>> {
    return std::make_unique<ScriptedCamera>(Script{
        .step = [&](Frame&) { return ++reads % 3 == 0 ? Status::backend_fault : Status::ok; }});
  };
  CaptureOptions options = fast();
  options.first_retry = options.last_retry = milliseconds(1);
  const auto capture = Capture::start(open, options);
  ASSERT_TRUE(capture);
  const auto openings = [&] { return (*capture)->report().openings; };
  ASSERT_TRUE(supervised(**capture, [&] { return openings() >= 5; }));
  const std::size_t descriptors = entries("/proc/self/fd");
  const std::size_t threads = entries("/proc/self/task");
  ASSERT_TRUE(supervised(**capture, [&] { return openings() >= 205; }));
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  EXPECT_EQ(entries("/proc/self/task"), threads);
}

}  // namespace
}  // namespace pinfer
