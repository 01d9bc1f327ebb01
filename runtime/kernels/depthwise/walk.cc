// SPDX-License-Identifier: Apache-2.0
// From a block of output rows and channels to strips: which rows, in which order, and where the
// results of a group that is not whole go.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "runtime/kernels/depthwise/layout.h"

namespace pinfer {
namespace {

constexpr std::int32_t kMaxRows = 32;     // output rows of one strip
constexpr std::int64_t kNearLines = 280;  // lines that rows of input and output may fill
constexpr std::int32_t kFewestColumns = 12;
constexpr std::int32_t kTileColumns = 32;  // columns computed aside for a group that is not whole

template <std::int32_t kLanes>
class Walk final {
 public:
  Walk(const DepthwiseArgs& args, const MacBlock& block, std::size_t group_bytes,
       DepthwiseStripFunction function) noexcept
      : args_(args),
        s_(args.shape),
        block_(block),
        function_(function),
        pixels_(depthwise_pixels<kLanes>(args)),
        ring_(args.ring.rows > 0),
        group_bytes_(group_bytes),
        stacked_(s_.dilation_h == 1 && s_.stride_h == s_.stride_w && s_.stride_h <= 2) {
    strip_.args = &args;
    strip_.in_pixel = ring_ ? args.ring.pixel_bytes : depthwise_pixel_bytes<kLanes>(s_);
    strip_.row_step = s_.stride_h;
    const std::int64_t reach = static_cast<std::int64_t>(s_.filter_width - 1) * s_.dilation_w;
    strip_.inside_end =
        clamp_column(last_inside(s_.in_width - 1 + std::int64_t{s_.pad_left} - reach));
  }

  void run() noexcept {
    const std::int32_t most = rows_at_once(), columns = columns_at_once(most);
    for (std::int64_t row = block_.row_begin; row < block_.row_end;) {
      const std::int64_t batch = row / s_.out_height, y = row % s_.out_height;
      const std::int64_t left = std::min(block_.row_end - row, s_.out_height - y);
      strip_.count = static_cast<std::int32_t>(std::min<std::int64_t>(left, most));
      find_rows(batch, y);
      for (std::int32_t c = block_.channel_begin; c < block_.channel_end;) {
        // Those of a ring lie close together.
        const std::int32_t line_end = c / kCacheLine * kCacheLine + kCacheLine;
        const std::int32_t end =
            ring_ ? block_.channel_end : std::min(line_end, block_.channel_end);
        run_chunk(row, c, end, columns);
        c = end;
      }
      row += strip_.count;
    }
  }

 private:
  [[nodiscard]] std::int64_t last_inside(std::int64_t room) const noexcept {
    return room < 0 ? 0 : room / s_.stride_w + 1;
  }
  [[nodiscard]] std::int32_t clamp_column(std::int64_t column) const noexcept {
    return static_cast<std::int32_t>(std::min<std::int64_t>(column, s_.out_width));
  }

  // Cache lines that the channels of one chunk take in a pixel, in quarters.
  [[nodiscard]] static std::int64_t quarter_lines(std::int64_t pixel_bytes) noexcept {
    if (pixel_bytes < kCacheLine) return std::max<std::int64_t>(4 * pixel_bytes / kCacheLine, 1);
    return pixel_bytes % kCacheLine == 0 ? 4 : 8;
  }
  // Lines of the first cache that `rows` x `columns` of output take, with their input.
  [[nodiscard]] std::int64_t lines(std::int64_t rows, std::int64_t columns) const noexcept {
    const std::int64_t in_rows = (rows - 1) * s_.stride_h + s_.filter_height;
    return (in_rows * columns * s_.stride_w * quarter_lines(strip_.in_pixel) +
            rows * columns * quarter_lines(s_.out_channels)) /
           4;
  }

  // As many output rows as stay in the first cache, with their input, for a line of channels; two
  // at least, since they share input.
  [[nodiscard]] std::int32_t rows_at_once() const noexcept {
    if (!stacked_) return 1;
    std::int32_t rows = 2;
    while (rows + 2 <= kMaxRows && lines(rows + 2, s_.out_width) <= kNearLines) rows += 2;
    return rows;
  }
  // And as many columns, where not even two rows stay: even parts of a row.
  [[nodiscard]] std::int32_t columns_at_once(std::int32_t rows) const noexcept {
    std::int32_t parts = 1, columns = s_.out_width;
    while (columns > kFewestColumns && lines(rows, columns) > kNearLines)
      ++parts, columns = (s_.out_width + parts - 1) / parts;
    return columns;
  }

