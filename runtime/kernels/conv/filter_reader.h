// SPDX-License-Identifier: Apache-2.0
// FilterReader: the filter of a convolution in blocks of taps, in the order in which the
// micro-kernels' windows lie; what pack.cc writes into tiles.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/kernels/conv/tiles.h"

namespace pinfer {

inline constexpr std::int32_t kBlock = 16;

// Part of a run of taps. Weights beyond the limit take several parts.
struct TapBlock {
  std::int32_t run = 0, at = 0, bytes = 0, part = 0, parts = 1;
};

// Reads the filter in the order of the windows.
struct FilterReader {
  const ConvArgs& args;
  const ConvTiling& tiling;
  ConvWindows windows;
  std::int64_t taps = 0;      // of a channel
  std::int32_t run_taps = 0;  // of a run that the micro-kernel sees, without its padding

  FilterReader(const ConvArgs& a, const ConvTiling& t)
      : args(a), tiling(t), windows(conv_windows(a.shape, t.k_step)) {
    const ConvShape& s = a.shape;
    taps = static_cast<std::int64_t>(s.filter_height) * s.filter_width * s.in_channels;
    run_taps = static_cast<std::int32_t>(taps / windows.k_runs);
  }

  [[nodiscard]] const std::int8_t* channel_taps(std::int32_t channel) const {
    return static_cast<const std::int8_t*>(args.filter) + channel * taps;
  }

  // Is any weight minus zero point of these channels beyond the limit?
  [[nodiscard]] bool splits(std::int32_t first, std::int32_t width) const {
    const std::int32_t zero = args.filter_zero, limit = tiling.weight_limit;
    if (128 + std::abs(zero) <= limit) return false;
    const std::int32_t end = std::min(first + width, args.shape.out_channels);
    const std::int8_t* from = channel_taps(first);
    const std::int64_t count = taps * (end - first);
    std::int8_t low = 127, high = -128;
    for (std::int64_t i = 0; i < count; ++i) {
      low = std::min(low, from[i]);
      high = std::max(high, from[i]);
    }
    return low - zero < -limit || high - zero > std::min(limit, 127);
  }

  // The weight of one tap minus the zero point; 0 in the padding.
  [[nodiscard]] std::int32_t tap(std::int32_t channel, const TapBlock& block,
                                 std::int32_t i) const {
    const std::int32_t depth = args.shape.in_channels, at = block.at + i;
    std::int32_t place = at;
    if (windows.pixel_bytes != depth) {
      if (at % windows.pixel_bytes >= depth) return 0;
      place = at / windows.pixel_bytes * depth + at % windows.pixel_bytes;
    } else if (at >= run_taps) {
      return 0;
    }
    return channel_taps(channel)[static_cast<std::int64_t>(block.run) * run_taps + place] -
           args.filter_zero;
  }

  // Do the filter's bytes at the block, kBlock of them, lie as the block's weights do?
  [[nodiscard]] bool together(const TapBlock& block) const {
    return windows.pixel_bytes == args.shape.in_channels && block.at + kBlock <= run_taps;
  }
  // Those bytes of one channel, of a block whose taps lie together.
  [[nodiscard]] const std::int8_t* bytes_of(std::int32_t channel, const TapBlock& block) const {
    return channel_taps(channel) + static_cast<std::int64_t>(block.run) * run_taps + block.at;
  }

  // The weights of one channel and block, kBlock of them, limited to those of its part.
  void read(std::int32_t channel, const TapBlock& block, std::int8_t* to) const {
    if (channel >= args.shape.out_channels) {
      std::memset(to, 0, kBlock);
      return;
    }
    if (block.parts == 1 && together(block)) {
      const auto zero = static_cast<std::int8_t>(args.filter_zero);
      const std::int8_t* from = bytes_of(channel, block);
      for (std::int32_t i = 0; i < kBlock; ++i) to[i] = static_cast<std::int8_t>(from[i] - zero);
      return;
    }
    const std::int32_t high = std::min(tiling.weight_limit, 127), low = -tiling.weight_limit;
    for (std::int32_t i = 0; i < kBlock; ++i) {
      std::int32_t rest = i < block.bytes ? tap(channel, block, i) : 0;
      for (std::int32_t part = 0; part < block.part; ++part) rest -= std::clamp(rest, low, high);
      to[i] = static_cast<std::int8_t>(std::clamp(rest, low, high));
    }
  }

  // How many parts the largest weight of a block needs.
  [[nodiscard]] std::int32_t parts(std::int32_t first, std::int32_t width,
                                   const TapBlock& block) const {
    const std::int32_t high = std::min(tiling.weight_limit, 127), low = -tiling.weight_limit;
    const std::int32_t end = std::min(first + width, args.shape.out_channels);
    if (together(block)) {
      std::int8_t least = 127, largest = -128;
      for (std::int32_t c = first; c < end; ++c) {
        const std::int8_t* from = bytes_of(c, block);
        for (std::int32_t i = 0; i < kBlock; ++i) {
          least = std::min(least, from[i]);
          largest = std::max(largest, from[i]);
        }
      }
      // What a block of 8 or 4 sees beyond its end may cost it a part of zeros.
      const std::int32_t zero = args.filter_zero;
      return std::max({1, (largest - zero + high - 1) / high, (least - zero + low + 1) / low});
    }
    std::int32_t most = 1;
    for (std::int32_t c = first; c < end; ++c)
      for (std::int32_t i = 0; i < block.bytes; ++i) {
        const std::int32_t w = tap(c, block, i);
        most = std::max(most, w > 0 ? (w + high - 1) / high : (w + low + 1) / low);
      }
    return most;
  }

  template <class Visit>
  void for_blocks(std::int32_t bytes, const Visit& visit) const {
    const std::int32_t k = windows.k_bytes;
    for (std::int32_t run = 0; run < windows.k_runs; ++run) {
      if (bytes < kBlock) {
        if ((k & bytes) != 0) visit(TapBlock{run, k & ~(2 * bytes - 1), bytes});
        continue;
      }
      for (std::int32_t at = 0; at + kBlock <= k; at += kBlock) visit(TapBlock{run, at, kBlock});
    }
  }
  // Each part of each block.
  template <class Visit>
  void for_parts(std::int32_t bytes, std::int32_t first, std::int32_t width, bool split,
                 const Visit& visit) const {
    for_blocks(bytes, [&](TapBlock block) {
      block.parts = split ? parts(first, width, block) : 1;
      for (block.part = 0; block.part < block.parts; ++block.part) visit(block);
    });
  }

  [[nodiscard]] std::int32_t offset(const TapBlock& block) const {
    const std::int64_t run = windows.gathered ? 0 : conv_run_offset(args.shape, windows, block.run);
    return static_cast<std::int32_t>(run + block.at);
  }
};

}  // namespace pinfer
