// SPDX-License-Identifier: Apache-2.0
// How the windows of a packed convolution lie in memory, and the copy of the input with a border.
#include <algorithm>
#include <cstring>

#include "runtime/core/checked.h"
#include "runtime/kernels/conv/tiles.h"

namespace pinfer {
namespace {

// Windows of more taps than this widen the channels instead of being gathered.
constexpr std::int64_t kGatherBytes = 1024;
// Bytes behind the scratch that copies of 16 bytes may read.
constexpr std::size_t kSlack = 64;

// Input rows or columns that windows span.
std::int64_t span(std::int32_t out, std::int32_t stride, std::int32_t filter,
                  std::int32_t dilation) {
  return static_cast<std::int64_t>(out - 1) * stride +
         static_cast<std::int64_t>(filter - 1) * dilation + 1;
}

std::int32_t widened(std::int32_t bytes, std::int32_t step) {
  return (bytes + step - 1) / step * step;
}

}  // namespace

ConvWindows conv_windows(const ConvShape& s, std::int32_t k_step) noexcept {
  ConvWindows w;
  const std::int64_t height = span(s.out_height, s.stride_h, s.filter_height, s.dilation_h);
  const std::int64_t width = span(s.out_width, s.stride_w, s.filter_width, s.dilation_w);
  const bool inside =
      s.pad_top == 0 && s.pad_left == 0 && height <= s.in_height && width <= s.in_width;
  const bool joined = s.dilation_w == 1 || s.filter_width == 1;
  const std::int32_t taps = joined ? s.filter_width : 1;
  w.runs_per_row = s.filter_width / taps;
  w.runs = s.filter_height * w.runs_per_row;
  const std::int64_t all = static_cast<std::int64_t>(w.runs) * taps * s.in_channels;
  const bool uneven = taps * s.in_channels % k_step != 0;
  const bool tiny = w.runs > 1 && taps * s.in_channels < 16;
  w.gathered = all <= kGatherBytes && (uneven || tiny);
  w.pixel_bytes = uneven && !w.gathered ? widened(s.in_channels, k_step) : s.in_channels;
  w.arranged = !inside || w.pixel_bytes != s.in_channels;
  w.row_bytes = (w.arranged ? width : s.in_width) * w.pixel_bytes;
  w.rows = w.arranged ? height : s.in_height;
  w.run_bytes = taps * w.pixel_bytes;
  w.k_runs = w.gathered ? 1 : w.runs;
  w.k_bytes = w.gathered ? widened(w.runs * w.run_bytes, k_step) : w.run_bytes;
  return w;
}

std::int64_t conv_run_offset(const ConvShape& s, const ConvWindows& w, std::int32_t run) noexcept {
  return static_cast<std::int64_t>(run / w.runs_per_row) * s.dilation_h * w.row_bytes +
         static_cast<std::int64_t>(run % w.runs_per_row) * s.dilation_w * w.pixel_bytes;
}

bool conv_tiles_suit(const ConvShape& s, const ConvTiling& tiling) noexcept {
  if (s.groups != 1) return false;
  const std::int64_t height = span(s.out_height, s.stride_h, s.filter_height, s.dilation_h);
  const std::int64_t width = span(s.out_width, s.stride_w, s.filter_width, s.dilation_w);
  const auto pixels = checked_mul(height, width);
  if (!pixels) return false;
  const auto padded = checked_mul<std::int64_t>(*pixels, widened(s.in_channels, tiling.k_step));
  const std::int64_t input = static_cast<std::int64_t>(s.in_height) * s.in_width * s.in_channels;
  constexpr std::int64_t kTimes = 16, kMore = 1 << 20, kLargest = 1 << 30;
  return padded && *padded <= std::min(input * kTimes + kMore, kLargest) && input <= kLargest;
}

std::size_t conv_tiles_scratch(const ConvArgs& args, const ConvTiling& tiling) noexcept {
  const ConvWindows w = conv_windows(args.shape, tiling.k_step);
  if (!w.arranged) return 0;
  return static_cast<std::size_t>(args.shape.batches * w.rows * w.row_bytes) + kSlack;
}

std::int64_t conv_tiles_rows(const ConvArgs& args, const ConvTiling& tiling) noexcept {
  const ConvWindows w = conv_windows(args.shape, tiling.k_step);
  return w.arranged ? args.shape.batches * w.rows : 0;
}

void arrange_conv_tiles(const ConvArgs& args, const ConvTiling& tiling, std::int64_t begin,
                        std::int64_t end) noexcept {
  const ConvShape& s = args.shape;
  const ConvWindows w = conv_windows(s, tiling.k_step);
  const std::int64_t columns = w.row_bytes / w.pixel_bytes;
  const std::int64_t inside = std::clamp<std::int64_t>(columns - s.pad_left, 0, s.in_width);
  const auto left =
      static_cast<std::size_t>(std::min<std::int64_t>(s.pad_left, columns) * w.pixel_bytes);
  const std::size_t pixel = static_cast<std::size_t>(w.pixel_bytes);
  const auto depth = static_cast<std::size_t>(s.in_channels);
  const auto* input = static_cast<const std::byte*>(args.input);
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t batch = row / w.rows, y = row % w.rows - s.pad_top;
    std::byte* to = args.scratch + row * w.row_bytes;
    const auto all = static_cast<std::size_t>(w.row_bytes);
    if (y < 0 || y >= s.in_height) {
      std::memset(to, args.input_zero, all);
      continue;
    }
    const std::byte* from = input + (batch * s.in_height + y) * s.in_width * s.in_channels;
    std::memset(to, args.input_zero, left);
    const std::size_t middle = static_cast<std::size_t>(inside) * pixel;
    if (pixel == depth) {
      std::memcpy(to + left, from, middle);
    } else {
      for (std::int64_t x = 0; x < inside; ++x)
        std::memcpy(to + left + static_cast<std::size_t>(x) * pixel,
                    from + static_cast<std::size_t>(x) * depth, depth);
    }
    std::memset(to + left + middle, args.input_zero, all - left - middle);
  }
}

}  // namespace pinfer
