// SPDX-License-Identifier: Apache-2.0
// Packs weights, bias and multipliers into tiles of output channels; tiles.h has the format.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "runtime/core/checked.h"
#include "runtime/kernels/conv/filter_reader.h"
#include "runtime/kernels/finish.h"

namespace pinfer {
namespace {

constexpr std::int32_t kMostChannels = 64;  // of a tile
constexpr std::int32_t kLanes = 8;
// Unpaired blocks that a new one is tried against.
constexpr std::int32_t kWaiting = 6;
// So many magnitudes of weights, up to 128 + 255 each, add up in 32 bits.
constexpr std::int64_t kCountable = std::int64_t{1} << 23;

struct Counts {
  std::int32_t blocks = 0, halves = 0, quarters = 0;
  [[nodiscard]] std::int32_t all() const { return blocks + halves + quarters; }
};

Counts count_blocks(const FilterReader& reader, std::int32_t first, std::int32_t width) {
  const bool split = reader.splits(first, width);
  const auto count = [&](std::int32_t bytes) {
    std::int32_t total = 0;
    reader.for_parts(bytes, first, width, split, [&](const TapBlock&) { ++total; });
    return total;
  };
  return {count(16), count(8), count(4)};
}

std::int32_t width_of(const FilterReader& reader, std::int32_t first) {
  const ConvTiling& t = reader.tiling;
  const std::int32_t left = std::min(reader.args.shape.out_channels - first, t.channels);
  return (left + t.narrowest - 1) / t.narrowest * t.narrowest;
}

// Fills a tile's counts and places; returns its size.
std::size_t lay_out(const FilterReader& reader, std::int32_t first, const Counts& counts,
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
  Writer(const FilterReader& reader, std::int32_t first, ConvTile& tile)
      : reader_(reader),
        tile_(tile),
        first_(first),
        split_(reader.splits(first, tile.width)),
        bytes_(reinterpret_cast<std::byte*>(&tile)),
        back_(tile.blocks) {}

  void write() {
    for_parts(kBlock, [&](const TapBlock& block) { place(block); });
    while (waiting_count_ > 0) place_single();
    std::int32_t index = tile_.blocks;
    if (reader_.tiling.pair_limit > 0) {
      tile_.pairs = front_ / 2;
      tile_.blocks -= front_;
    }
    std::int64_t at = std::int64_t{kBlock} * index;
    for (const std::int32_t bytes : {8, 4})
      for_parts(bytes, [&](const TapBlock& block) {
        put(index++, at, block);
        at += bytes;
      });
  }

 private:
  // What a block adds to each lane at most, by channel.
  struct Lanes {
    std::uint8_t of[kMostChannels * kLanes];
  };
  struct Waiting {
    TapBlock block;
    Lanes lanes;
  };

  template <class Visit>
  void for_parts(std::int32_t bytes, const Visit& visit) {
    reader_.for_parts(bytes, first_, tile_.width, split_, visit);
  }

  void place(const TapBlock& block) {
    if (reader_.tiling.pair_limit == 0) return put_block(front_++, block);
    Waiting& next = waiting_[waiting_count_];
    next.block = block;
    for (std::int32_t c = 0; c < tile_.width; ++c) {
      std::int8_t w[kBlock];
      reader_.read(first_ + c, block, w);
      for (std::int32_t j = 0; j < kLanes; ++j)
        next.lanes.of[c * kLanes + j] =
            static_cast<std::uint8_t>(std::abs(w[j]) + std::abs(w[j + kLanes]));
    }
    for (std::int32_t i = 0; i < waiting_count_; ++i)
      if (fit(waiting_[i].lanes, next.lanes)) {
        put_block(front_++, waiting_[i].block);
        put_block(front_++, block);
        return drop(i);
      }
    if (++waiting_count_ > kWaiting) place_single();
  }

  [[nodiscard]] bool fit(const Lanes& a, const Lanes& b) const {
    const auto limit = static_cast<std::uint8_t>(reader_.tiling.pair_limit);
    std::uint8_t beyond = 0;
    for (std::int32_t i = 0; i < tile_.width * kLanes; ++i)
      beyond |= static_cast<std::uint8_t>(a.of[i] > static_cast<std::uint8_t>(limit - b.of[i]));
    return beyond == 0;
  }

  // The oldest one stays alone.
  void place_single() {
    put_block(--back_, waiting_[0].block);
    drop(0);
  }
  void drop(std::int32_t i) {
    for (--waiting_count_; i < waiting_count_; ++i) {
      waiting_[i].block = waiting_[i + 1].block;
      std::memcpy(waiting_[i].lanes.of, waiting_[i + 1].lanes.of,
                  static_cast<std::size_t>(tile_.width * kLanes));
    }
  }

  void put_block(std::int32_t index, const TapBlock& block) {
    put(index, std::int64_t{kBlock} * index, block);
  }

  // `at`: taps in front of the block.
  void put(std::int32_t index, std::int64_t at, const TapBlock& block) {
    const std::int32_t offset = reader_.offset(block), width = tile_.width;
    std::memcpy(bytes_ + tile_.offsets + std::int64_t{index} * 4, &offset, sizeof(offset));
    std::byte* to = bytes_ + tile_.weights + at * width;
    const std::int32_t group = std::min(block.bytes, reader_.tiling.k_group);
    if (group == 4 && block.parts == 1 && reader_.together(block)) return put_fours(block, to);
    for (std::int32_t c = 0; c < width; ++c) {
      std::int8_t w[kBlock];
      reader_.read(first_ + c, block, w);
      for (std::int32_t g = 0; g < block.bytes; g += group) {
        std::byte* place = to + std::int64_t{g} * width + std::int64_t{c} * group;
        std::memcpy(place, w + g, static_cast<std::size_t>(group));
      }
    }
  }
  // Most blocks: groups of four weights as the filter has them.
  void put_fours(const TapBlock& block, std::byte* to) const {
    const std::int64_t row = std::int64_t{4} * tile_.width;
    const std::int32_t channels = std::min(tile_.width, reader_.args.shape.out_channels - first_);
    const auto zero = static_cast<std::int8_t>(reader_.args.filter_zero);
    const std::int8_t* from = reader_.bytes_of(first_, block);
    for (std::int32_t c = 0; c < tile_.width; ++c, to += 4, from += reader_.taps) {
      std::int8_t w[kBlock] = {};
      if (c < channels)
        for (std::int32_t i = 0; i < kBlock; ++i) w[i] = static_cast<std::int8_t>(from[i] - zero);
      for (std::int32_t g = 0; g < block.bytes / 4; ++g) std::memcpy(to + g * row, w + 4 * g, 4);
    }
  }

  const FilterReader& reader_;
  ConvTile& tile_;
  std::int32_t first_;
  bool split_;
  std::byte* bytes_;
  std::int32_t front_ = 0, back_;  // blocks placed from the front; first of those at the back
  std::int32_t waiting_count_ = 0;
  Waiting waiting_[kWaiting + 1];
};

LaneScale scale_of(const FilterReader& reader, std::int32_t channel) {
  const ConvArgs& args = reader.args;
  const std::int8_t* w = reader.channel_taps(channel);
  const std::int32_t zero = args.filter_zero;
  std::uint32_t sum = 0, magnitude = 0;  // in 32 bits, which are faster to add up
  for (std::int64_t i = 0; i < reader.taps; ++i) {
    const std::int32_t weight = w[i] - zero;
    sum += static_cast<std::uint32_t>(weight);
    magnitude += static_cast<std::uint32_t>(std::abs(weight));
  }
  const std::int64_t bias =
      args.bias != nullptr ? static_cast<const std::int32_t*>(args.bias)[channel] : 0;
  // Wraps as the sums do.
  return {static_cast<std::int32_t>(static_cast<std::uint32_t>(bias) -
                                    static_cast<std::uint32_t>(args.input_zero) * sum),
          args.multipliers[channel],
          reader.taps > kCountable ? INT64_MAX : std::int64_t{255} * magnitude + std::abs(bias)};
}

ConvFinish finish_of(const FinishChoice& choice, const ConvArgs& args) {
  if (!choice.right()) return ConvFinish::any;
  if (!choice.small()) return ConvFinish::right;
  if (rectifies(args.clamp, args.output_zero)) return ConvFinish::relu;
  const bool whole = args.clamp.low <= -128 && args.clamp.high >= 127;
  return whole ? ConvFinish::linear : ConvFinish::right;
}

void write_params(const FilterReader& reader, std::int32_t first, ConvTile& tile) {
  auto* bias =
      reinterpret_cast<std::int32_t*>(reinterpret_cast<std::byte*>(&tile) + kConvTileParams);
  std::int32_t* mantissa = bias + tile.width;
  std::int32_t* shift = mantissa + tile.width;
  FinishChoice choice;
  for (std::int32_t c = 0; c < tile.width; ++c) {
    bias[c] = mantissa[c] = 0;
    shift[c] = -1;
    if (first + c >= reader.args.shape.out_channels) continue;
    const LaneScale scale = scale_of(reader, first + c);
    bias[c] = scale.bias;
    mantissa[c] = scale.multiplier.mantissa;
    if (mantissa[c] != 0) shift[c] = scale.multiplier.shift;
    choice.see(scale);
  }
  tile.finish = finish_of(choice, reader.args);
}

}  // namespace

std::size_t conv_tiles_bytes(const ConvArgs& args, const ConvTiling& tiling) noexcept {
  const FilterReader reader(args, tiling);
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
  const FilterReader reader(args, tiling);
  const std::int32_t tiles = tile_count(args, tiling);
  auto* places = reinterpret_cast<std::uint64_t*>(packed);
  std::size_t at = table_bytes(tiles);
  for (std::int32_t t = 0; t < tiles; ++t) {
    const std::int32_t first = t * tiling.channels;
    places[t] = at;
    auto* tile = new (packed + at) ConvTile;
    at += lay_out(reader, first, count_blocks(reader, first, width_of(reader, first)), *tile);
    Writer(reader, first, *tile).write();
    write_params(reader, first, *tile);
  }
}

}  // namespace pinfer
