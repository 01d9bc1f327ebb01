// SPDX-License-Identifier: Apache-2.0
// The hot half of Preprocess: row by row, through one kernel.
#include <cstring>

#include "apps/pipeline/preprocess.h"

namespace pinfer {

Status Preprocess::run(const Frame& frame, std::byte* input) noexcept {
  if (geometry_of(frame) != frame_) return Status::bad_value;
  PictureArgs args = args_;
  args.taps = taps_.data();
  args.table = columns_.table();
  args.mean = mean_.data();
  args.std = std_.data();
  const std::size_t pixel = layout_.pixel_step * size_of(args.shape.dtype);
  for (int y = 0; y < layout_.height; ++y) {
    std::byte* row =
        input + static_cast<std::size_t>(y) * static_cast<std::size_t>(layout_.width) * pixel;
    if (y < to_.y || y >= to_.y + to_.height) {
      store_bar(row, 0, layout_.width);
      continue;
    }
    const RowTap& tap = rows_[static_cast<std::size_t>(y - to_.y)];
    args.top = frame.data + static_cast<std::size_t>(tap.lower) * frame.stride;
    args.bottom = frame.data + static_cast<std::size_t>(tap.upper) * frame.stride;
    args.fraction = tap.fraction;
    args.out = row + static_cast<std::size_t>(to_.x) * pixel;
    kernel_->run(args);
    store_bar(row, 0, to_.x);
    store_bar(row, to_.x + to_.width, layout_.width);
  }
  return Status::ok;
}

// Columns [begin, end) of a row become padding.
void Preprocess::store_bar(std::byte* row, int begin, int end) const noexcept {
  const std::size_t element = size_of(args_.shape.dtype);
  const auto channels = static_cast<std::size_t>(layout_.channels);
  const auto first = static_cast<std::size_t>(begin), last = static_cast<std::size_t>(end);
  if (first >= last) return;
  if (layout_.pixel_step == channels) {
    const std::size_t pixel = channels * element;
    std::memcpy(row + first * pixel, bar_.data() + first * pixel, (last - first) * pixel);
    return;
  }
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t x = first; x < last; ++x)
      std::memcpy(row + (x * layout_.pixel_step + c * layout_.channel_step) * element,
                  bar_.data() + c * element, element);
}

}  // namespace pinfer
