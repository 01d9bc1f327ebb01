// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <vector>

#include "drivers/camera/opencv_library.h"
#include "drivers/camera/picture.h"

namespace pinfer {
namespace {

bool copy_bytes(void* context, const void* bytes, std::size_t size) noexcept {
  const auto* const first = static_cast<const std::byte*>(bytes);
  try {
    static_cast<std::vector<std::byte>*>(context)->assign(first, first + size);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

Result<std::vector<std::byte>> encode_jpeg(const Frame& frame, int quality) {
  if (frame.format == PixelFormat::rgb8)
    return fail(ErrorCode::unsupported, "a JPEG is made of bgr8 and gray8 pictures");
  PINFER_TRY(const cv_abi::PluginTable* opencv, opencv_table());
  const cv_abi::PictureView picture{
      .data = frame.data,
      .width = frame.width,
      .height = frame.height,
      .channels = frame.format == PixelFormat::gray8 ? 1 : 3,
      .stride = frame.stride,
  };
  std::vector<std::byte> jpeg;
  const cv_abi::TakeBytes take{&jpeg, copy_bytes};
  cv_abi::Sentence why;
  switch (opencv->encode_jpeg(&picture, quality, &take, &why)) {
    case cv_abi::Outcome::ok:
      return jpeg;
    case cv_abi::Outcome::failed:
      return fail(ErrorCode::io, "cannot make a JPEG: {}", why.text);
    case cv_abi::Outcome::nothing:
      break;
  }
  return fail(ErrorCode::io, "OpenCV cannot make a JPEG of {}x{} pixels", frame.width,
              frame.height);
}

}  // namespace pinfer
