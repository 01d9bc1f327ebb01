// SPDX-License-Identifier: Apache-2.0
// Packs weights, bias and multipliers into tiles of output channels; tiles.h has the format.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/core/checked.h"
#include "runtime/kernels/conv/tiles.h"

namespace pinfer {
namespace {

constexpr std::int32_t kMostChannels = 64;  // of a tile
constexpr std::int32_t kBlock = 16;
constexpr std::int32_t kLanes = 8;
// Unpaired blocks that a new one is tried against.
constexpr std::int32_t kWaiting = 8;

// Part of a run of taps.
struct Block {
  std::int32_t run = 0, at = 0, bytes = 0;
};
// Weights minus zero point of one block: [channel][byte].
struct Values {
  std::int16_t of[kMostChannels][kBlock];
};

// Reads the filter in the order of the windows.
struct Reader {
  const ConvArgs& args;
  const ConvTiling& tiling;
  ConvWindows windows;
  std::int64_t taps = 0;      // of a channel
  std::int32_t run_taps = 0;  // of a run that the micro-kernel sees, without its padding

  Reader(const ConvArgs& a, const ConvTiling& t)
      : args(a), tiling(t), windows(conv_windows(a.shape, t.k_step)) {
    const ConvShape& s = a.shape;
    taps = static_cast<std::int64_t>(s.filter_height) * s.filter_width * s.in_channels;
    run_taps = static_cast<std::int32_t>(taps / windows.k_runs);
  }

  // Does any weight minus zero point need more than one block?
  [[nodiscard]] bool may_split() const {
    return 128 + std::abs(args.filter_zero) > tiling.weight_limit;
  }

  // At most `bytes` values of one channel from byte `at` of a run.
  void read(std::int32_t channel, const Block& block, std::int16_t* to) const {
    const std::int32_t depth = args.shape.in_channels;
    const auto* run = static_cast<const std::int8_t*>(args.filter) + channel * taps +
                      static_cast<std::int64_t>(block.run) * run_taps;
    const auto zero = static_cast<std::int16_t>(args.filter_zero);
    std::memset(to, 0, kBlock * sizeof(*to));
    if (windows.pixel_bytes == depth) {
      const std::int32_t count = std::min(block.bytes, run_taps - block.at);
      for (std::int32_t i = 0; i < count; ++i)
        to[i] = static_cast<std::int16_t>(run[block.at + i] - zero);
      return;
    }
    for (std::int32_t i = 0; i < block.bytes; ++i) {
      const std::int32_t at = block.at + i, lane = at % windows.pixel_bytes;
      if (lane < depth)
        to[i] = static_cast<std::int16_t>(run[at / windows.pixel_bytes * depth + lane] - zero);
    }
  }

  void read(std::int32_t first, std::int32_t width, const Block& block, Values& values) const {
    for (std::int32_t c = 0; c < width; ++c) {
      if (first + c < args.shape.out_channels)
        read(first + c, block, values.of[c]);
      else
        std::memset(values.of[c], 0, sizeof(values.of[c]));
    }
  }

  template <class Visit>
  void for_blocks(std::int32_t bytes, const Visit& visit) const {
    const std::int32_t k = windows.k_bytes;
    for (std::int32_t run = 0; run < windows.k_runs; ++run) {
      if (bytes < kBlock) {
        if ((k & bytes) != 0) visit(Block{run, k & ~(2 * bytes - 1), bytes});
        continue;
      }
      for (std::int32_t at = 0; at + kBlock <= k; at += kBlock) visit(Block{run, at, kBlock});
    }
  }

