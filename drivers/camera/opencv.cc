// SPDX-License-Identifier: Apache-2.0
// device, clip, stream, csi, gst: everything that cv::VideoCapture reads.
#include <unistd.h>

#include <array>
#include <cmath>
#include <exception>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

#include "drivers/camera/capture_time.h"
#include "drivers/camera/device_check.h"
#include "drivers/camera/frame_clock.h"
#include "drivers/camera/gstreamer_text.h"
#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

constexpr int kStreamTimeoutMs = 5000;

struct Opening {
  std::string target;  // path, URL or pipeline
  int api = cv::CAP_ANY;
  std::vector<int> parameters;
};

Result<cv::VideoCapture> open_capture(const Opening& opening) {
  cv::VideoCapture capture;
  try {
    capture.open(opening.target, opening.api, opening.parameters);
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, "{}: {}", without_credentials(opening.target), error.what());
  }
  if (!capture.isOpened())
    return fail(ErrorCode::unavailable, "{}: OpenCV cannot open it",
                without_credentials(opening.target));
  return capture;
}

Result<void> check_size(const cv::VideoCapture& capture, const std::string& name) {
  const double pixels =
      capture.get(cv::CAP_PROP_FRAME_WIDTH) * capture.get(cv::CAP_PROP_FRAME_HEIGHT);
  if (pixels > static_cast<double>(kMaxPixels))
    return fail(ErrorCode::over_budget, "{}: frames of {}x{}; the limit is {} pixels", name,
                capture.get(cv::CAP_PROP_FRAME_WIDTH), capture.get(cv::CAP_PROP_FRAME_HEIGHT),
                kMaxPixels);
  return {};
}

std::string describe(std::string_view kind, const std::string& what,
                     const cv::VideoCapture& capture) {
  return fmt::format("{} {} {}x{} {:.4g} fps", kind, without_credentials(what),
                     capture.get(cv::CAP_PROP_FRAME_WIDTH), capture.get(cv::CAP_PROP_FRAME_HEIGHT),
                     capture.get(cv::CAP_PROP_FPS));
}

// False for pictures that no frame can hold (16 bits, four channels).
bool to_frame(const cv::Mat& picture, Frame& frame) noexcept {
  const bool color = picture.type() == CV_8UC3;
  if (picture.empty() || (!color && picture.type() != CV_8UC1)) return false;
  frame.data = picture.data;
  frame.width = picture.cols;
  frame.height = picture.rows;
  frame.stride = picture.step[0];
  frame.format = color ? PixelFormat::bgr8 : PixelFormat::gray8;
  return true;
}

// A camera or a network stream.
class LiveSource final : public FrameSource {
 public:
  LiveSource(cv::VideoCapture capture, std::string node, std::string description)
      : capture_(std::move(capture)),
        node_(std::move(node)),
        description_(std::move(description)) {}

  // OpenCV blocks for its own time-out, not until the deadline: live sources want a thread.
  Status next(Frame& frame, MonotonicTime /*deadline*/) noexcept override {
    const MonotonicTime asked = MonotonicTime::now();
    try {
      if (!capture_.grab()) return failure(asked);
      frame.captured_at = capture_time();
      // Half a picture, or none: the next one may be whole.
      if (!capture_.retrieve(picture_) || !to_frame(picture_, frame)) return Status::bad_value;
    } catch (const std::exception&) {
      return Status::backend_fault;
    }
    frame.sequence = sequence_++;
    return Status::ok;
  }
  [[nodiscard]] bool is_replay() const noexcept override { return false; }
  [[nodiscard]] std::string_view description() const noexcept override { return description_; }

 private:
  // A camera that is still there and only slow gets another chance.
  [[nodiscard]] Status failure(MonotonicTime asked) const noexcept {
    constexpr Duration kAtOnce = std::chrono::milliseconds(200);
    if (node_.empty() || MonotonicTime::now() - asked < kAtOnce) return Status::backend_fault;
    return ::access(node_.c_str(), F_OK) == 0 ? Status::timeout : Status::backend_fault;
  }

