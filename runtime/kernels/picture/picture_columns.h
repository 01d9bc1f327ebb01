// SPDX-License-Identifier: Apache-2.0
// PictureColumns: the tables of the vector variants, made once for a picture and an input.
#pragma once

#include <vector>

#include "runtime/kernels/picture/picture.h"

namespace pinfer {

// Precondition of the constructor that takes taps: three bytes a pixel, row_bytes >= 16.
class PictureColumns final {
 public:
  PictureColumns() = default;
  PictureColumns(std::span<const PictureTap> taps, const int (&order)[3], std::int32_t row_bytes);

  // Views of this object.
  [[nodiscard]] PictureTable table() const noexcept {
    return {quads_, near_, offsets_.data(), lower_.data(), upper_.data(), fractions_.data()};
  }

 private:
  std::int32_t quads_ = 0;
  bool near_ = false;
  std::vector<std::int32_t> offsets_;
  std::vector<std::uint8_t> lower_, upper_;
  std::vector<float> fractions_;
};

}  // namespace pinfer
