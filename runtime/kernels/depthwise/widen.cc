// SPDX-License-Identifier: Apache-2.0
// What the int8 variants do to the input before a run: a row of zero points, and pixels widened to
// a channel for each output channel where there are fewer.
#include <algorithm>
#include <cstring>

#include "runtime/kernels/depthwise/layout.h"

namespace pinfer {
namespace {

std::size_t aligned(std::size_t bytes) noexcept { return (bytes + 63) / 64 * 64; }

template <std::int32_t kLanes>
bool is_widened(const ConvShape& s) noexcept {
  return s.in_channels != s.out_channels || s.out_channels < kLanes;
}

template <std::int32_t kLanes>
std::size_t zero_row_bytes(const ConvShape& s) noexcept {
  return aligned(static_cast<std::size_t>(s.in_width) *
                 static_cast<std::size_t>(depthwise_pixel_bytes<kLanes>(s)));
}

// Pixels of `bytes`: every input channel repeated `times` times, then zeros.
void repeat_channels(const std::int8_t* from, std::int64_t pixels, std::int32_t channels,
                     std::int32_t times, std::int8_t* to, std::int32_t bytes) noexcept {
  for (; pixels > 0; --pixels, from += channels) {
    std::int8_t* const end = to + bytes;
    for (std::int32_t c = 0; c < channels; ++c, to += times)
      std::memset(to, from[c], static_cast<std::size_t>(times));
    std::memset(to, 0, static_cast<std::size_t>(end - to));
    to = end;
  }
}

// Pixels of fewer channels than a group, a group apart. Nobody looks at the lanes beyond: whole
// groups are copied while the input goes on that far.
template <std::int32_t kLanes>
void spread_pixels(const std::int8_t* from, std::int64_t pixels, std::int32_t channels,
                   std::int8_t* to) noexcept {
  const std::int64_t last = (kLanes + channels - 1) / channels;
  for (; pixels > last; --pixels, from += channels, to += kLanes) std::memcpy(to, from, kLanes);
  repeat_channels(from, pixels, channels, 1, to, kLanes);
}

}  // namespace

template <std::int32_t kLanes>
std::int32_t depthwise_pixel_bytes(const ConvShape& shape) noexcept {
  return std::max(shape.out_channels, kLanes);
}

template <std::int32_t kLanes>
const std::int8_t* depthwise_pixels(const DepthwiseArgs& args) noexcept {
  if (!is_widened<kLanes>(args.shape)) return static_cast<const std::int8_t*>(args.input);
  return reinterpret_cast<const std::int8_t*>(args.scratch + zero_row_bytes<kLanes>(args.shape));
}

template <std::int32_t kLanes>
std::size_t depthwise_scratch_bytes(const DepthwiseArgs& args) noexcept {
  const ConvShape& s = args.shape;
  const std::size_t rows = is_widened<kLanes>(s) ? static_cast<std::size_t>(s.batches) *
                                                       static_cast<std::size_t>(s.in_height)
                                                 : 0;
  return zero_row_bytes<kLanes>(s) + rows * static_cast<std::size_t>(s.in_width) *
                                         static_cast<std::size_t>(depthwise_pixel_bytes<kLanes>(s));
}

// Unit 0 is the row of zero points; the others are rows of input.
template <std::int32_t kLanes>
std::int64_t depthwise_arrange_units(const DepthwiseArgs& args) noexcept {
  return 1 + (is_widened<kLanes>(args.shape)
                  ? static_cast<std::int64_t>(args.shape.batches) * args.shape.in_height
                  : 0);
}

template <std::int32_t kLanes>
void depthwise_arrange(const DepthwiseArgs& args, std::int64_t begin, std::int64_t end) noexcept {
  const ConvShape& s = args.shape;
  if (begin == 0) {
    std::memset(args.scratch, args.input_zero, zero_row_bytes<kLanes>(s));
    ++begin;
  }
  if (!is_widened<kLanes>(s)) return;
  const std::int32_t bytes = depthwise_pixel_bytes<kLanes>(s);
  const std::int64_t first = (begin - 1) * s.in_width, pixels = (end - begin) * s.in_width;
  const auto* from = static_cast<const std::int8_t*>(args.input) + first * s.in_channels;
  auto* to =
      reinterpret_cast<std::int8_t*>(args.scratch + zero_row_bytes<kLanes>(s)) + first * bytes;
  if (s.in_channels == s.out_channels)
    spread_pixels<kLanes>(from, pixels, s.in_channels, to);
  else
    repeat_channels(from, pixels, s.in_channels, s.out_channels / s.in_channels, to, bytes);
}

template std::size_t depthwise_scratch_bytes<8>(const DepthwiseArgs&) noexcept;
template std::int64_t depthwise_arrange_units<8>(const DepthwiseArgs&) noexcept;
template void depthwise_arrange<8>(const DepthwiseArgs&, std::int64_t, std::int64_t) noexcept;
template const std::int8_t* depthwise_pixels<8>(const DepthwiseArgs&) noexcept;
template std::int32_t depthwise_pixel_bytes<8>(const ConvShape&) noexcept;
template std::size_t depthwise_scratch_bytes<16>(const DepthwiseArgs&) noexcept;
template std::int64_t depthwise_arrange_units<16>(const DepthwiseArgs&) noexcept;
template void depthwise_arrange<16>(const DepthwiseArgs&, std::int64_t, std::int64_t) noexcept;
template const std::int8_t* depthwise_pixels<16>(const DepthwiseArgs&) noexcept;
template std::int32_t depthwise_pixel_bytes<16>(const ConvShape&) noexcept;

}  // namespace pinfer