  // V4L2 stamps buffers when their first line arrives; what stands there for a stream (play time,
  // or frames counted) depends on the library.
  [[nodiscard]] MonotonicTime capture_time() {
    const MonotonicTime now = MonotonicTime::now();
    const MonotonicTime arrival = arrivals_.captured_at(now);
    if (node_.empty()) return arrival;
    const MonotonicTime stamp{Duration(std::llround(capture_.get(cv::CAP_PROP_POS_MSEC) * 1e6))};
    return stamps_.captured_at(stamp, now, arrival);
  }

  cv::VideoCapture capture_;
  std::string node_;  // the device's path; empty: not a device
  std::string description_;
  ArrivalClock arrivals_;
  DriverClock stamps_;
  cv::Mat picture_;
  std::uint64_t sequence_ = 0;
};

class ClipSource final : public FrameSource {
 public:
  ClipSource(cv::VideoCapture capture, Opening opening, FrameClock clock, bool loop)
      : capture_(std::move(capture)), opening_(std::move(opening)), clock_(clock), loop_(loop) {
    description_ = describe("clip", opening_.target, capture_);
  }

  Status next(Frame& frame, MonotonicTime deadline) noexcept override {
    if (const Status status = clock_.wait_for(next_, deadline); status != Status::ok) return status;
    try {
      // A camera does not wait: what nobody took in time is skipped.
      for (const std::uint64_t due = clock_.newest_due(next_); next_ < due; ++next_)
        if (!grab()) return Status::end;
      if (!grab()) return Status::end;
      if (!capture_.retrieve(picture_) || !to_frame(picture_, frame)) return Status::backend_fault;
    } catch (const std::exception&) {
      return Status::backend_fault;
    }
    frame.sequence = next_;
    frame.captured_at = clock_.time_of(next_);
    ++next_;
    return Status::ok;
  }
  [[nodiscard]] bool is_replay() const noexcept override { return !clock_.realtime(); }
  [[nodiscard]] std::string_view description() const noexcept override { return description_; }

 private:
  bool grab() {
    if (capture_.grab()) return true;
    // Opening again is exact for every container; seeking to frame 0 is not.
    return loop_ && capture_.open(opening_.target, opening_.api, opening_.parameters) &&
           capture_.grab();
  }

  cv::VideoCapture capture_;
  Opening opening_;
  FrameClock clock_;
  bool loop_;
  std::string description_;
  cv::Mat picture_;
  std::uint64_t next_ = 0;
};

Result<std::unique_ptr<FrameSource>> create_device(const SourceAddress& address,
                                                   const SourceSpec& spec) {
  PINFER_CHECK(check_capture_device(address.location));
  // /dev/v4l/by-id/... are links, which OpenCV does not follow to a number.
  std::array<char, 4096> real{};
  const char* resolved = ::realpath(address.location.c_str(), real.data());
  auto capture =
      open_capture({resolved != nullptr ? resolved : address.location, cv::CAP_V4L2, {}});
  if (!capture) return tl::unexpected(explain_capture_failure(address.location));
  // MJPEG: YUYV at 640x480 and 30 frames a second already fills USB 2. Cameras without it refuse.
  static_cast<void>(capture->set(cv::CAP_PROP_FOURCC, cv::VideoWriter::fourcc('M', 'J', 'P', 'G')));
  if (spec.width > 0) {
    static_cast<void>(capture->set(cv::CAP_PROP_FRAME_WIDTH, spec.width));
    static_cast<void>(capture->set(cv::CAP_PROP_FRAME_HEIGHT, spec.height));
  }
  if (spec.fps > 0) static_cast<void>(capture->set(cv::CAP_PROP_FPS, spec.fps));
  PINFER_CHECK(check_size(*capture, address.location));
  std::string description = describe("camera", address.location, *capture);
  return std::make_unique<LiveSource>(std::move(*capture), address.location,
                                      std::move(description));
}