  void find_rows(std::int64_t batch, std::int64_t y) noexcept {
    const std::int64_t count = std::int64_t{strip_.count - 1} * s_.stride_h + s_.filter_height;
    const std::int64_t row_bytes = std::int64_t{s_.in_width} * strip_.in_pixel;
    const auto* zeros = reinterpret_cast<const std::int8_t*>(args_.scratch);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t at = y * s_.stride_h - s_.pad_top + i * s_.dilation_h;
      const bool inside = at >= 0 && at < s_.in_height;
      const std::int64_t place =
          ring_ ? (at - args_.ring.first_row) % args_.ring.rows : batch * s_.in_height + at;
      rows_[static_cast<std::size_t>(i)] = inside ? pixels_ + place * row_bytes : zeros;
    }
    strip_.rows = rows_.data();
  }

  // The channels of a cache line, part of the columns after part.
  void run_chunk(std::int64_t row, std::int32_t begin, std::int32_t end,
                 std::int32_t columns) noexcept {
    for (std::int32_t x = 0; x < s_.out_width; x += columns)
      for (std::int32_t c = begin; c < end; c += kLanes)
        run_group(row, c, x, std::min(x + columns, s_.out_width));
  }

  void run_group(std::int64_t row, std::int32_t channel, std::int32_t begin,
                 std::int32_t end) noexcept {
    strip_.group = reinterpret_cast<const DepthwiseGroup*>(
        args_.packed + static_cast<std::size_t>(channel / kLanes) * group_bytes_);
    const std::int64_t row_bytes = std::int64_t{s_.out_width} * s_.out_channels;
    std::int8_t* out = static_cast<std::int8_t*>(args_.output) + row * row_bytes;
    const std::int32_t first = std::min(channel, std::max(s_.out_channels, kLanes) - kLanes);
    strip_.channel = first - args_.ring.first_channel;
    if (first >= block_.channel_begin && s_.out_channels >= kLanes) {
      strip_.begin = begin;
      strip_.end = end;
      strip_.out = out + first + std::int64_t{begin} * s_.out_channels;
      strip_.out_pixel = s_.out_channels;
      strip_.out_row = static_cast<ptrdiff_t>(row_bytes);
      function_(strip_);
    } else {
      run_aside(out, channel, row_bytes, begin, end);
    }
  }

  // Writes the channels from `channel` on only: the ones before are another block's.
  void run_aside(std::int8_t* out, std::int32_t channel, std::int64_t row_bytes, std::int32_t begin,
                 std::int32_t end) noexcept {
    alignas(64) std::array<std::int8_t, 2 * kTileColumns * kLanes> tile;
    const std::int32_t count = strip_.count, skip = channel - args_.ring.first_channel -
                                                    static_cast<std::int32_t>(strip_.channel);
    const auto bytes = static_cast<std::size_t>(std::min(kLanes, s_.out_channels) - skip);
    strip_.out = tile.data();
    strip_.out_pixel = kLanes;
    strip_.out_row = kTileColumns * kLanes;
    for (std::int32_t done = 0; done < count; done += 2) {
      strip_.rows = rows_.data() + std::int64_t{done} * s_.stride_h;
      strip_.count = std::min(count - done, 2);
      for (strip_.begin = begin; strip_.begin < end; strip_.begin = strip_.end) {
        strip_.end = std::min(strip_.begin + kTileColumns, end);
        function_(strip_);
        for (std::int32_t y = 0; y < strip_.count; ++y)
          for (std::int32_t x = strip_.begin; x < strip_.end; ++x)
            std::memcpy(out + (done + y) * row_bytes + std::int64_t{x} * s_.out_channels + channel,
                        tile.data() + y * strip_.out_row + (x - strip_.begin) * kLanes + skip,
                        bytes);
      }
    }
    strip_.count = count;
    strip_.rows = rows_.data();
  }

  const DepthwiseArgs& args_;
  const ConvShape& s_;
  const MacBlock& block_;
  const DepthwiseStripFunction function_;
  const std::int8_t* const pixels_;
  const bool ring_;
  const std::size_t group_bytes_;
  const bool stacked_;  // do the windows of successive output rows overlap in one list of rows?
  DepthwiseStrip strip_{};
  std::array<const std::int8_t*, 2 * kMaxRows + kDepthwiseRows> rows_{};
};

}  // namespace

template <std::int32_t kLanes>
void depthwise_walk(const DepthwiseArgs& args, const MacBlock& block, std::size_t group_bytes,
                    DepthwiseStripFunction strip) noexcept {
  assert(block.channel_begin % kLanes == 0);
  Walk<kLanes>(args, block, group_bytes, strip).run();
}

template void depthwise_walk<8>(const DepthwiseArgs&, const MacBlock&, std::size_t,
                                DepthwiseStripFunction) noexcept;
template void depthwise_walk<16>(const DepthwiseArgs&, const MacBlock&, std::size_t,
                                 DepthwiseStripFunction) noexcept;

}  // namespace pinfer