  [[nodiscard]] std::int32_t offset(const Block& block) const {
    const std::int64_t run = windows.gathered ? 0 : conv_run_offset(args.shape, windows, block.run);
    return static_cast<std::int32_t>(run + block.at);
  }
};

// How often a block is listed so that each weight is a sum of values within the limit.
std::int32_t times(const Values& values, std::int32_t width, std::int32_t limit) {
  std::int32_t most = 0;
  for (std::int32_t c = 0; c < width; ++c)
    for (std::int32_t i = 0; i < kBlock; ++i) {
      // -128 fits where 128 does not.
      const std::int32_t w = values.of[c][i];
      most = std::max(most, limit == 128 && w > 0 ? w + 1 : std::abs(w));
    }
  return std::max(1, (most + limit - 1) / limit);
}

struct Counts {
  std::int32_t blocks = 0, halves = 0, quarters = 0;
  [[nodiscard]] std::int32_t all() const { return blocks + halves + quarters; }
};

Counts count_blocks(const Reader& reader, std::int32_t first, std::int32_t width) {
  const bool split = reader.may_split();
  Values values;
  const auto count = [&](std::int32_t bytes) {
    std::int32_t total = 0;
    reader.for_blocks(bytes, [&](const Block& block) {
      if (!split) {
        ++total;
        return;
      }
      reader.read(first, width, block, values);
      total += times(values, width, reader.tiling.weight_limit);
    });
    return total;
  };
  return {count(16), count(8), count(4)};
}

std::int32_t width_of(const Reader& reader, std::int32_t first) {
  const ConvTiling& t = reader.tiling;
  const std::int32_t left = std::min(reader.args.shape.out_channels - first, t.channels);
  return (left + t.narrowest - 1) / t.narrowest * t.narrowest;
}

// Fills a tile's counts and places; returns its size.
std::size_t lay_out(const Reader& reader, std::int32_t first, const Counts& counts,
                    ConvTile& tile) {
  tile.width = width_of(reader, first);
  tile.blocks = counts.blocks;
  tile.halves = counts.halves;
  tile.quarters = counts.quarters;
  const auto params = static_cast<std::size_t>(tile.width) * 3 * sizeof(std::int32_t);
  const std::size_t offsets = kConvTileParams + params;
  const std::size_t weights = round_up<std::size_t>(
      offsets + static_cast<std::size_t>(counts.all()) * sizeof(std::int32_t), alignof(ConvTile));
  tile.offsets = static_cast<std::int32_t>(offsets);
  tile.weights = static_cast<std::int32_t>(weights);
  const std::int64_t taps =
      std::int64_t{16} * counts.blocks + 8 * counts.halves + std::int64_t{4} * counts.quarters;
  return round_up<std::size_t>(weights + static_cast<std::size_t>(taps * tile.width),
                               alignof(ConvTile));
}

std::int32_t tile_count(const ConvArgs& args, const ConvTiling& tiling) {
  return (args.shape.out_channels + tiling.channels - 1) / tiling.channels;
}
// The places of the tiles stand in front.
std::size_t table_bytes(std::int32_t tiles) {
  return round_up<std::size_t>(static_cast<std::size_t>(tiles) * sizeof(std::uint64_t),
                               alignof(ConvTile));
}

// Writes the blocks of one tile.
class Writer {
 public:
  Writer(const Reader& reader, std::int32_t first, ConvTile& tile)
      : reader_(reader),
        tile_(tile),
        first_(first),
        bytes_(reinterpret_cast<std::byte*>(&tile)),
        front_(0),
        back_(tile.blocks) {}

  void write(std::int64_t* sums) {
    reader_.for_blocks(kBlock, [&](const Block& block) {
      split(block, sums, [&](Block part, const Values& values) { place(part, values); });
    });
    while (waiting_count_ > 0) place_single(0);
    std::int32_t index = tile_.blocks;
    if (reader_.tiling.pair_limit > 0) {
      tile_.pairs = front_ / 2;
      tile_.blocks -= front_;
    }
    std::size_t at = static_cast<std::size_t>(index) * kBlock;
    for (const std::int32_t bytes : {8, 4})
      reader_.for_blocks(bytes, [&](const Block& block) {
        split(block, sums, [&](Block part, const Values& values) {
          put(index++, at, part, values);
          at += static_cast<std::size_t>(bytes);
        });
      });
  }

 private:
  struct Waiting {
    Block block;
    Values values;
    std::uint16_t lanes[kMostChannels][kLanes];
  };

  // Calls emit(block, values) as often as the limit asks for; adds the values to the sums.
  template <class Emit>
  void split(const Block& block, std::int64_t* sums, const Emit& emit) {
    Values values;
    reader_.read(first_, tile_.width, block, values);
    for (std::int32_t c = 0; c < tile_.width; ++c)
      for (std::int32_t i = 0; i < kBlock; ++i) sums[c] += values.of[c][i];
    if (!reader_.may_split()) return emit(block, values);
    const std::int32_t limit = reader_.tiling.weight_limit;
    const auto high = static_cast<std::int16_t>(std::min(limit, 127));
    const auto low = static_cast<std::int16_t>(-limit);
    for (std::int32_t n = times(values, tile_.width, limit); n > 0; --n) {
      Values part;
      for (std::int32_t c = 0; c < tile_.width; ++c)
        for (std::int32_t i = 0; i < kBlock; ++i) {
          part.of[c][i] = std::clamp(values.of[c][i], low, high);
          values.of[c][i] = static_cast<std::int16_t>(values.of[c][i] - part.of[c][i]);
        }
      emit(block, part);
    }
  }

  void place(const Block& block, const Values& values) {
    if (reader_.tiling.pair_limit == 0) return put_block(front_++, block, values);
    Waiting next{block, values, {}};
    for (std::int32_t c = 0; c < tile_.width; ++c)
      for (std::int32_t j = 0; j < kLanes; ++j)
        next.lanes[c][j] = static_cast<std::uint16_t>(std::abs(values.of[c][j]) +
                                                      std::abs(values.of[c][j + kLanes]));
    for (std::int32_t i = 0; i < waiting_count_; ++i)
      if (fit(waiting_[i], next)) {
        put_block(front_++, waiting_[i].block, waiting_[i].values);
        put_block(front_++, block, values);
        return drop(i);
      }
    if (waiting_count_ == kWaiting) place_single(0);
    waiting_[waiting_count_++] = next;
  }

