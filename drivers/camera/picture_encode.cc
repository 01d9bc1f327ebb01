// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <exception>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "drivers/camera/picture.h"

namespace pinfer {

Result<std::vector<std::byte>> encode_jpeg(const Frame& frame, int quality) {
  if (frame.format == PixelFormat::rgb8)
    return fail(ErrorCode::unsupported, "a JPEG is made of bgr8 and gray8 pictures");
  std::vector<std::uint8_t> bytes;
  try {
    const int type = frame.format == PixelFormat::gray8 ? CV_8UC1 : CV_8UC3;
    // imencode() takes a mutable pointer but only reads.
    const cv::Mat picture(frame.height, frame.width, type, const_cast<std::uint8_t*>(frame.data),
                          frame.stride);
    if (!cv::imencode(".jpg", picture, bytes, {cv::IMWRITE_JPEG_QUALITY, quality}))
      return fail(ErrorCode::io, "OpenCV cannot make a JPEG of {}x{} pixels", frame.width,
                  frame.height);
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, "cannot make a JPEG: {}", error.what());
  }
  const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
  return std::vector<std::byte>(first, first + bytes.size());
}

}  // namespace pinfer
