// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/picture_header.h"

#include <algorithm>
#include <array>
#include <optional>

#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

// Reads numbers at offsets; a read past the end gives 0 and is remembered.
class Bytes final {
 public:
  explicit Bytes(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] std::uint32_t at(std::size_t offset) noexcept {
    if (offset >= bytes_.size()) {
      overrun_ = true;
      return 0;
    }
    return std::to_integer<std::uint32_t>(bytes_[offset]);
  }
  [[nodiscard]] std::uint32_t big(std::size_t offset, int count) noexcept {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | at(offset + static_cast<std::size_t>(i));
    return value;
  }
  [[nodiscard]] std::uint32_t little(std::size_t offset, int count) noexcept {
    std::uint32_t value = 0;
    for (int i = count; i-- > 0;) value = value << 8 | at(offset + static_cast<std::size_t>(i));
    return value;
  }
  [[nodiscard]] bool overrun() const noexcept { return overrun_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  bool overrun_ = false;
};

bool starts_with(std::span<const std::byte> bytes, std::string_view text) noexcept {
  return bytes.size() >= text.size() &&
         std::equal(text.begin(), text.end(), reinterpret_cast<const char*>(bytes.data()));
}

PictureSize png_size(Bytes& bytes) noexcept { return {bytes.big(16, 4), bytes.big(20, 4)}; }

PictureSize bmp_size(Bytes& bytes) noexcept {
  if (bytes.little(14, 4) == 12) return {bytes.little(18, 2), bytes.little(20, 2)};
  const auto width = static_cast<std::int32_t>(bytes.little(18, 4));
  // Negative: the rows go from top to bottom.
  const auto height = static_cast<std::int32_t>(bytes.little(22, 4));
  return {width, height < 0 ? -static_cast<std::int64_t>(height) : height};
}

// Walks the segments to the first frame header (SOFn).
PictureSize jpeg_size(Bytes& bytes) noexcept {
  std::size_t at = 2;
  while (at < bytes.size()) {
    if (bytes.at(at) != 0xff) break;
    const std::uint32_t marker = bytes.at(at + 1);
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    const bool frame =
        marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) return {bytes.big(at + 7, 2), bytes.big(at + 5, 2)};
    const bool alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (marker == 0xd9 || marker == 0xda) break;  // the end, or pixels without a frame header
    const std::uint32_t length = alone ? 0 : bytes.big(at + 2, 2);
    if (!alone && length < 2) break;
    at += 2 + length;
  }
  return {};
}

// "P6 # comment\n 320 240 255\n"
PictureSize pnm_size(Bytes& bytes) noexcept {
  std::array<std::int64_t, 2> numbers{};
  std::size_t at = 2;
  for (std::int64_t& number : numbers) {
    for (bool comment = false; at < bytes.size(); ++at) {
      const std::uint32_t c = bytes.at(at);
      if (c == '#') comment = true;
      if (c == '\n') comment = false;
      if (!comment && c > ' ') break;
    }
    for (; at < bytes.size() && bytes.at(at) >= '0' && bytes.at(at) <= '9'; ++at)
      number = std::min<std::int64_t>(number * 10 + (bytes.at(at) - '0'), 1 << 30);
  }
  return {numbers[0], numbers[1]};
}

}  // namespace

Result<PictureSize> read_picture_size(std::span<const std::byte> data, std::string_view name) {
  Bytes bytes(data);
  PictureSize size;
  if (starts_with(data, "\x89PNG\r\n\x1a\n")) {
    size = png_size(bytes);
  } else if (starts_with(data, "\xff\xd8\xff")) {
    size = jpeg_size(bytes);
  } else if (starts_with(data, "BM")) {
    size = bmp_size(bytes);
  } else if (starts_with(data, "P5") || starts_with(data, "P6")) {
    size = pnm_size(bytes);
  } else {
    return fail(ErrorCode::unsupported,
                "{}: not a picture that Pinfer reads (PNG, JPEG, BMP, PGM, PPM)", name);
  }
  if (bytes.overrun() || size.width <= 0 || size.height <= 0)
    return fail(ErrorCode::io, "{}: the picture's header is damaged", name);
  if (size.width > kMaxPixels || size.height > kMaxPixels || size.width * size.height > kMaxPixels)
    return fail(ErrorCode::over_budget, "{}: a picture of {}x{}; the limit is {} pixels", name,
                size.width, size.height, kMaxPixels);
  return size;
}

}  // namespace pinfer
