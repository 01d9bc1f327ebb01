// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/picture/picture_columns.h"

#include <algorithm>

namespace pinfer {
namespace {

constexpr std::int32_t kPixel = 3, kWindow = 16, kLanes = 4;

}  // namespace

PictureColumns::PictureColumns(std::span<const PictureTap> taps, const int (&order)[3],
                               std::int32_t row_bytes) {
  const auto values = static_cast<std::int32_t>(taps.size()) * kPixel;
  quads_ = (values + kPictureStep - 1) / kPictureStep * (kPictureStep / kLanes);
  const auto count = static_cast<std::size_t>(quads_);
  offsets_.resize(2 * count);
  lower_.assign(count * kWindow, 0xff);
  upper_.assign(count * kWindow, 0xff);
  fractions_.resize(count * kLanes);
  const auto tap_of = [&](std::int32_t value) -> const PictureTap& {
    return taps[static_cast<std::size_t>(std::min(value, values - 1) / kPixel)];
  };
  // A quad has values of at most two pixels; near: 16 bytes hold both of them.
  near_ = true;
  for (std::int32_t q = 0; q < quads_ && near_; ++q)
    near_ = tap_of(q * kLanes + 3).upper + kPixel - tap_of(q * kLanes).lower <= kWindow;
  const std::int32_t window = near_ ? kWindow : kWindow / 2;
  for (std::int32_t q = 0; q < quads_; ++q) {
    const auto at = static_cast<std::size_t>(q);
    const std::int32_t first = std::min(tap_of(q * kLanes).lower, row_bytes - window);
    const std::int32_t last = std::min(tap_of(q * kLanes + 3).lower, row_bytes - window);
    if (near_) {
      offsets_[at] = first;
    } else {
      offsets_[2 * at] = first;
      offsets_[2 * at + 1] = last;
    }
    for (std::int32_t lane = 0; lane < kLanes; ++lane) {
      const std::int32_t value = std::min(q * kLanes + lane, values - 1);
      const PictureTap& tap = tap_of(value);
      const bool second = !near_ && &tap != &tap_of(q * kLanes);
      const std::int32_t shift = second ? window - last : -first;
      const std::int32_t byte = order[value % kPixel] + shift;
      const auto place = at * kWindow + static_cast<std::size_t>(lane * kLanes);
      lower_[place] = static_cast<std::uint8_t>(tap.lower + byte);
      upper_[place] = static_cast<std::uint8_t>(tap.upper + byte);
      fractions_[at * kLanes + static_cast<std::size_t>(lane)] = tap.fraction;
    }
  }
}

}  // namespace pinfer
