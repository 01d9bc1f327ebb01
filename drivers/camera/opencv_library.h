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

  // Errors: those of opencv_table(), unavailable, io (OpenCV threw).
  static Result<OpenCvCapture> open(const Request& request);

  bool open_again() noexcept { return table_->open_again(capture_.get()); }
  cv_abi::Outcome grab() noexcept { return table_->grab(capture_.get()); }
  // Fills what there is to see; valid until the next call.
  cv_abi::Outcome retrieve(Frame& frame) noexcept;
  [[nodiscard]] double get(cv_abi::Value value) const noexcept {
    return table_->get(capture_.get(), value);
  }
  void ask(int width, int height, double fps) noexcept {
    table_->ask(capture_.get(), width, height, fps);
  }

 private:
  struct Close {
    const cv_abi::PluginTable* table = nullptr;
    void operator()(cv_abi::Capture* capture) const noexcept { table->close(capture); }
  };
  OpenCvCapture(const cv_abi::PluginTable* table, cv_abi::Capture* capture)
      : table_(table), capture_(capture, Close{table}) {}

  const cv_abi::PluginTable* table_;
  std::unique_ptr<cv_abi::Capture, Close> capture_;
};

}  // namespace pinfer
