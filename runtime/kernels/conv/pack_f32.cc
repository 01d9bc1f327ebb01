// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv/pack_f32.h"

#include <algorithm>

namespace pinfer {
namespace {

std::int64_t taps_of(const ConvShape& s) noexcept {
  return std::int64_t{s.filter_height} * s.filter_width * s.in_channels;
}

}  // namespace

std::ptrdiff_t conv_f32_tile_floats(const ConvShape& shape) noexcept {
  return static_cast<std::ptrdiff_t>((taps_of(shape) + 1) * kConvFloatTile);
}

std::size_t conv_f32_packed_bytes(const ConvArgs& args) noexcept {
  const std::ptrdiff_t tiles = (args.shape.out_channels + kConvFloatTile - 1) / kConvFloatTile;
  return static_cast<std::size_t>(tiles * conv_f32_tile_floats(args.shape)) * sizeof(float);
}

void conv_f32_pack(const ConvArgs& args, std::byte* packed) noexcept {
  const std::int64_t taps = taps_of(args.shape);
  const auto* filter = static_cast<const float*>(args.filter);
  const auto* bias = static_cast<const float*>(args.bias);
  auto* to = reinterpret_cast<float*>(packed);
  for (std::int32_t first = 0; first < args.shape.out_channels; first += kConvFloatTile) {
    const std::int32_t channels = std::min(args.shape.out_channels - first, kConvFloatTile);
    std::fill_n(to, conv_f32_tile_floats(args.shape), 0.0f);
    for (std::int32_t c = 0; c < channels; ++c) {
      if (bias != nullptr) to[c] = bias[first + c];
      const float* from = filter + (first + c) * taps;
      float* at = to + kConvFloatTile + c;
      for (std::int64_t i = 0; i < taps; ++i, at += kConvFloatTile) *at = from[i];
    }
    to += conv_f32_tile_floats(args.shape);
  }
}

bool conv_f32_suits(const ConvShape& shape) noexcept { return shape.groups == 1; }

}  // namespace pinfer
