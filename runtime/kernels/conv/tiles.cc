// SPDX-License-Identifier: Apache-2.0
// The driver of packed convolutions: strips of pixels times tiles of channels.
#include "runtime/kernels/conv/tiles.h"

#include <algorithm>
#include <cstring>

namespace pinfer {
namespace {

// Input and results of a strip: half an L1 of 32 KiB; the weights of the tile take the other half.
constexpr std::int32_t kStripBytes = 16384;
constexpr std::int32_t kStripPixels = 192;
// From here on each strip brings so many weights that a strip less is worth more than room for the
// results.
constexpr std::int64_t kFewTaps = 256;
constexpr std::int32_t kCopy = 16;

struct Source {
  const std::int8_t* begin = nullptr;
  const std::int8_t* end = nullptr;
};

Source source_of(const ConvArgs& args, const ConvWindows& w) {
  const auto* begin = static_cast<const std::int8_t*>(args.input);
  if (w.arranged) begin = reinterpret_cast<const std::int8_t*>(args.scratch);
  // Scratch has slack behind it.
  return {begin, begin + args.shape.batches * w.rows * w.row_bytes + (w.arranged ? kCopy : 0)};
}

// Where the windows of pixels [first, first + count) start.
void find_windows(const ConvShape& s, const ConvWindows& w, const std::int8_t* source,
                  std::int64_t first, std::int32_t count, const std::int8_t** pixels) {
  const std::int64_t row = first / s.out_width;
  auto x = static_cast<std::int32_t>(first % s.out_width);
  auto y = static_cast<std::int32_t>(row % s.out_height);
  const std::int64_t step = static_cast<std::int64_t>(s.stride_w) * w.pixel_bytes;
  // In a chain, most of a net's pixels pass here several times.
  if (s.stride_h == 1 && w.row_bytes == step * s.out_width && w.rows == s.out_height) {
    source += first * step;
    for (std::int64_t i = 0; i < count; ++i) pixels[i] = source + i * step;
    return;
  }
  const std::int8_t* image = source + row / s.out_height * w.rows * w.row_bytes;
  for (std::int32_t i = 0; i < count;) {
    const std::int8_t* at = image + static_cast<std::int64_t>(y) * s.stride_h * w.row_bytes +
                            static_cast<std::int64_t>(x) * step;
    const std::int32_t end = std::min(count, i + s.out_width - x);
    for (; i < end; ++i, at += step) pixels[i] = at;
    x = 0;
    if (++y < s.out_height) continue;
    y = 0;
    image += w.rows * w.row_bytes;
  }
}

// The runs of a window, by value: the bytes that are written might be a shape's for all that the
// compiler knows.
struct Runs {
  std::int32_t lines = 1, a_line = 1;        // of a_line runs each
  std::int32_t bytes = 1;                    // of a run
  std::int64_t line_step = 0, run_step = 0;  // from one to the next, in the source
};

// One window to a row. `steps`: in steps of kCopy; what a step writes beyond its run is overwritten
// by the next run, or has weight 0.
void gather_window(Runs runs, bool steps, const std::int8_t* window, std::int8_t* to) {
  for (std::int32_t line = 0; line < runs.lines; ++line, window += runs.line_step) {
    const std::int8_t* from = window;
    for (std::int32_t run = 0; run < runs.a_line; ++run, from += runs.run_step) {
      if (steps) {
        for (std::int32_t k = 0; k < runs.bytes; k += kCopy) std::memcpy(to + k, from + k, kCopy);
      } else {
        std::memcpy(to, from, static_cast<std::size_t>(runs.bytes));
      }
      to += runs.bytes;
    }
  }
}

// Windows of single runs of up to kCopy bytes, the first layer of most nets: a step a line.
// kLines 0: any number.
template <std::int32_t kLines>
void gather_lines(Runs runs, std::int32_t count, const std::int8_t** pixels, std::int8_t* rows,
                  std::int32_t row_bytes) {
  const std::int32_t lines = kLines == 0 ? runs.lines : kLines;
  for (std::int32_t i = 0; i < count; ++i, rows += row_bytes) {
    const std::int8_t* window = pixels[i];
    std::int8_t* to = rows;
    pixels[i] = rows;
    for (std::int32_t line = 0; line < lines; ++line) {
      std::memcpy(to, window, kCopy);
      to += runs.bytes;
      window += runs.line_step;
    }
  }
}

// Copies each window to a row of its own.
void gather(const ConvShape& s, const ConvWindows& w, const Source& source, std::int32_t count,
            const std::int8_t** pixels, std::int8_t* rows) {
  const Runs runs{.lines = s.filter_height,
                  .a_line = w.runs_per_row,
                  .bytes = w.run_bytes,
                  .line_step = s.dilation_h * w.row_bytes,
                  .run_step = static_cast<std::int64_t>(s.dilation_w) * w.pixel_bytes};
  const std::int64_t copied = (w.run_bytes + kCopy - 1) / kCopy * kCopy;
  const std::int64_t last = conv_run_offset(s, w, w.runs - 1) + copied;  // of a copy in steps
  const std::int32_t row_bytes = w.k_bytes;
  // Windows follow each other: only those of the last pixels may lie too close to the end.
  std::int32_t roomy = count;
  while (roomy > 0 && source.end - pixels[roomy - 1] < last) --roomy;
  std::int32_t done = 0;
  if (runs.a_line == 1 && runs.bytes <= kCopy) {
    const auto gather_all = runs.lines == 3 ? gather_lines<3> : gather_lines<0>;
    gather_all(runs, roomy, pixels, rows, row_bytes);
    done = roomy;
  }
  rows += static_cast<std::ptrdiff_t>(done) * row_bytes;
  for (std::int32_t i = done; i < count; ++i, rows += row_bytes) {
    gather_window(runs, i < roomy, pixels[i], rows);
    pixels[i] = rows;
  }
}

// Pixels of a strip: equal strips, multiples of the tile but for the last one, which takes those of
// a tile that is not whole too.
std::int32_t strip_pixels(const ConvArgs& args, const ConvWindows& w, const ConvTiling& tiling,
                          std::int64_t count) {
  const ConvShape& s = args.shape;
  // Windows of neighbours overlap; a row of the filter is what each adds.
  const std::int64_t lines = std::min(s.filter_height, s.stride_h);
  const std::int64_t each = w.gathered ? w.k_bytes
                                       : std::min<std::int64_t>(s.stride_w, s.filter_width) *
                                             std::max<std::int64_t>(lines, 1) * w.pixel_bytes;
  // The results of a tile lie in one or two lines of each pixel, which the next tiles write again.
  const std::int32_t results = args.ring.rows > 0 ? args.ring.pixel_bytes : s.out_channels;
  const std::int64_t near = each + (each < kFewTaps ? std::min(results, kCacheLine * 3 / 2) : 0);
  const std::int64_t fit =
      std::clamp<std::int64_t>(kStripBytes / near, tiling.rows, kStripPixels - 2 * tiling.rows);
  const std::int64_t tiles = std::max<std::int64_t>(count / tiling.rows, 1);
  const std::int64_t strips = (tiles * tiling.rows + fit - 1) / fit;
  return static_cast<std::int32_t>((tiles + strips - 1) / strips * tiling.rows);
}

// Where the results of pixel `row` go, from channel 0 on; with a ring, from its first one.
std::int8_t* results_of(const ConvArgs& args, std::int64_t row) {
  auto* output = static_cast<std::int8_t*>(args.output);
  if (args.ring.rows == 0) return output + row * args.shape.out_channels;
  const std::int64_t width = args.shape.out_width;
  const std::int64_t place = (row - args.ring.first_row * width) % (args.ring.rows * width);
  return output + place * args.ring.pixel_bytes;
}

}  // namespace

void run_conv_tiles(const ConvArgs& args, const MacBlock& block, const ConvTiling& tiling,
                    ConvTileRun run) noexcept {
  if (block.row_begin >= block.row_end || block.channel_begin >= block.channel_end) return;
  const ConvShape& s = args.shape;
  const ConvWindows w = conv_windows(s, tiling.k_step);
  const Source source = source_of(args, w);
  // Gathered windows: a strip rounded up to a tile, plus what a copy writes beyond.
  alignas(64) std::int8_t rows[kStripBytes + 16 * 1024];
  const std::int8_t* pixels[kStripPixels];
  const auto* tiles = reinterpret_cast<const std::uint64_t*>(args.packed);
  const std::int32_t most = strip_pixels(args, w, tiling, block.row_end - block.row_begin);
  ConvStrip strip;
  strip.pixels = pixels;
  strip.output_stride = args.ring.rows > 0 ? args.ring.pixel_bytes : s.out_channels;
  strip.output_zero = args.output_zero;
  strip.clamp = args.clamp;
  const std::int32_t first_tile = block.channel_begin / tiling.channels;
  for (std::int64_t row = block.row_begin; row < block.row_end; row += strip.count) {
    const std::int64_t left = block.row_end - row;
    strip.count = static_cast<std::int32_t>(left < most + tiling.rows ? left : most);
    find_windows(s, w, source.begin, row, strip.count, pixels);
    if (w.gathered) gather(s, w, source, strip.count, pixels, rows);
    std::int8_t* output = results_of(args, row);
    const std::uint64_t* tile = tiles + first_tile;
    for (std::int32_t channel = block.channel_begin; channel < block.channel_end;
         channel += tiling.channels, ++tile) {
      strip.tile = reinterpret_cast<const ConvTile*>(args.packed + *tile);
      strip.channels = std::min(tiling.channels, block.channel_end - channel);
      strip.output = output + (channel - args.ring.first_channel);
      run(strip);
    }
  }
}

}  // namespace pinfer
