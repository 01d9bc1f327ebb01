// SPDX-License-Identifier: Apache-2.0
// OpenCV behind its plug-in (opencv/abi.h), which is loaded with the first camera, clip or picture:
// OpenCV brings 200 libraries and 70 MB, which programs that need none of it do without.
#pragma once

#include <memory>
#include <string>

#include "drivers/camera/frame_source.h"
#include "drivers/camera/opencv/abi.h"
#include "runtime/core/result.h"

namespace pinfer {

// Stays valid. Error unavailable: the plug-in or a library of OpenCV is not installed, and how to.
Result<const cv_abi::PluginTable*> opencv_table();

// An open cv::VideoCapture.
class OpenCvCapture final {
 public:
  struct Request {
    std::string target;  // a device, file, URL or pipeline
    cv_abi::Reader reader = cv_abi::Reader::ffmpeg;
    int timeout_ms = 0;  // 0: OpenCV's own
  };

  // Errors: unavailable, io (OpenCV threw).
  static Result<OpenCvCapture> open(const cv_abi::PluginTable& opencv, const Request& request);

  bool open_again() noexcept { return opencv().open_again(capture_.get()); }
  cv_abi::Outcome grab() noexcept { return opencv().grab(capture_.get()); }
  // Fills what there is to see; valid until the next call.
  cv_abi::Outcome retrieve(Frame& frame) noexcept;
  [[nodiscard]] double get(cv_abi::Value value) const noexcept {
    return opencv().get(capture_.get(), value);
  }
  void ask(int width, int height, double fps) noexcept {
    opencv().ask(capture_.get(), width, height, fps);
  }

 private:
  struct Close {
    const cv_abi::PluginTable* opencv = nullptr;
    void operator()(cv_abi::Capture* capture) const noexcept { opencv->close(capture); }
  };
  OpenCvCapture(const cv_abi::PluginTable& opencv, cv_abi::Capture* capture)
      : capture_(capture, Close{&opencv}) {}
  [[nodiscard]] const cv_abi::PluginTable& opencv() const noexcept {
    return *capture_.get_deleter().opencv;
  }

  std::unique_ptr<cv_abi::Capture, Close> capture_;
};

}  // namespace pinfer