Result<std::unique_ptr<FrameSource>> create_clip(const SourceAddress& address,
                                                 const SourceSpec& spec) {
  Opening opening{address.location, cv::CAP_FFMPEG, {}};
  auto capture = open_capture(opening);
  if (!capture) {
    opening.api = cv::CAP_OPENCV_MJPEG;
    capture = open_capture(opening);
  }
  if (!capture)
    return fail(ErrorCode::io, "{}: not a clip that this OpenCV can read", address.location);
  PINFER_CHECK(check_size(*capture, address.location));
  const double own = capture->get(cv::CAP_PROP_FPS);
  const double fps = spec.fps > 0 ? spec.fps : own > 0 && own <= 1000.0 ? own : 25.0;
  return std::make_unique<ClipSource>(std::move(*capture), std::move(opening),
                                      FrameClock(fps, spec.realtime), spec.loop);
}

Result<std::unique_ptr<FrameSource>> create_live(std::string_view kind, const Opening& opening) {
  PINFER_TRY(cv::VideoCapture capture, open_capture(opening));
  PINFER_CHECK(check_size(capture, without_credentials(opening.target)));
  std::string description = describe(kind, opening.target, capture);
  return std::make_unique<LiveSource>(std::move(capture), "", std::move(description));
}

Result<std::unique_ptr<FrameSource>> create_stream(const SourceAddress& address,
                                                   const SourceSpec& /*spec*/) {
  return create_live("stream", {address.location,
                                cv::CAP_FFMPEG,
                                {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, kStreamTimeoutMs,
                                 cv::CAP_PROP_READ_TIMEOUT_MSEC, kStreamTimeoutMs}});
}

Result<std::unique_ptr<FrameSource>> create_csi(const SourceAddress& address,
                                                const SourceSpec& spec) {
  std::ifstream file("/proc/device-tree/compatible", std::ios::binary);
  const std::string compatible((std::istreambuf_iterator<char>(file)), {});
  const CsiRequest request{std::stoi(address.location), spec.width, spec.height, spec.fps};
  PINFER_TRY(const std::string pipeline, csi_pipeline(detect_csi_board(compatible), request));
  auto source = create_live("csi", {pipeline, cv::CAP_GSTREAMER, {}});
  if (source) return source;
  return fail(ErrorCode::unavailable,
              "csi://{}: no pictures; is the camera connected, and gstreamer1.0-libcamera (Jetson: "
              "nvidia-l4t-gstreamer) installed? The pipeline was: {}",
              address.location, pipeline);
}

Result<std::unique_ptr<FrameSource>> create_gst(const SourceAddress& address,
                                                const SourceSpec& /*spec*/) {
  return create_live("gst", {address.location, cv::CAP_GSTREAMER, {}});
}

}  // namespace

extern const CameraSource device_source, clip_source, stream_source, csi_source, gst_source;
const CameraSource device_source = {
    .kind = SourceKind::device,
    .name = "device",
    .summary = "/dev/video0, /dev/v4l/by-id/..., v4l2:///dev/video0 - a V4L2 camera",
    .create = create_device};
const CameraSource clip_source = {.kind = SourceKind::clip,
                                  .name = "clip",
                                  .summary = "file://clip.mp4 or clip.mp4 - a video file",
                                  .create = create_clip};
const CameraSource stream_source = {.kind = SourceKind::stream,
                                    .name = "stream",
                                    .summary = "rtsp://..., http://... - a camera on the network",
                                    .create = create_stream};
const CameraSource csi_source = {.kind = SourceKind::csi,
                                 .name = "csi",
                                 .summary = "csi://0 - a camera on the board's own connector",
                                 .create = create_csi};
const CameraSource gst_source = {
    .kind = SourceKind::gst,
    .name = "gst",
    .summary = "gst:PIPELINE - any GStreamer pipeline that ends in appsink",
    .create = create_gst};

std::string_view camera_library() noexcept { return "OpenCV " CV_VERSION; }

}  // namespace pinfer
