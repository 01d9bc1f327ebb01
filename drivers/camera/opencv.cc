// SPDX-License-Identifier: Apache-2.0
// device, clip, stream, csi, gst: everything that cv::VideoCapture reads (opencv_library.h).
#include <unistd.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>

#include "drivers/camera/capture_time.h"
#include "drivers/camera/device_check.h"
#include "drivers/camera/frame_clock.h"
#include "drivers/camera/gstreamer_text.h"
#include "drivers/camera/opencv_library.h"
#include "drivers/camera/read_wait.h"
#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

using cv_abi::Outcome;
using cv_abi::Reader;
using cv_abi::Value;

constexpr int kStreamTimeoutMs = 5000;

Result<void> check_size(const OpenCvCapture& capture, const std::string& name) {
  const double width = capture.get(Value::width), height = capture.get(Value::height);
  if (width * height > static_cast<double>(kMaxPixels))
    return fail(ErrorCode::over_budget, "{}: frames of {}x{}; the limit is {} pixels", name, width,
                height, kMaxPixels);
  return {};
}

std::string describe(std::string_view kind, const std::string& what, const OpenCvCapture& capture) {
  return fmt::format("{} {} {}x{} {:.4g} fps", kind, without_credentials(what),
                     capture.get(Value::width), capture.get(Value::height),
                     capture.get(Value::fps));
}

// What the one who delivers does with pictures that nobody has read yet.
enum class Unread : std::uint8_t { dropped, kept };

// A camera or a network stream.
class LiveSource final : public FrameSource {
 public:
  LiveSource(OpenCvCapture capture, std::string node, Unread unread, std::string description)
      : capture_(std::move(capture)), node_(std::move(node)), description_(std::move(description)) {
    if (unread == Unread::kept) wait_.emplace();
  }

  // OpenCV blocks for its own time-out, not until the deadline: live sources want a thread.
  Status next(Frame& frame, MonotonicTime /*deadline*/) noexcept override {
    const MonotonicTime asked = MonotonicTime::now();
    if (wait_) wait_->start();
    if (const Outcome grabbed = capture_.grab(); grabbed != Outcome::ok)
      return grabbed == Outcome::failed ? Status::backend_fault : failure(asked);
    frame.captured_at = capture_time();
    // Half a picture, or none: the next one may be whole.
    if (const Outcome got = capture_.retrieve(frame); got != Outcome::ok)
      return got == Outcome::failed ? Status::backend_fault : Status::bad_value;
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
    const MonotonicTime arrival = arrivals_.captured_at(now, wait_ ? wait_->end(now) : Arrival{});
    if (node_.empty()) return arrival;
    const MonotonicTime stamp{Duration(std::llround(capture_.get(Value::position_ms) * 1e6))};
    return stamps_.captured_at(stamp, now, arrival);
  }

  OpenCvCapture capture_;
  std::string node_;  // the device's path; empty: not a device
  std::string description_;
  std::optional<ReadWait> wait_;  // where pictures that nobody has read are kept
  ArrivalClock arrivals_;
  DriverClock stamps_;
  std::uint64_t sequence_ = 0;
};

class ClipSource final : public FrameSource {
 public:
  ClipSource(OpenCvCapture capture, const std::string& path, FrameClock clock, bool loop)
      : capture_(std::move(capture)), clock_(clock), loop_(loop) {
    description_ = describe("clip", path, capture_);
  }

  Status next(Frame& frame, MonotonicTime deadline) noexcept override {
    if (const Status status = clock_.wait_for(next_, deadline); status != Status::ok) return status;
    // A camera does not wait: what nobody took in time is skipped.
    for (const std::uint64_t due = clock_.newest_due(next_); next_ < due; ++next_)
      if (const Status status = grab(); status != Status::ok) return status;
    if (const Status status = grab(); status != Status::ok) return status;
    if (capture_.retrieve(frame) != Outcome::ok) return Status::backend_fault;
    frame.sequence = next_;
    frame.captured_at = clock_.time_of(next_);
    ++next_;
    return Status::ok;
  }
  [[nodiscard]] bool is_replay() const noexcept override { return !clock_.realtime(); }
  [[nodiscard]] std::string_view description() const noexcept override { return description_; }

 private:
  Status grab() noexcept {
    Outcome grabbed = capture_.grab();
    // Opening again is exact for every container; seeking to frame 0 is not.
    if (grabbed == Outcome::nothing && loop_ && capture_.open_again()) grabbed = capture_.grab();
    return grabbed == Outcome::ok        ? Status::ok
           : grabbed == Outcome::nothing ? Status::end
                                         : Status::backend_fault;
  }

