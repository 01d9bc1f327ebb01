// SPDX-License-Identifier: Apache-2.0
// Picture: one decoded PNG, JPEG, BMP or PNM file, owned.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "drivers/camera/frame_source.h"
#include "runtime/core/aligned_buffer.h"
#include "runtime/core/result.h"

namespace pinfer {

inline constexpr std::uint64_t kMaxPictureFileBytes = 64u << 20;

struct Picture {
  AlignedBuffer pixels;  // bgr8, rows without gaps
  int width = 0;
  int height = 0;

  // As a frame; sequence and time are zero.
  [[nodiscard]] Frame view() const noexcept {
    return {.data = reinterpret_cast<const std::uint8_t*>(pixels.data()),
            .width = width,
            .height = height,
            .stride = static_cast<std::size_t>(width) * 3,
            .format = PixelFormat::bgr8,
            .sequence = 0,
            .captured_at = {}};
  }
};

// Errors: those of read_picture_size() and MappedFile::open(), io (damaged), unsupported (built
// without OpenCV), unavailable (OpenCV is not installed). The size is judged before anything is
// decoded.
Result<Picture> load_picture(const std::string& path);

// The same from memory; `name` is for messages.
Result<Picture> decode_picture(std::span<const std::byte> bytes, std::string_view name);

// `frame` (bgr8 or gray8) as a JPEG; quality 1 .. 100. Errors: unsupported, unavailable, io.
Result<std::vector<std::byte>> encode_jpeg(const Frame& frame, int quality);

}  // namespace pinfer
