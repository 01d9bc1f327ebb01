// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/picture.h"

#include <cstring>
#include <exception>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "drivers/camera/picture_header.h"
#include "runtime/core/mapped_file.h"

namespace pinfer {

Result<Picture> decode_picture(std::span<const std::byte> bytes, std::string_view name) {
  PINFER_CHECK(read_picture_size(bytes, name));
  cv::Mat decoded;
  try {
    // imdecode() takes a mutable pointer but only reads.
    const cv::Mat input(1, static_cast<int>(bytes.size()), CV_8UC1,
                        const_cast<std::byte*>(bytes.data()));
    decoded = cv::imdecode(input, cv::IMREAD_COLOR);
  } catch (const std::exception&) {
    decoded.release();
  }
  if (decoded.empty() || decoded.type() != CV_8UC3)
    return fail(ErrorCode::io, "{}: the picture is damaged", name);
  Picture picture;
  picture.width = decoded.cols;
  picture.height = decoded.rows;
  const std::size_t row = static_cast<std::size_t>(decoded.cols) * 3;
  PINFER_TRY(picture.pixels, AlignedBuffer::create(row * static_cast<std::size_t>(decoded.rows)));
  for (int y = 0; y < decoded.rows; ++y)
    std::memcpy(picture.pixels.data() + static_cast<std::size_t>(y) * row, decoded.ptr(y), row);
  return picture;
}

Result<Picture> load_picture(const std::string& path) {
  PINFER_TRY(const MappedFile file, MappedFile::open(path, kMaxPictureFileBytes));
  return decode_picture(file.span(), path);
}

}  // namespace pinfer
