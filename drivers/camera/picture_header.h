// SPDX-License-Identifier: Apache-2.0
// The size of a PNG, JPEG, BMP or PNM picture, read from its header before anything is decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/core/result.h"

namespace pinfer {

struct PictureSize {
  std::int64_t width = 0;
  std::int64_t height = 0;

  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

// Errors, all naming `name`: unsupported (another format), io (damaged header, no pixels),
// over_budget (more than kMaxPixels).
Result<PictureSize> read_picture_size(std::span<const std::byte> bytes, std::string_view name);

}  // namespace pinfer
