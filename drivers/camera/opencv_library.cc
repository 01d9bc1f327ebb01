// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/opencv_library.h"

#include "drivers/camera/address.h"
#include "runtime/core/plugin_file.h"

namespace pinfer {

Result<const cv_abi::PluginTable*> opencv_table() {
  const auto loaded = load_plugin({cv_abi::kFileName, cv_abi::kEntryName, cv_abi::kAbiVersion, {}});
  if (loaded) return static_cast<const cv_abi::PluginTable*>(*loaded);
  const Error& error = loaded.error();
  const std::string package = missing_package(error.message, "libopencv_");
  return fail(error.code, "OpenCV: {}{}{}", error.message, package.empty() ? "" : "; apt install ",
              package);
}

Result<OpenCvCapture> OpenCvCapture::open(const cv_abi::PluginTable& opencv,
                                          const Request& request) {
  cv_abi::Sentence why;
  cv_abi::Capture* const capture =
      opencv.open(request.target.c_str(), request.reader, request.timeout_ms, &why);
  if (capture != nullptr) return OpenCvCapture(opencv, capture);
  const std::string target = without_credentials(request.target);
  if (why.text[0] != '\0') return fail(ErrorCode::io, "{}: {}", target, why.text);
  return fail(ErrorCode::unavailable, "{}: OpenCV cannot open it", target);
}

cv_abi::Outcome OpenCvCapture::retrieve(Frame& frame) noexcept {
  cv_abi::PictureView picture;
  const cv_abi::Outcome outcome = opencv().retrieve(capture_.get(), &picture);
  if (outcome != cv_abi::Outcome::ok) return outcome;
  frame.data = picture.data;
  frame.width = picture.width;
  frame.height = picture.height;
  frame.stride = picture.stride;
  frame.format = picture.channels == 1 ? PixelFormat::gray8 : PixelFormat::bgr8;
  return outcome;
}

}  // namespace pinfer
