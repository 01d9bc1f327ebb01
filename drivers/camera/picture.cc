// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/picture.h"

#include <cstring>

#include "drivers/camera/opencv_library.h"
#include "drivers/camera/picture_header.h"
#include "runtime/core/mapped_file.h"

namespace pinfer {
namespace {

struct Decoded {
  Picture picture;
  Result<void> copied;
};

bool copy_picture(void* context, const cv_abi::PictureView* from) noexcept {
  auto& decoded = *static_cast<Decoded*>(context);
  const std::size_t row = static_cast<std::size_t>(from->width) * 3;
  const auto rows = static_cast<std::size_t>(from->height);
  auto pixels = AlignedBuffer::create(row * rows);
  if (!pixels) {
    decoded.copied = tl::unexpected(std::move(pixels.error()));
    return false;
  }
  for (std::size_t y = 0; y < rows; ++y)
    std::memcpy(pixels->data() + y * row, from->data + y * from->stride, row);
  decoded.picture = {std::move(*pixels), from->width, from->height};
  return true;
}

}  // namespace

Result<Picture> decode_picture(std::span<const std::byte> bytes, std::string_view name) {
  PINFER_CHECK(read_picture_size(bytes, name));
  PINFER_TRY(const cv_abi::PluginTable* opencv, opencv_table());
  Decoded decoded;
  const cv_abi::TakePicture take{&decoded, copy_picture};
  const cv_abi::Outcome outcome = opencv->decode(bytes.data(), bytes.size(), &take);
  PINFER_CHECK(std::move(decoded.copied));
  if (outcome != cv_abi::Outcome::ok)
    return fail(ErrorCode::io, "{}: the picture is damaged", name);
  return std::move(decoded.picture);
}

Result<Picture> load_picture(const std::string& path) {
  PINFER_TRY(const MappedFile file, MappedFile::open(path, kMaxPictureFileBytes));
  return decode_picture(file.span(), path);
}

}  // namespace pinfer