  OpenCvCapture capture_;
  FrameClock clock_;
  bool loop_;
  std::string description_;
  std::uint64_t next_ = 0;
};

Result<std::unique_ptr<FrameSource>> create_device(const SourceAddress& address,
                                                   const SourceSpec& spec) {
  PINFER_CHECK(check_capture_device(address.location));
  PINFER_TRY(const cv_abi::PluginTable* opencv, opencv_table());
  // /dev/v4l/by-id/... are links, which OpenCV does not follow to a number.
  std::array<char, 4096> real{};
  const char* resolved = ::realpath(address.location.c_str(), real.data());
  auto capture = OpenCvCapture::open(
      *opencv, {resolved != nullptr ? resolved : address.location, Reader::v4l2});
  if (!capture) return tl::unexpected(explain_capture_failure(address.location));
  capture->ask(spec.width, spec.height, spec.fps);
  PINFER_CHECK(check_size(*capture, address.location));
  std::string description = describe("camera", address.location, *capture);
  return std::make_unique<LiveSource>(std::move(*capture), address.location, Unread::dropped,
                                      std::move(description));
}

Result<std::unique_ptr<FrameSource>> create_clip(const SourceAddress& address,
                                                 const SourceSpec& spec) {
  PINFER_TRY(const cv_abi::PluginTable* opencv, opencv_table());
  auto capture = OpenCvCapture::open(*opencv, {address.location, Reader::ffmpeg});
  if (!capture) capture = OpenCvCapture::open(*opencv, {address.location, Reader::mjpeg});
  if (!capture)
    return fail(ErrorCode::io, "{}: not a clip that this OpenCV can read", address.location);
  PINFER_CHECK(check_size(*capture, address.location));
  const double own = capture->get(Value::fps);
  const double fps = spec.fps > 0 ? spec.fps : own > 0 && own <= 1000.0 ? own : 25.0;
  return std::make_unique<ClipSource>(std::move(*capture), address.location,
                                      FrameClock(fps, spec.realtime), spec.loop);
}

Result<std::unique_ptr<FrameSource>> create_live(const cv_abi::PluginTable& opencv,
                                                 std::string_view kind, Unread unread,
                                                 const OpenCvCapture::Request& request) {
  PINFER_TRY(OpenCvCapture capture, OpenCvCapture::open(opencv, request));
  PINFER_CHECK(check_size(capture, without_credentials(request.target)));
  std::string description = describe(kind, request.target, capture);
  return std::make_unique<LiveSource>(std::move(capture), "", unread, std::move(description));
}

Result<std::unique_ptr<FrameSource>> create_stream(const SourceAddress& address,
                                                   const SourceSpec& /*spec*/) {
  PINFER_TRY(const cv_abi::PluginTable* opencv, opencv_table());
  return create_live(*opencv, "stream", Unread::kept,
                     {address.location, Reader::ffmpeg, kStreamTimeoutMs});
}

Result<std::unique_ptr<FrameSource>> create_csi(const SourceAddress& address,
                                                const SourceSpec& spec) {
  PINFER_TRY(const cv_abi::PluginTable* opencv, opencv_table());
  std::ifstream file("/proc/device-tree/compatible", std::ios::binary);
  const std::string compatible((std::istreambuf_iterator<char>(file)), {});
  const CsiRequest request{std::stoi(address.location), spec.width, spec.height, spec.fps};
  PINFER_TRY(const std::string pipeline, csi_pipeline(detect_csi_board(compatible), request));
  auto source = create_live(*opencv, "csi", Unread::dropped, {pipeline, Reader::gstreamer});
  if (source) return source;
  return fail(ErrorCode::unavailable,
              "csi://{}: no pictures; is the camera connected, and gstreamer1.0-libcamera (Jetson: "
              "nvidia-l4t-gstreamer) installed? The pipeline was: {}",
              address.location, pipeline);
}

Result<std::unique_ptr<FrameSource>> create_gst(const SourceAddress& address,
                                                const SourceSpec& /*spec*/) {
  PINFER_TRY(const cv_abi::PluginTable* opencv, opencv_table());
  const bool drops = address.location.find("drop=") != std::string::npos;
  return create_live(*opencv, "gst", drops ? Unread::dropped : Unread::kept,
                     {address.location, Reader::gstreamer});
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

std::string camera_library() {
  const auto table = opencv_table();
  return table ? fmt::format("OpenCV {}", (*table)->opencv_version) : table.error().message;
}

}  // namespace pinfer