  [[nodiscard]] bool fit(const Waiting& a, const Waiting& b) const {
    std::int32_t most = 0;
    for (std::int32_t c = 0; c < tile_.width; ++c)
      for (std::int32_t j = 0; j < kLanes; ++j)
        most = std::max<std::int32_t>(most, a.lanes[c][j] + b.lanes[c][j]);
    return most <= reader_.tiling.pair_limit;
  }

  void place_single(std::int32_t i) {
    put_block(--back_, waiting_[i].block, waiting_[i].values);
    drop(i);
  }
  void drop(std::int32_t i) {
    for (--waiting_count_; i < waiting_count_; ++i) waiting_[i] = waiting_[i + 1];
  }

  void put_block(std::int32_t index, const Block& block, const Values& values) {
    put(index, static_cast<std::size_t>(index) * kBlock, block, values);
  }

  // `at`: taps in front of the block.
  void put(std::int32_t index, std::size_t at, const Block& block, const Values& values) {
    const std::int32_t offset = reader_.offset(block), width = tile_.width;
    std::memcpy(bytes_ + tile_.offsets + static_cast<std::size_t>(index) * sizeof(offset), &offset,
                sizeof(offset));
    auto* to = reinterpret_cast<std::int8_t*>(bytes_ + tile_.weights) +
               at * static_cast<std::size_t>(width);
    const std::int32_t group = std::min(block.bytes, reader_.tiling.k_group);
    for (std::int32_t g = 0; g < block.bytes; g += group)
      for (std::int32_t c = 0; c < width; ++c)
        for (std::int32_t i = 0; i < group; ++i)
          *to++ = static_cast<std::int8_t>(values.of[c][g + i]);
  }

  const Reader& reader_;
  ConvTile& tile_;
  std::int32_t first_;
  std::byte* bytes_;
  std::int32_t front_, back_;  // blocks placed from the front (pairs), first of those at the back
  std::int32_t waiting_count_ = 0;
  Waiting waiting_[kWaiting];
};

void write_params(const ConvArgs& args, std::int32_t first, const std::int64_t* sums,
                  ConvTile& tile) {
  auto* bias =
      reinterpret_cast<std::int32_t*>(reinterpret_cast<std::byte*>(&tile) + kConvTileParams);
  std::int32_t* mantissa = bias + tile.width;
  std::int32_t* shift = mantissa + tile.width;
  tile.right_shifts = 1;
  for (std::int32_t c = 0; c < tile.width; ++c) {
    bias[c] = mantissa[c] = 0;
    shift[c] = -1;
    const std::int32_t channel = first + c;
    if (channel >= args.shape.out_channels) continue;
    const auto given =
        args.bias != nullptr ? static_cast<const std::int32_t*>(args.bias)[channel] : 0;
    bias[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(given) -
                                        static_cast<std::uint32_t>(args.input_zero) *
                                            static_cast<std::uint32_t>(sums[c]));
    mantissa[c] = args.multipliers[channel].mantissa;
    shift[c] = args.multipliers[channel].shift;
    if (shift[c] >= 0) tile.right_shifts = 0;
  }
}

}  // namespace

std::size_t conv_tiles_bytes(const ConvArgs& args, const ConvTiling& tiling) noexcept {
  const Reader reader(args, tiling);
  const std::int32_t tiles = tile_count(args, tiling);
  std::size_t bytes = table_bytes(tiles);
  for (std::int32_t t = 0; t < tiles; ++t) {
    const std::int32_t first = t * tiling.channels;
    ConvTile tile;
    bytes += lay_out(reader, first, count_blocks(reader, first, width_of(reader, first)), tile);
  }
  return bytes;
}

void pack_conv_tiles(const ConvArgs& args, const ConvTiling& tiling, std::byte* packed) noexcept {
  const Reader reader(args, tiling);
  const std::int32_t tiles = tile_count(args, tiling);
  auto* places = reinterpret_cast<std::uint64_t*>(packed);
  std::size_t at = table_bytes(tiles);
  for (std::int32_t t = 0; t < tiles; ++t) {
    const std::int32_t first = t * tiling.channels;
    places[t] = at;
    auto* tile = new (packed + at) ConvTile;
    at += lay_out(reader, first, count_blocks(reader, first, width_of(reader, first)), *tile);
    std::int64_t sums[kMostChannels] = {};
    Writer(reader, first, *tile).write(sums);
    write_params(args, first, sums, *tile);
  }
}

}  // namespace pinfer
