// SPDX-License-Identifier: Apache-2.0
// The plug-in's door: the table of abi.h. No exception passes it.
#include "drivers/camera/opencv/abi.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <vector>

namespace pinfer::cv_abi {

class Capture {
 public:
  cv::VideoCapture video;
  std::string target;
  int api = cv::CAP_ANY;
  std::vector<int> parameters;
  cv::Mat picture;

  bool open() { return video.open(target, api, parameters); }
};

namespace {

void say(Sentence* sentence, const char* text) noexcept {
  const std::size_t count = std::min(std::strlen(text), sizeof sentence->text - 1);
  std::memcpy(sentence->text, text, count);
  sentence->text[count] = '\0';
}

int api_of(Reader reader) noexcept {
  switch (reader) {
    case Reader::v4l2:
      return cv::CAP_V4L2;
    case Reader::ffmpeg:
      return cv::CAP_FFMPEG;
    case Reader::mjpeg:
      return cv::CAP_OPENCV_MJPEG;
    case Reader::gstreamer:
      return cv::CAP_GSTREAMER;
  }
  return cv::CAP_ANY;
}

int property_of(Value value) noexcept {
  switch (value) {
    case Value::width:
      return cv::CAP_PROP_FRAME_WIDTH;
    case Value::height:
      return cv::CAP_PROP_FRAME_HEIGHT;
    case Value::fps:
      return cv::CAP_PROP_FPS;
    case Value::position_ms:
      return cv::CAP_PROP_POS_MSEC;
  }
  return 0;
}

Capture* open(const char* target, Reader reader, std::int32_t timeout_ms, Sentence* why) noexcept {
  try {
    auto capture = std::make_unique<Capture>();
    capture->target = target;
    capture->api = api_of(reader);
    if (timeout_ms > 0)
      capture->parameters = {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, timeout_ms,
                             cv::CAP_PROP_READ_TIMEOUT_MSEC, timeout_ms};
    if (capture->open()) return capture.release();
    say(why, "");
  } catch (const std::exception& error) {
    say(why, error.what());
  }
  return nullptr;
}

void close(Capture* capture) noexcept { delete capture; }

// What `call` returns; `otherwise` where OpenCV throws.
template <class Answer, class Call>
Answer guarded(Answer otherwise, const Call& call) noexcept {
  try {
    return call();
  } catch (const std::exception&) {
    return otherwise;
  }
}

bool open_again(Capture* capture) noexcept {
  return guarded(false, [&] { return capture->open(); });
}

Outcome grab(Capture* capture) noexcept {
  return guarded(Outcome::failed,
                 [&] { return capture->video.grab() ? Outcome::ok : Outcome::nothing; });
}

// False for pictures that no view can say (16 bits, four channels).
bool view_of(const cv::Mat& picture, PictureView& view) noexcept {
  if (picture.empty() || (picture.type() != CV_8UC3 && picture.type() != CV_8UC1)) return false;
  view = {picture.data, picture.cols, picture.rows, picture.channels(), picture.step[0]};
  return true;
}

Outcome retrieve(Capture* capture, PictureView* picture) noexcept {
  return guarded(Outcome::failed, [&] {
    const bool got = capture->video.retrieve(capture->picture);
    return got && view_of(capture->picture, *picture) ? Outcome::ok : Outcome::nothing;
  });
}

double get(Capture* capture, Value value) noexcept {
  return guarded(0.0, [&] { return capture->video.get(property_of(value)); });
}

void ask(Capture* capture, std::int32_t width, std::int32_t height, double fps) noexcept {
  try {
    // MJPEG: YUYV at 640x480 and 30 frames a second already fills USB 2. Cameras without it refuse.
    capture->video.set(cv::CAP_PROP_FOURCC, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'));
    if (width > 0) {
      capture->video.set(cv::CAP_PROP_FRAME_WIDTH, width);
      capture->video.set(cv::CAP_PROP_FRAME_HEIGHT, height);
    }
    if (fps > 0) capture->video.set(cv::CAP_PROP_FPS, fps);
  } catch (const std::exception&) {  // it stays as it was, which the frames show
  }
}

Outcome decode(const void* bytes, std::size_t size, const TakePicture* take) noexcept {
  return guarded(Outcome::nothing, [&] {
    // imdecode() takes a mutable pointer but only reads.
    const cv::Mat input(1, static_cast<int>(size), CV_8UC1, const_cast<void*>(bytes));
    const cv::Mat decoded = cv::imdecode(input, cv::IMREAD_COLOR);
    PictureView view;
    if (decoded.type() != CV_8UC3 || !view_of(decoded, view)) return Outcome::nothing;
    return take->take(take->context, &view) ? Outcome::ok : Outcome::failed;
  });
}

Outcome encode_jpeg(const PictureView* picture, std::int32_t quality, const TakeBytes* take,
                    Sentence* why) noexcept {
  try {
    // imencode() takes a mutable pointer but only reads.
    const cv::Mat view(picture->height, picture->width, picture->channels == 1 ? CV_8UC1 : CV_8UC3,
                       const_cast<std::uint8_t*>(picture->data), picture->stride);
    std::vector<std::uint8_t> bytes;
    if (!cv::imencode(".jpg", view, bytes, {cv::IMWRITE_JPEG_QUALITY, quality}))
      return Outcome::nothing;
    return take->take(take->context, bytes.data(), bytes.size()) ? Outcome::ok : Outcome::failed;
  } catch (const std::exception& error) {
    say(why, error.what());
    return Outcome::failed;
  }
}

constexpr PluginTable kTable{.abi_version = kAbiVersion,
                             .opencv_version = CV_VERSION,
                             .open = open,
                             .close = close,
                             .open_again = open_again,
                             .grab = grab,
                             .retrieve = retrieve,
                             .get = get,
                             .ask = ask,
                             .decode = decode,
                             .encode_jpeg = encode_jpeg};

}  // namespace
}  // namespace pinfer::cv_abi

extern "C" __attribute__((visibility("default"))) const void* pinfer_opencv_plugin();
extern "C" const void* pinfer_opencv_plugin() { return &pinfer::cv_abi::kTable; }
